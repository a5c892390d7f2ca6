"""The night reads and counts before it has its turn to write: whatever a desk does in between, sums come out right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.fines import accrue_member
from lib.circulation.jobs import FinesSeen, _state, look_at_fines, write_fines
from lib.circulation.models import ClosureKind
from lib.circulation.money import waive_charge
from lib.closures.opening_days import add_closure
from lib.kit.database import make_engine
from lib.kit.errors import Forbidden
from lib.ops.night import run_night
from lib.ops.night_jobs import Job
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.money_steps import charges, claimed, forward, lost, night, sound
from tests.circulation.steps import hand_in, paid, renewed, rows, undone


class Desk:
    """Two loans ten days late, whose fines a night has brought to 1.00 each; a day later, a desk acts on the first."""

    def __init__(self, library: Installation) -> None:
        self.library, self.staff = library, a_librarian(library)
        self.reader, self.other = a_member(library), a_member(library)
        self.barcode = a_copy(library)
        self.loan = a_loan(library, self.reader, self.barcode, days_ago=31)
        a_loan(library, self.other, days_ago=31)
        night(library)
        assert charges(library) == [("fine", "accruing", 100)] * 2
        forward(library, days=1)

    def returns(self) -> None:
        hand_in(self.library, self.staff, self.barcode)

    def returns_and_regrets(self) -> None:
        self.returns()
        undone(self.library, self.staff, rows(self.library, "SELECT max(id) FROM desk_act")[0][0])

    def renews(self) -> None:
        renewed(self.library, self.staff, self.loan)

    def is_paid_all(self) -> None:
        paid(self.library, self.staff, self.reader, 110)

    def is_paid_what_a_day_costs(self) -> None:
        """The balance is what it was, but a day more was charged."""
        paid(self.library, self.staff, self.reader, 10)

    def waives(self) -> None:
        (charge,) = rows(self.library, f"SELECT id FROM charge WHERE loan_id = {self.loan}")[0]
        with begin_work(self.library, self.staff) as uow:
            waive_charge(uow, charge_id=charge, amount_minor=None, reason="Snow")

    def looks_at_what_is_owed(self) -> None:
        with begin_work(self.library, SYSTEM) as uow:
            accrue_member(uow, self.reader.account_id or 0)

    def loses(self) -> None:
        lost(self.library, self.staff, self.loan)

    def believes_that_it_came_back(self) -> None:
        claimed(self.library, self.staff, self.loan, self.library.clock.now().date() - timedelta(days=5))

    def closes(self) -> None:
        """From three days ago until tomorrow: two of these days are in both fines."""
        today = self.library.clock.now().date()
        with begin_work(self.library, self.staff) as uow:
            add_closure(uow, kind=ClosureKind.DAY, first=today - timedelta(days=3), last=today + timedelta(days=1))

    def closes_ever_since(self) -> None:
        """The due days move past today: nothing is late any more."""
        today = self.library.clock.now().date()
        with begin_work(self.library, self.staff) as uow:
            add_closure(uow, kind=ClosureKind.DAY, first=today - timedelta(days=12), last=today + timedelta(days=1))

    def lets_midnight_pass(self) -> None:
        forward(self.library, days=1)


MEANWHILE: list[tuple[Callable[[Desk], None], list[tuple[str, str, int]]]] = [
    (lambda _desk: None, [("fine", "accruing", 110), ("fine", "accruing", 110)]),
    (Desk.returns, [("fine", "final", 110), ("fine", "accruing", 110)]),
    (Desk.returns_and_regrets, [("fine", "accruing", 110), ("fine", "accruing", 110)]),
    (Desk.renews, [("fine", "final", 110), ("fine", "accruing", 110)]),
    (Desk.is_paid_all, [("fine", "accruing", 0), ("fine", "accruing", 110)]),
    (Desk.is_paid_what_a_day_costs, [("fine", "accruing", 100), ("fine", "accruing", 110)]),
    (Desk.waives, [("fine", "accruing", 0), ("fine", "accruing", 110)]),
    (Desk.looks_at_what_is_owed, [("fine", "accruing", 110), ("fine", "accruing", 110)]),
    (Desk.loses, [("fine", "final", 110), ("fine", "accruing", 110), ("replacement", "final", 2000),
                  ("lost_fee", "final", 500)]),
    (Desk.believes_that_it_came_back, [("fine", "accruing", 60), ("fine", "accruing", 110)]),
    (Desk.closes, [("fine", "accruing", 70), ("fine", "accruing", 70)]),
    (Desk.closes_ever_since, [("fine", "accruing", 0), ("fine", "accruing", 0)]),
    (Desk.lets_midnight_pass, [("fine", "accruing", 120), ("fine", "accruing", 120)]),
]  # fmt: skip


def _seen(library: Installation) -> FinesSeen:
    with begin_reading(library, SYSTEM) as uow:
        return look_at_fines(uow, limit=100)


def _written(library: Installation, seen: FinesSeen) -> int:
    with begin_work(library, SYSTEM) as uow:
        return write_fines(uow, seen, seen.changes)["changed"]


@pytest.mark.parametrize(("act", "expected"), MEANWHILE, ids=lambda given: getattr(given, "__name__", ""))
def test_what_a_desk_does_between_reading_and_writing_makes_no_fine_wrong(
    sqlite_library: Installation, act: Callable[[Desk], None], expected: list[tuple[str, str, int]]
) -> None:
    desk = Desk(sqlite_library)
    seen = _seen(sqlite_library)
    assert (seen.last_id, seen.counts, len(seen.changes)) == (None, {"looked_at": 2}, 2)
    act(desk)
    _written(sqlite_library, seen)
    assert charges(sqlite_library) == expected
    sound(sqlite_library)
    assert night(sqlite_library)["changed"] == 0, "nothing is left for another run"
    assert charges(sqlite_library) == expected


@pytest.mark.parametrize("through_another_connection", [False, True])
def test_only_where_nobody_has_written_is_nothing_looked_at_again(
    sqlite_library: Installation, through_another_connection: bool
) -> None:
    """Connections go back to a pool: a desk may write through the very one by which the night has read."""
    desk = Desk(sqlite_library)
    seen = _seen(sqlite_library)
    with begin_reading(sqlite_library, SYSTEM) as uow:
        assert _state(uow) == seen.state
    if through_another_connection:
        desk.library = replace(sqlite_library, engine=make_engine(sqlite_library.config.url))
    desk.is_paid_what_a_day_costs()
    with begin_reading(sqlite_library, SYSTEM) as uow:
        mine, theirs = _state(uow), seen.state
    assert [now == before for now, before in zip(mine, theirs, strict=True)] == [
        True, not through_another_connection, through_another_connection,
    ]  # fmt: skip
    _written(sqlite_library, seen)
    assert [row[2] for row in charges(sqlite_library)] == [100, 110]
    sound(sqlite_library)
    if through_another_connection:
        desk.library.engine.dispose()


def test_a_first_fine_that_somebody_else_begins_meanwhile_is_not_begun_twice(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    a_loan(sqlite_library, reader, days_ago=31)
    seen = _seen(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        accrue_member(uow, reader.account_id or 0)
    assert _written(sqlite_library, seen) == 0
    assert charges(sqlite_library) == [("fine", "accruing", 100)]
    assert rows(sqlite_library, "SELECT count(*) FROM audit WHERE action = 'fine.accrue'") == [(0,)]
    sound(sqlite_library)


def test_what_was_read_can_be_written_once(sqlite_library: Installation) -> None:
    Desk(sqlite_library)
    seen = _seen(sqlite_library)
    assert (_written(sqlite_library, seen), _written(sqlite_library, seen)) == (2, 0)
    assert charges(sqlite_library) == [("fine", "accruing", 110)] * 2
    assert _seen(sqlite_library).changes == (), "a second night finds nothing to write"
    sound(sqlite_library)


def test_reading_and_writing_are_for_the_system_alone(sqlite_library: Installation) -> None:
    desk = Desk(sqlite_library)
    seen = _seen(sqlite_library)
    with pytest.raises(Forbidden), begin_reading(sqlite_library, desk.staff) as uow:
        look_at_fines(uow)
    with pytest.raises(Forbidden), begin_work(sqlite_library, desk.staff) as uow:
        write_fines(uow, seen, seen.changes)


def test_a_desk_returns_pays_and_renews_between_the_batches_of_one_night(library: Installation) -> None:
    """Loans 1 to 250 are written in several batches; those at the end are acted on after the first of them."""
    desk, acted = a_librarian(library), list[int]()
    readers: list[Actor] = [a_member(library) for _ in range(4)]
    copies = [a_copy(library) for _ in range(250)]
    loans = [a_loan(library, readers[n % 2], copy, days_ago=31) for n, copy in enumerate(copies[:-2])]
    loans += [a_loan(library, reader, copy, days_ago=31) for reader, copy in zip(readers[2:], copies[-2:], strict=True)]
    run_night(library, only=["fines"])
    forward(library, days=1)

    def meanwhile(_job: Job, counts: Mapping[str, int]) -> None:
        if counts.get("changed") and not acted:
            acted.append(counts["changed"])
            hand_in(library, desk, copies[-3])
            renewed(library, desk, loans[-2])
            paid(library, desk, readers[3], 10)

    (outcome,) = run_night(library, only=["fines"], progress=meanwhile)
    assert outcome.failed == ""
    assert acted[0] < 247, "they acted before the last batch"
    found = dict(rows(library, "SELECT loan_id, balance_minor FROM charge"))
    assert [found.pop(loan) for loan in loans[-3:]] == [110, 110, 100]
    assert set(found.values()) == {110}
    before: Any = rows(library, "SELECT count(*) FROM ledger_entry"), rows(library, "SELECT count(*) FROM audit")
    (again,) = run_night(library, only=["fines"])
    assert again.counts.get("changed", 0) == 0
    assert (rows(library, "SELECT count(*) FROM ledger_entry"), rows(library, "SELECT count(*) FROM audit")) == before
    sound(library)
