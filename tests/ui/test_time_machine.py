"""The policy time machine on screen: rules as a table, a replay, and a change with a date."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.membership_types import list_types
from lib.catalogue.queries import kinds
from lib.circulation.policy import DEFAULTS
from lib.circulation.policy_changes import ProposedLine, add_change, policy_changes, policy_state
from lib.circulation.policy_sets import PolicyLineRow
from lib.circulation.rules import save_line
from lib.ui.time_machine_plan import differences
from lib.ui.time_machine_rules import HEADS, WHAT, WHO, Names, names_of, proposed_lines
from tests.builders import a_loan, a_member, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, read, somebody_called

PAGE = "admin/time_machine.py"
TODAY = date(2026, 3, 10)
SessionOf = Callable[[Role], int]


def lend(library: Installation, many: int = 6) -> None:
    """Loans of as many readers, each nine days late."""
    for _ in range(many):
        back = library.clock.now() - timedelta(days=30)
        a_loan(library, a_member(library), days_ago=60, returned_at=back, returned_on=back.date(), fine_settled=90)


def plan(library: Installation, day: date, **values: int) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        lines = [ProposedLine(None, None, dict(DEFAULTS) | values)]
        add_change(uow, holds_from=day, lines=lines, note="For the summer", seen_mark=policy_state(uow).mark)


def test_without_loans_it_says_so_and_rules_can_still_be_planned(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert "Nothing has been lent yet" in read(at)
    assert "Replay these loans" not in labels(at)
    assert "Save with this date" in labels(at)


def test_a_replay_tells_what_would_have_changed(served: Installation, session_of: SessionOf) -> None:
    lend(served)
    plan(served, TODAY + timedelta(days=30), loan_days=28)
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.selectbox(key="start-from").select_index(1).run()
    button(at, "Replay these loans").click().run()
    assert not at.exception
    tiles = {metric.label: metric.value for metric in at.metric}
    assert (tiles["Due later"], tiles["Overdue loans"], tiles["Fines"]) == ("6", "6", "€1.20")
    assert "6 loans of 6 known readers" in read(at)
    assert "Something would change for 6 readers." in read(at)
    html = html_of(at)
    assert "7 days later" in html
    assert "€5.40" in html
    at.radio(key="replay-measure").set_value(at.radio(key="replay-measure").options[1])
    at.run()
    assert not at.exception
    at.radio(key="behaviour").set_value(at.radio(key="behaviour").options[1])
    at.run()
    assert "were changed since this replay" in read(at)


def test_few_readers_are_not_shown(served: Installation, session_of: SessionOf) -> None:
    lend(served, 4)
    at = at_page(session_of(Role.ADMIN), PAGE)
    button(at, "Replay these loans").click().run()
    assert "fewer than five readers" in read(at)
    assert not at.metric


def test_rules_are_saved_with_a_date_and_taken_back(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    button(at, "Save with this date").click().run()
    assert "Choose the day" in read(at)
    day = TODAY + timedelta(days=20)
    at.date_input(key="holds-from").set_value(day)
    button(at, "Save with this date").click().run()
    assert "hold from" in read(at)
    with begin_reading(served, an_admin(served)) as uow:
        (row,) = policy_changes(uow).rows
    assert row.holds_from == day
    at.button(key=f"cancel-{row.id}").click().run()
    assert "was taken back" in read(at)
    with begin_reading(served, an_admin(served)) as uow:
        assert policy_state(uow).planned == ()


def _names(library: Installation) -> Names:
    with begin_reading(library, an_admin(library)) as uow:
        return names_of(list_types(uow, retired=True), kinds(uow))


def test_the_table_becomes_lines_and_empty_cells_stay_unset(served: Installation) -> None:
    names = _names(served)
    student = next(name for name, number in names.types.items() if number and "tudent" in name)
    row = dict.fromkeys((WHO, WHAT, *HEADS.values()), None)
    table = pd.DataFrame([
        row | {WHO: student, WHAT: "Everything", "Loan days": 14, "Fine a day": 0.15},
        row | {WHO: "Everybody", WHAT: "Everything", "Highest fine": 4.35},
        row,
    ])  # fmt: skip
    assert proposed_lines(table, names) == [
        ProposedLine(names.types[student], None, {"loan_days": 14, "fine_per_day": 15}),
        ProposedLine(None, None, {"fine_cap": 435}),
    ]


def test_types_of_one_name_are_told_apart() -> None:
    class Row:
        def __init__(self, number: int, name: str) -> None:
            self.id, self.name = number, name

    names = names_of([Row(1, "Pupil"), Row(2, "Pupil"), Row(3, "Everybody")], [])  # type: ignore[list-item]
    assert names.types == {"Everybody": None, "Pupil": 1, "Pupil (2)": 2, "Everybody (3)": 3}


def test_differences_are_counted_by_value() -> None:
    now = [PolicyLineRow(1, None, "any", None, "any", {"loan_days": 21, "max_loans": 5}, 1)]
    lines = [ProposedLine(None, None, {"loan_days": 28, "max_loans": 5}), ProposedLine(1, None, {"max_loans": 9})]
    assert differences(now, lines) == 2
    assert differences(now, []) == 2


def test_the_policy_page_says_what_is_planned(served: Installation, session_of: SessionOf) -> None:
    plan(served, TODAY + timedelta(days=30), loan_days=28)
    with begin_work(served, an_admin(served)) as uow:
        save_line(uow, 1, None, {"max_loans": 3})
    at = at_page(session_of(Role.ADMIN), "admin/policy.py")
    assert "9 April 2026" in read(at)


def test_a_reader_sees_why_a_loan_is_due_then(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    a_loan(served, somebody_called(served, "member"))
    at = at_page(session, "member/my_library.py")
    at.selectbox(key="why-due").select_index(0).run()
    assert "It was lent on 10 March 2026 for 21 days" in read(at).replace("\\", "")
    assert "So it is due on Tuesday, 31 March 2026" in read(at)
