"""For every kind of act: done and taken back, the library stands as before; what was owed is owed as before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.models import ChargeKind, PaymentMethod
from lib.catalogue.models import Condition
from lib.circulation.acts import (
    CANCEL_HOLD,
    CHARGE,
    CLAIM,
    HOLD,
    INSPECT,
    ISSUE,
    LOST,
    PAY,
    REFUND,
    RENEW,
    RETURN,
    SET_OFF,
    WAIVE,
)
from lib.circulation.claims import clear_claim
from lib.circulation.exceptions import add_exception
from lib.circulation.holds import cancel_hold
from lib.circulation.money import charge_member, refund_charge, set_off_now, waive_charge
from lib.circulation.not_there import not_there
from lib.circulation.repairs import end_repair
from lib.circulation.returns import Inspection
from lib.desk.undo import UNDOINGS
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.money_steps import claimed, forward, lost, night, owed_by, sound
from tests.circulation.steps import hand_in, issue, paid, renewed, rows, undone

# An ended hold stays as a row; everything else must be as before.
TABLES = ("loan", "copy", "title", "hold", "account", "notice", "closure", "policy_rule", "member_exception")
LATE = 40  # days since the issue of a loan of 21 days


@dataclass
class World:
    """A library in which much has happened: a late loan, one in time, one in repair, readers who wait."""

    library: Installation
    desk: Actor = field(init=False)
    reader: Actor = field(init=False)
    other: Actor = field(init=False)
    third: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.desk, self.reader, self.other = (make(self.library) for make in (a_librarian, a_member, a_member))
        self.third = a_member(self.library)
        self.title, self.spare = a_title(self.library, "Dune"), a_title(self.library, "Emma")
        self.late = a_copy(self.library, self.title)
        self.timely = a_copy(self.library, self.spare)
        self.free = a_copy(self.library)
        self.broken = a_copy(self.library, self.spare, status="in_repair", condition="damaged", note="Spine")
        self.late_loan = a_loan(self.library, self.reader, self.late, days_ago=LATE)
        self.timely_loan = a_loan(self.library, self.reader, self.timely, days_ago=2)

    def wait_for_both(self) -> None:
        """Two readers wait for each title, the first of them with a place that was moved."""
        for title in (self.title, self.spare):
            hold(self.library, self.other, title)
            hold(self.library, a_member(self.library), title)

    def accrue(self) -> None:
        night(self.library)

    def charge(self, amount: int = 700) -> int:
        with begin_work(self.library, self.desk) as uow:
            return charge_member(
                uow, member_id=self.reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=amount, what="Key"
            )

    def number_of(self, barcode: str) -> int:
        return int(rows(self.library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0])

    def do(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with begin_work(self.library, self.desk) as uow:
            return act(uow, *given, **named)


Act = Callable[[World], Any]


def _worn(world: World) -> Any:
    return hand_in(world.library, world.desk, world.late, Inspection(Condition.WORN, "Coffee", 250))


def _damaged(world: World) -> Any:
    return hand_in(world.library, world.desk, world.late, Inspection(Condition.DAMAGED, "Wet"))


def _backdated(world: World) -> Any:
    then = world.library.clock.now() - timedelta(days=LATE - 21)
    return hand_in(world.library, world.desk, world.late, returned_at=then)


def _pay_some(world: World) -> None:
    world.accrue()
    paid(world.library, world.desk, world.reader, 50)


def _claim_cleared(world: World) -> None:
    claimed(world.library, world.desk, world.late_loan)
    world.do(clear_claim, loan_id=world.late_loan)


def _more_renewals(world: World) -> None:
    for _ in range(2):
        renewed(world.library, world.desk, world.timely_loan)
    until = world.library.clock.now().date() + timedelta(days=30)
    who = world.reader.account_id
    world.do(add_exception, account_id=who, name="max_renewals", amount=3, until=until, reason="Ill")


def _overpaid(world: World) -> None:
    """A fine that was paid and then lowered by a backdated return: the library owes."""
    world.accrue()
    paid(world.library, world.desk, world.reader, 190)
    _backdated(world)


def _fine(world: World) -> int:
    return int(rows(world.library, "SELECT min(id) FROM charge")[0][0])


def _lose(world: World) -> None:
    lost(world.library, world.desk, world.late_loan)


def _lose_and_pay(world: World) -> None:
    _lose(world)
    paid(world.library, world.desk, world.reader, 1500)
    forward(world.library, days=3)


def _in_time(world: World) -> Any:
    return hand_in(world.library, world.desk, world.timely)


def _queued(world: World) -> Any:
    world.wait_for_both()


def _refund(world: World) -> Any:
    world.do(
        refund_charge, charge_id=_fine(world), amount_minor=100, method=PaymentMethod.CASH, reason="Returned in time"
    )


CASES: dict[str, tuple[str, Act, Act]] = {
    "issue": (ISSUE, lambda w: None, lambda w: issue(w.library, w.desk, w.free, w.other)),
    "issue to the one who waited longest": (
        ISSUE, _queued, lambda w: (hand_in(w.library, w.desk, w.late), issue(w.library, w.desk, w.late, w.other)),
    ),
    "return in time": (RETURN, lambda w: None, _in_time),
    "return for somebody who waits": (RETURN, _queued, _in_time),
    "late return": (RETURN, lambda w: None, lambda w: hand_in(w.library, w.desk, w.late)),
    "late return after a night": (RETURN, World.accrue, lambda w: hand_in(w.library, w.desk, w.late)),
    "late return of what was paid in part": (RETURN, _pay_some, lambda w: hand_in(w.library, w.desk, w.late)),
    "late return for somebody who waits, worn, with a charge": (RETURN, _queued, _worn),
    "damaged return": (RETURN, _queued, _damaged),
    "backdated return after a night": (RETURN, World.accrue, _backdated),
    "return of a claimed copy": (
        RETURN, lambda w: claimed(w.library, w.desk, w.late_loan), lambda w: hand_in(w.library, w.desk, w.late),
    ),
    "return of what was not on loan": (RETURN, lambda w: None, lambda w: hand_in(w.library, w.desk, w.free)),
    "found again": (RETURN, _lose, lambda w: hand_in(w.library, w.desk, w.late)),
    "found again when it was paid": (RETURN, _lose_and_pay, lambda w: hand_in(w.library, w.desk, w.late)),
    "renewal": (RENEW, lambda w: None, lambda w: renewed(w.library, w.desk, w.timely_loan)),
    "late renewal": (RENEW, lambda w: None, lambda w: renewed(w.library, w.desk, w.late_loan)),
    "late renewal after a night": (RENEW, World.accrue, lambda w: renewed(w.library, w.desk, w.late_loan)),
    "late renewal of what was paid in part": (RENEW, _pay_some, lambda w: renewed(w.library, w.desk, w.late_loan)),
    "renewal once a claim was cleared": (RENEW, _claim_cleared, lambda w: renewed(w.library, w.desk, w.late_loan)),
    "renewal that an exception grants": (RENEW, _more_renewals, lambda w: renewed(w.library, w.desk, w.timely_loan)),
    "hold": (HOLD, _queued, lambda w: hold(w.library, w.desk, w.title, member_id=w.third.account_id)),
    "hold cancelled": (
        CANCEL_HOLD, _queued,
        lambda w: w.do(cancel_hold, rows(w.library, "SELECT min(id) FROM hold")[0][0], reason="Asked by phone"),
    ),
    "payment": (PAY, World.accrue, lambda w: paid(w.library, w.desk, w.reader, 120)),
    "payment of all over several charges": (
        PAY, lambda w: (w.accrue(), w.charge()), lambda w: paid(w.library, w.desk, w.reader, 890),
    ),
    "waiver": (
        WAIVE, World.accrue,
        lambda w: w.do(waive_charge, charge_id=_fine(w), amount_minor=None, reason="Was in hospital"),
    ),
    "refund": (REFUND, _overpaid, _refund),
    "set-off": (
        SET_OFF, lambda w: (_overpaid(w), w.charge()),
        lambda w: w.do(set_off_now, member_id=w.reader.account_id or 0),
    ),
    "charge": (CHARGE, lambda w: None, lambda w: w.charge()),
    "loss": (LOST, lambda w: None, _lose),
    "loss after a night": (LOST, _pay_some, _lose),
    "loss of a claimed copy": (LOST, lambda w: claimed(w.library, w.desk, w.late_loan), _lose),
    "claim": (CLAIM, lambda w: None, lambda w: claimed(w.library, w.desk, w.late_loan)),
    "claim of an earlier day after a night": (
        CLAIM, World.accrue,
        lambda w: claimed(w.library, w.desk, w.late_loan, w.library.clock.now().date() - timedelta(days=10)),
    ),
    "claim cleared": (
        CLAIM, lambda w: claimed(w.library, w.desk, w.late_loan),
        lambda w: w.do(clear_claim, loan_id=w.late_loan),
    ),
    "missed": (INSPECT, lambda w: None, lambda w: w.do(not_there, barcode=w.free)),
    "mended": (
        INSPECT, lambda w: None,
        lambda w: w.do(end_repair, copy_id=w.number_of(w.broken), condition=Condition.GOOD, note="New spine"),
    ),
    "mended for somebody who waits": (
        INSPECT, _queued,
        lambda w: w.do(end_repair, copy_id=w.number_of(w.broken), condition=Condition.GOOD),
    ),
}  # fmt: skip


def test_the_table_knows_every_kind_of_act() -> None:
    assert {kind for kind, _, _ in CASES.values()} == set(UNDOINGS)


@pytest.mark.parametrize("case", CASES)
def test_done_and_taken_back_everything_stands_as_before(library: Installation, case: str) -> None:
    kind, before, act = CASES[case]
    world = World(library)
    before(world)
    readers = [world.reader, world.other]
    acts = _acts(library)
    state, owed = _state(library), [owed_by(library, reader) for reader in readers]
    posted = _posted(library)
    act(world)
    made = [number for number in _acts(library) if number not in acts]
    assert rows(library, f"SELECT kind FROM desk_act WHERE id = {made[-1]}") == [(kind,)]
    for number in reversed(made):
        undone(library, world.desk, number)
    assert _state(library) == state
    assert [owed_by(library, reader) for reader in readers] == owed
    assert _posted(library) == posted
    assert rows(library, "SELECT count(*) FROM desk_act WHERE undone_at IS NOT NULL") == [(len(made),)]
    assert rows(library, "SELECT count(*) FROM audit WHERE action LIKE '%.undo-%'") == [(len(made),)]
    sound(library)


def _acts(library: Installation) -> list[int]:
    return [row[0] for row in rows(library, "SELECT id FROM desk_act ORDER BY id")]


def _posted(library: Installation) -> list[tuple[Any, ...]]:
    """What the ledger says each member owes, and which fines run; charges that came and went say nothing."""
    return rows(
        library,
        "SELECT id, state, balance_minor FROM charge WHERE balance_minor <> 0 ORDER BY id",
    )


def _state(library: Installation) -> dict[str, list[tuple[Any, ...]]]:
    return {table: _table(library, table) for table in TABLES}


def _table(library: Installation, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table but for what only counts changes; what was begun and taken back is an ended row."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id").mappings().all()
    gone = {"loan": "undone_at", "hold": "ended_at"}.get(table)
    kept = [row for row in found if not (gone and row[gone] is not None)]
    return [tuple(str(value) for name, value in row.items() if name not in ("version", "message_id")) for row in kept]
