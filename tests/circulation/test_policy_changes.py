"""A policy planned ahead: it holds from its day by the date alone, and folding it into the table changes nothing."""

import threading
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.errors import ChangeArrived, ChangeTakenBack, DayHasChange, PolicyMoved
from lib.circulation.policy import DEFAULTS
from lib.circulation.policy_changes import (
    ChangeState,
    PolicyState,
    ProposedLine,
    add_change,
    cancel_change,
    fold_changes,
    policy_changes,
    policy_state,
)
from lib.circulation.rules import delete_line, policy_lines, rule_for, save_line
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, RuleBroken, StaleEdit
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_member, an_admin
from tests.circulation.steps import issue, rows

TODAY = date(2026, 3, 10)
MAY = date(2026, 5, 1)
GENERAL = ProposedLine(None, None, dict(DEFAULTS) | {"loan_days": 28})
STUDENTS = ProposedLine(1, None, {"loan_days": 7})


def _state(library: Installation, admin: Actor) -> PolicyState:
    with begin_reading(library, admin) as uow:
        return policy_state(uow)


def _plan(
    library: Installation, day: date = MAY, lines: Iterable[ProposedLine] = (GENERAL, STUDENTS),
    *, admin: Actor | None = None, mark: str | None = None, key: str | None = None,
) -> int:  # fmt: skip
    who = admin or an_admin(library)
    seen = mark or _state(library, who).mark
    with begin_work(library, who) as uow:
        return add_change(uow, holds_from=day, lines=lines, note="New year, new rules", seen_mark=seen, key=key)


def _days(library: Installation, type_id: int | None = 1) -> int:
    with begin_reading(library, an_admin(library)) as uow:
        return rule_for(uow, type_id, 1).loan_days


def _go_to(clock: SetClock, day: date) -> None:
    clock.forward(timedelta(days=(day - clock.now().date()).days))


def _fold(library: Installation) -> int:
    with begin_work(library, SYSTEM) as uow:
        return fold_changes(uow)


def test_a_planned_set_holds_from_its_day_by_the_date_alone(library: Installation, clock: SetClock) -> None:
    _plan(library)
    assert (_days(library), _days(library, 2)) == (21, 21)
    _go_to(clock, MAY - timedelta(days=1))
    assert _days(library) == 21
    _go_to(clock, MAY)
    assert (_days(library), _days(library, 2)) == (7, 28)


def test_loans_made_before_its_day_keep_their_numbers(library: Installation, clock: SetClock) -> None:
    desk, reader = a_librarian(library), a_member(library, type_code="student")
    _plan(library)
    before = issue(library, desk, a_copy(library), reader)
    _go_to(clock, TODAY + timedelta(days=1))
    assert rows(library, f"SELECT loan_days FROM loan WHERE id = {before.loan_id}") == [(21,)]
    _go_to(clock, MAY)
    after = issue(library, desk, a_copy(library), a_member(library))
    assert rows(library, "SELECT loan_days FROM loan ORDER BY id")[0] == (21,)
    assert after.due_on > MAY


def test_folding_changes_nothing_that_holds_and_a_second_run_nothing_at_all(
    library: Installation, clock: SetClock
) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        save_line(uow, 2, None, {"max_loans": 9})  # not in the planned set: gone from its day on
    _plan(library)
    assert _fold(library) == 0
    _go_to(clock, MAY)
    with begin_reading(library, admin) as uow:
        before = [(line.pair, dict(line.values), line.version) for line in policy_lines(uow)]
        rules = [rule_for(uow, type_id, 1) for type_id in (None, 1, 2)]
    assert _fold(library) == 1
    assert _fold(library) == 0
    with begin_reading(library, admin) as uow:
        assert [(line.pair, dict(line.values), line.version) for line in policy_lines(uow)] == before
        assert [rule_for(uow, type_id, 1) for type_id in (None, 1, 2)] == rules
        assert all(line.id > 0 for line in policy_lines(uow))
        assert findings(uow) == ()
    assert rows(library, "SELECT count(*) FROM policy_rule") == [(2,)]
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'policy.fold'") == [(1,)]


def test_of_two_sets_whose_days_have_come_the_later_one_holds(library: Installation, clock: SetClock) -> None:
    _plan(library, MAY)
    _plan(library, MAY + timedelta(days=10), [ProposedLine(None, None, dict(DEFAULTS) | {"loan_days": 3})])
    _go_to(clock, MAY + timedelta(days=9))
    assert _days(library, 2) == 28
    _go_to(clock, MAY + timedelta(days=10))
    assert _days(library, 2) == 3
    assert _fold(library) == 2
    assert _days(library, 2) == 3


