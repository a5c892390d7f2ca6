"""The time machine replays what was lent in a period, from the database, and shows no small group."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.models import ClosureKind
from lib.circulation.policy import DEFAULTS
from lib.circulation.policy_changes import ProposedLine
from lib.circulation.rules import save_line
from lib.closures.opening_days import add_closure
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid
from lib.ops.imports.run import import_file
from lib.reports import time_machine
from lib.reports.replay import Behaviour
from lib.reports.time_machine import Replay, TooManyLoans, loan_period, replay_policy, whole_months
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.steps import issue, rows, undone

TODAY = date(2026, 3, 10)
FIRST = date(2026, 1, 1)


def _general(**values: int) -> list[ProposedLine]:
    return [ProposedLine(None, None, dict(DEFAULTS) | values)]


def _replay(
    library: Installation, lines: list[ProposedLine] | None = None, *, first: date = FIRST, last: date = TODAY,
    behaviour: Behaviour = Behaviour.AS_THEY_DID, **given: Any,
) -> Replay:  # fmt: skip
    with begin_reading(library, Actor(None, Role.ADMIN)) as uow:
        return replay_policy(uow, first=first, last=last, lines=lines or _general(), behaviour=behaviour, **given)


def _lent(library: Installation, reader: Actor, ago: int, back: int | None = None, **given: Any) -> int:
    """A loan made `ago` days ago that came back `back` days ago."""
    if back is not None:
        at = library.clock.now() - timedelta(days=back)
        given = {"returned_at": at, "returned_on": at.date()} | given
    return a_loan(library, reader, given.pop("barcode", None), days_ago=ago, **given)


def _five_readers(library: Installation, **given: Any) -> list[Actor]:
    readers = [a_member(library, **given) for _ in range(5)]
    for reader in readers:
        _lent(library, reader, 60, 30)  # due 39 days ago, nine days late
    return readers


def test_the_lines_in_force_change_nothing(library: Installation) -> None:
    _five_readers(library)
    found = _replay(library)
    assert (found.loans, found.people, found.touched) == (5, 5, 0)
    assert found.proposed == found.current
    assert found.current.fines == 5 * 90
    assert (found.recorded.overdue, found.current.overdue, found.current.later) == (5, 5, 0)
    assert found.shifts == ((0, 5),)


def test_a_longer_period_makes_loans_due_later_and_fines_smaller(library: Installation) -> None:
    _five_readers(library)
    found = _replay(library, _general(loan_days=28))
    assert (found.proposed.later, found.proposed.days_later, found.proposed.earlier) == (5, 35, 0)
    assert (found.current.fines, found.proposed.fines) == (450, 5 * 20)
    assert found.shifts == ((7, 5),)
    assert found.touched == 5
    kept = _replay(library, _general(loan_days=28), behaviour=Behaviour.IN_PROPORTION)
    assert kept.proposed.mean_days_out == 40  # thirty of twenty-one days, forty of twenty-eight
    assert (found.proposed.mean_days_out, found.proposed.mean_wait) == (30, 15)


def test_what_really_was_is_what_was_noted(library: Installation) -> None:
    for reader in _five_readers(library):
        _lent(library, reader, 65, 30, fine_settled=123)
        _lent(library, reader, 40)  # due 19 days ago, still out
    found = _replay(library)
    assert found.recorded.fines == 5 * (123 + 190)
    assert (found.recorded.closed, found.recorded.overdue) == (10, 15)


def test_it_counts_who_would_have_been_refused_and_why(library: Installation) -> None:
    for reader in _five_readers(library):
        _lent(library, reader, 50, 20)  # while the first one is out and not late
        _lent(library, reader, 35, 20)  # while the first one is four days late
    found = _replay(library, _general(max_loans=1, fine_per_day=100, fine_cap=10_000, debt_block=399))
    assert (found.current.refused, found.current.late_loans, found.current.limit) == (5, 5, 0)
    assert (found.proposed.refused, found.proposed.limit, found.proposed.debt, found.proposed.late_loans) == (
        10, 10, 5, 5,
    )  # fmt: skip
    assert found.proposed.refused_fines > 0


def test_a_loan_that_was_out_when_the_period_began_counts_as_at_home(library: Installation) -> None:
    for reader in _five_readers(library):
        _lent(library, reader, 10, 5)
        _lent(library, reader, 200)
    first = TODAY - timedelta(days=20)
    found = _replay(library, first=first)
    assert (found.loans, found.current.refused, found.current.late_loans) == (5, 5, 5)


def test_renewals_no_longer_allowed_are_counted(library: Installation) -> None:
    for reader in _five_readers(library):
        _lent(library, reader, 60, 5, renewals=2, due_on=TODAY - timedelta(days=0))
    found = _replay(library, _general(max_renewals=1))
    assert (found.current.renewals, found.proposed.renewals, found.proposed.renewals_lost) == (10, 5, 5)


def test_a_line_for_a_type_and_a_kind_touches_those_alone(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        save_line(uow, None, None, dict(DEFAULTS) | {"loan_days": 14}, seen_version=1)
    films = [a_copy(library, a_title(library, kind="film")) for _ in range(5)]
    pupils = _five_readers(library, type_code="student")
    _five_readers(library)
    for reader, film in zip(pupils, films, strict=True):
        _lent(library, reader, 15, barcode=film)
    ((student, kind),) = rows(
        library, "SELECT a.membership_type_id, t.kind_id FROM loan l JOIN account a ON a.id = l.account_id"
        " JOIN title t ON t.id = l.title_id JOIN item_kind k ON k.id = t.kind_id WHERE k.code = 'film' LIMIT 1",
    )  # fmt: skip
    lines = [*_general(loan_days=14), ProposedLine(student, kind, {"loan_days": 3})]
    found = _replay(library, lines)
    assert (found.proposed.earlier, found.proposed.days_earlier) == (5, 55)
    groups = {group.key: group for group in found.by_type}
    assert {key: (group.people, group.touched) for key, group in groups.items()} == {
        student: (5, 5), next(key for key in groups if key != student): (5, 0),
    }  # fmt: skip


def test_groups_under_five_people_are_put_together(library: Installation) -> None:
    for code, many in (("public", 7), ("student", 4), ("faculty", 6)):
        for _ in range(many):
            _lent(library, a_member(library, type_code=code), 30, 20)
    found = _replay(library, _general(loan_days=5))
    assert [(group.key is None, group.people) for group in found.by_type] == [(False, 7), (True, 10)]
    assert sum(group.proposed.loans for group in found.by_type) == found.loans


def test_fewer_than_five_readers_are_not_shown_at_all(library: Installation) -> None:
    for _ in range(4):
        _lent(library, a_member(library), 30, 20)
    found = _replay(library)
    assert (found.loans, found.people, found.too_few, found.by_type, found.by_month) == (4, 0, True, (), ())
    assert found.proposed.loans == 0
    _lent(library, a_member(library), 30, 20)
    assert not _replay(library).too_few


def test_touched_readers_are_not_counted_below_five(library: Installation) -> None:
    readers = _five_readers(library)
    _lent(library, readers[0], 50, 1, renewals=1, due_on=TODAY + timedelta(days=22))
    assert _replay(library, _general(max_renewals=0)).touched is None


MONTHS = [
    # from,            to,                today,             first,            last
    (date(2026, 1, 9), date(2026, 2, 3), date(2026, 3, 10), date(2026, 1, 1), date(2026, 2, 28)),
    (date(2026, 1, 9), date(2026, 1, 9), date(2026, 3, 10), date(2026, 1, 1), date(2026, 1, 31)),
    (date(2025, 12, 31), date(2026, 3, 10), date(2026, 3, 10), date(2025, 12, 1), date(2026, 2, 28)),
    (date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 1), date(2024, 2, 1), date(2024, 2, 29)),
    (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31), None, None),  # today is still of the month
    (date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 10), None, None),
]


@pytest.mark.parametrize(("first", "last", "today", "start", "end"), MONTHS)
def test_a_replay_goes_by_whole_months_that_are_over(
    first: date, last: date, today: date, start: date | None, end: date | None
) -> None:
    if start is None:
        with pytest.raises(Invalid, match="whole months"):
            whole_months(first, last, today)
    else:
        assert whole_months(first, last, today) == (start, end)


def test_periods_that_differ_by_one_readers_day_give_the_same_answer(library: Installation) -> None:
    readers = _five_readers(library)
    _lent(library, readers[0], 45, 20)
    day = TODAY - timedelta(days=45)
    assert _replay(library, last=day) == _replay(library, last=day - timedelta(days=1))
    assert _replay(library, first=day - timedelta(days=14)) == _replay(library, first=FIRST)


def test_a_month_of_one_reader_is_left_out_and_tells_nothing_by_subtraction(library: Installation) -> None:
    readers = _five_readers(library)
    _lent(library, readers[0], 20, 1, fine_settled=123)
    proposed = _general(loan_days=5)
    with_it, without = _replay(library, proposed), _replay(library, proposed, last=date(2026, 1, 31))
    assert with_it.left_out == (date(2026, 2, 1),)
    assert replace(with_it, last=without.last, left_out=()) == without


def test_a_type_with_one_reader_in_a_month_tells_nothing_by_subtraction(library: Installation) -> None:
    for code, many in (("public", 7), ("student", 6)):
        for _ in range(many):
            _lent(library, a_member(library, type_code=code), 60, 30)
    for code, many in (("public", 5), ("student", 1)):
        for _ in range(many):
            _lent(library, a_member(library, type_code=code), 30, 20)
    january, both = _replay(library, last=date(2026, 1, 31)), _replay(library)
    assert [group for group in both.by_type if group.key] == list(january.by_type)
    assert [(group.key, group.people) for group in both.by_type if not group.key] == [(None, 6)]


def test_rules_that_differ_for_one_reader_alone_give_the_same_answer(library: Installation) -> None:
    readers = _five_readers(library)
    film = a_copy(library, a_title(library, kind="film"))
    _lent(library, readers[0], 60, 30, barcode=film)
    ((kind,),) = rows(library, "SELECT id FROM item_kind WHERE code = 'film'")
    plain = _general(loan_days=28)
    aimed = [*plain, ProposedLine(None, kind, {"fine_per_day": 1000, "fine_cap": 100_000, "loan_days": 1})]
    found = _replay(library, aimed)
    assert found == _replay(library, plain)
    assert (found.loans, found.untried, found.proposed.later) == (6, 1, 5)
    for reader in readers[1:]:
        _lent(library, reader, 60, 30, barcode=a_copy(library, a_title(library, kind="film")))
    found = _replay(library, aimed)
    assert (found.untried, found.proposed.earlier) == (0, 5)


def test_limits_too_are_not_tried_on_few(library: Installation) -> None:
    readers = _five_readers(library)
    film = a_copy(library, a_title(library, kind="film"))
    _lent(library, readers[0], 60, 30, barcode=film)
    ((kind,),) = rows(library, "SELECT id FROM item_kind WHERE code = 'film'")
    found = _replay(library, [*_general(), ProposedLine(None, kind, {"max_loans": 0})])
    assert (found.proposed.refused, found.touched) == (0, 0)


def test_loans_of_readers_who_keep_no_history_count_without_a_name(library: Installation) -> None:
    for _ in range(5):
        _lent(library, a_member(library), 40, 10, account_id=None)
    found = _replay(library, _general(max_loans=0))
    assert (found.loans, found.people, found.too_few, found.proposed.refused) == (5, 0, False, 0)
    assert [group.people for group in found.by_type] == [0]


def test_a_loan_taken_back_is_not_replayed(library: Installation, clock: SetClock) -> None:
    desk = a_librarian(library)
    undone(library, desk, issue(library, desk, a_copy(library), a_member(library)).act_id)
    clock.forward(timedelta(days=31))
    _five_readers(library)
    for reader in _five_readers(library):
        _lent(library, reader, 31)
    assert _replay(library, last=TODAY + timedelta(days=31)).loans == 15


def test_closed_days_roll_due_dates_in_the_replay_too(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=(TODAY - timedelta(days=60 - 28)).weekday())
    _five_readers(library)
    found = _replay(library, _general(loan_days=28))
    assert found.shifts == ((8, 5),)


def test_months_come_in_order_and_batches_make_no_difference(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reader in _five_readers(library):
        for ago in (200, 120, 90, 20):
            _lent(library, reader, ago, ago - 10)
    heard: list[tuple[float, int]] = []
    whole = _replay(library, _general(loan_days=3), first=date(2025, 8, 1))
    monkeypatch.setattr(time_machine, "BATCH", 3)
    found = _replay(
        library, _general(loan_days=3), first=date(2025, 8, 1), progress=lambda share, done: heard.append((share, done))
    )
    assert found == whole
    assert [group.key for group in found.by_month] == [
        date(2025, 8, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip
    assert heard[-1][1] == 25
    assert heard == sorted(heard)
    assert 0 < heard[0][0] <= heard[-1][0] <= 1


def test_an_empty_period_is_empty(library: Installation) -> None:
    with begin_reading(library, an_admin(library)) as uow:
        assert loan_period(uow) is None
    found = _replay(library)
    assert (found.loans, found.too_few, found.shifts) == (0, False, ())
    _five_readers(library)
    with begin_reading(library, an_admin(library)) as uow:
        assert loan_period(uow) == (TODAY - timedelta(days=60), TODAY - timedelta(days=60))


def test_a_period_may_begin_with_the_first_day_there_is(library: Installation) -> None:
    _five_readers(library)
    for first in (date.min, date(1, 12, 31), date(1700, 1, 1)):
        found = _replay(library, first=first)
        assert (found.first, found.loans) == (first.replace(day=1), 5)
        assert found.recorded == _replay(library).recorded


def test_it_asks_for_a_past_period_valid_lines_and_an_admin(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for last, why in ((TODAY + timedelta(days=1), "has begun"), (TODAY - timedelta(days=1), "before the first")):
        with pytest.raises(Invalid, match=why):
            _replay(library, first=TODAY, last=last)
    with pytest.raises(Invalid):
        _replay(library, _general(loan_days=0))
    with pytest.raises(Forbidden), begin_reading(library, a_librarian(library)) as uow:
        replay_policy(uow, first=FIRST, last=TODAY, lines=_general())
    _five_readers(library)
    monkeypatch.setattr(time_machine, "MOST_LOANS", 4)
    with pytest.raises(TooManyLoans) as refusal:
        _replay(library)
    assert str(refusal.value).startswith("5 loans were made")


def test_reading_walks_no_more_than_the_period(sqlite_library: Installation) -> None:
    _five_readers(sqlite_library)
    with sqlite_library.engine.connect().execution_options(read_only=True) as connection:
        driver: Any = connection.connection.dbapi_connection
        values = {"day": "2026-01-01", "id": 0, "first": "2026-01-01", "last": "2026-02-01", "since": "", "size": 10}
        plan = [row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + time_machine._LOANS.sqlite, values)]
        few = {"first": "2026-01-01", "last": "2026-02-28", "fewest": 5}
        plan += [row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + time_machine._FEW.sqlite, few)]
    assert not [line for line in plan if line.startswith("SCAN")], plan


@pytest.mark.shared
@pytest.mark.slow
def test_two_years_of_a_town_are_replayed_whole(sqlite_library: Installation, shared_data: Path) -> None:
    for kind, name in (
        ("titles", "catalogue/books_10k.csv"), ("copies", "catalogue/copies.csv"),
        ("titles", "catalogue/multilingual_titles.csv"), ("members", "loans/demo_patrons.csv"),
        ("loans", "loans/demo_loans.csv"),
    ):  # fmt: skip
        import_file(sqlite_library, SYSTEM, kind, shared_data / name)
    found = _replay(sqlite_library, _general(loan_days=28), first=date(2024, 1, 1), last=date(2025, 12, 31))
    assert found.loans == 45_302
    assert sum(count for _, count in found.shifts) == 45_302
    assert sum(group.proposed.fines for group in found.by_type) == found.proposed.fines
    assert sum(group.proposed.fines for group in found.by_month) == found.proposed.fines
    assert len(found.by_month) == 24