def test_a_set_that_holds_today_holds_at_once(library: Installation) -> None:
    _plan(library, TODAY)
    assert _days(library) == 7


def test_a_change_taken_back_before_its_day_never_holds(library: Installation, clock: SetClock) -> None:
    number, admin = _plan(library), an_admin(library)
    with begin_work(library, admin) as uow:
        cancel_change(uow, number)
    _go_to(clock, MAY)
    assert _days(library) == 21
    assert _fold(library) == 0
    with (
        pytest.raises(ChangeTakenBack, match=r"taken back already, on 10 March 2026"),
        begin_work(library, admin) as uow,
    ):
        cancel_change(uow, number)
    _go_to(clock, TODAY)
    _plan(library)  # the day is free again
    actions = [row[0] for row in rows(library, "SELECT action FROM audit ORDER BY id")]
    assert actions == ["policy.plan", "policy.cancel-plan", "policy.plan"]


def test_a_change_whose_day_has_come_is_not_taken_back(library: Installation, clock: SetClock) -> None:
    number, admin = _plan(library), an_admin(library)
    _go_to(clock, MAY)
    with pytest.raises(ChangeArrived), begin_work(library, admin) as uow:
        cancel_change(uow, number)
    with pytest.raises(NotFound), begin_work(library, admin) as uow:
        cancel_change(uow, 10**6)
    assert _days(library) == 7


def test_one_change_a_day(library: Installation) -> None:
    _plan(library)
    with pytest.raises(DayHasChange) as refusal:
        _plan(library)
    assert "from 1 May 2026" in str(refusal.value)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=3661)])
def test_a_change_holds_from_today_on_within_ten_years(sqlite_library: Installation, day: date) -> None:
    with pytest.raises(Invalid) as refusal:
        _plan(sqlite_library, day)
    assert [fault.field for fault in refusal.value.faults] == ["holds_from"]


def test_who_started_from_an_older_policy_overwrites_nothing(library: Installation) -> None:
    admin = an_admin(library)
    seen = _state(library, admin).mark
    with begin_work(library, admin) as uow:
        save_line(uow, 2, None, {"max_loans": 9})
    with pytest.raises(StaleEdit):
        _plan(library, mark=seen)
    fresh = _state(library, admin).mark
    _plan(library, mark=fresh)
    with pytest.raises(StaleEdit):
        _plan(library, MAY + timedelta(days=1), mark=fresh)
    assert rows(library, "SELECT count(*) FROM policy_change") == [(1,)]


def test_an_old_mark_is_told_who_changed_the_policy_last_and_when(library: Installation, clock: SetClock) -> None:
    ada, bo = an_admin(library, name="Ada Adler"), an_admin(library, name="Bo Berg")
    seen = _state(library, ada).mark
    with begin_work(library, ada) as uow:
        save_line(uow, 2, None, {"max_loans": 9})
    at = clock.now()
    clock.forward(timedelta(days=2))
    with pytest.raises(PolicyMoved, match=r"last by yourself on 10 March 2026") as own:
        _plan(library, admin=ada, mark=seen)
    assert (own.value.code, own.value.facts["changed_at"]) == ("stale-edit", at)
    with pytest.raises(PolicyMoved, match=r"last by Ada Adler on 10 March 2026"):
        _plan(library, admin=bo, mark=seen)


def test_an_old_mark_is_told_that_a_planned_day_has_come(library: Installation, clock: SetClock) -> None:
    _plan(library)
    admin = an_admin(library)
    seen = _state(library, admin).mark
    _go_to(clock, MAY)
    with pytest.raises(PolicyMoved, match=r"last by the library on 1 May 2026"):
        _plan(library, MAY + timedelta(days=1), admin=admin, mark=seen)
    _fold(library)
    with pytest.raises(PolicyMoved, match=r"last by the library on 1 May 2026"):
        _plan(library, MAY + timedelta(days=1), admin=admin, mark=seen)


def test_two_admins_who_save_at_once_do_not_both_get_through(library: Installation) -> None:
    admins = [an_admin(library) for _ in range(4)]
    seen, told = _state(library, admins[0]).mark, []
    start = threading.Barrier(len(admins))

    def save(place: int) -> None:
        start.wait()
        try:
            _plan(library, MAY + timedelta(days=place), admin=admins[place], mark=seen)
            told.append("saved")
        except StaleEdit:
            told.append("stale")

    desks = [threading.Thread(target=save, args=(place,)) for place in range(len(admins))]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(60)
    assert sorted(told) == ["saved", "stale", "stale", "stale"]


def test_the_same_click_twice_plans_once(library: Installation) -> None:
    admin = an_admin(library)
    seen = _state(library, admin).mark
    first = _plan(library, admin=admin, mark=seen, key="one click")
    assert _plan(library, admin=admin, mark=seen, key="one click") == first


def test_every_fault_of_a_set_is_named_at_once(library: Installation) -> None:
    lines = [ProposedLine(1, None, {"loan_days": 0}), STUDENTS, ProposedLine(999, None, {"max_loans": 3})]
    with pytest.raises(Invalid) as refusal:
        _plan(library, lines=lines)
    assert [fault.field for fault in refusal.value.faults] == ["lines.1.loan_days", "lines.2", "lines", "lines"]
    assert "Line 1, loan days: Give a whole number from 1 to 3650." in str(refusal.value)
    with pytest.raises(Invalid):
        _plan(library, lines=[GENERAL] * 501)


def test_a_line_is_edited_between_the_day_and_the_night_that_folds(library: Installation, clock: SetClock) -> None:
    _plan(library)
    _go_to(clock, MAY)
    admin = an_admin(library)
    with begin_reading(library, admin) as uow:
        general, students = policy_lines(uow)
    assert students.id < 0
    with begin_work(library, admin) as uow:
        save_line(uow, 1, None, {"loan_days": 5}, seen_version=students.version)
    assert _days(library) == 5
    with pytest.raises(StaleEdit), begin_work(library, admin) as uow:
        save_line(uow, None, None, dict(DEFAULTS), seen_version=general.version + 1)
    assert _fold(library) == 0


def test_a_line_is_taken_out_between_the_day_and_the_night_that_folds(library: Installation, clock: SetClock) -> None:
    _plan(library)
    _go_to(clock, MAY)
    admin = an_admin(library)
    with begin_reading(library, admin) as uow:
        students = policy_lines(uow)[1]
    with pytest.raises(StaleEdit), begin_work(library, admin) as uow:
        delete_line(uow, students.id, seen_version=students.version + 1)
    with begin_work(library, admin) as uow:
        delete_line(uow, students.id, seen_version=students.version)
    assert _days(library) == 28


def test_changes_are_listed_with_their_lines_and_where_they_stand(library: Installation, clock: SetClock) -> None:
    admin = an_admin(library, name="Ada Adler")
    for month in (4, 5, 6, 7):
        _plan(library, date(2026, month, 1), admin=admin)
    with begin_work(library, admin) as uow:
        cancel_change(uow, max(row.id for row in policy_changes(uow).rows))
    _go_to(clock, MAY)
    with begin_reading(library, admin) as uow:
        found, state = policy_changes(uow), policy_state(uow)
    assert [row.state for row in found.rows] == [
        ChangeState.CANCELLED, ChangeState.PLANNED, ChangeState.IN_FORCE, ChangeState.PAST,
    ]  # fmt: skip
    assert [line.item_kind for line in found.rows[1].lines] == ["any", "any"]
    assert (found.rows[1].made_by, found.rows[1].note) == ("Ada Adler", "New year, new rules")
    assert [row.holds_from for row in state.planned] == [date(2026, 6, 1)]
    assert [line.pair for line in state.lines] == [(None, None), (1, None)]


def test_only_admins_plan_and_only_the_night_folds(library: Installation) -> None:
    desk, admin = a_librarian(library), an_admin(library)
    seen = _state(library, admin).mark
    with pytest.raises(Forbidden), begin_work(library, desk) as uow:
        add_change(uow, holds_from=MAY, lines=[GENERAL], seen_mark=seen)
    with pytest.raises(Forbidden), begin_work(library, desk) as uow:
        cancel_change(uow, 1)
    with pytest.raises(Forbidden), begin_reading(library, desk) as uow:
        policy_changes(uow)
    with pytest.raises(Forbidden), begin_reading(library, desk) as uow:
        policy_state(uow)
    with pytest.raises(Forbidden), begin_work(library, admin) as uow:
        fold_changes(uow)
    assert issubclass(DayHasChange, RuleBroken)
