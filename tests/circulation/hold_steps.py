"""Steps that tests of holds take."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group
from lib.audit.trail import record
from lib.catalogue.search_index import rebuild_index
from lib.circulation.capture import Offer, offer_copy
from lib.circulation.decision import Decision
from lib.circulation.holds import (
    CancelReceipt,
    HoldReceipt,
    cancel_hold,
    consider_hold,
    move_hold,
    place_hold,
    resume_hold,
    suspend_hold,
)
from lib.kit.clock import SetClock
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.steps import rows


def hold(library: Installation, who: Actor, title_id: int, **given: Any) -> HoldReceipt:
    with begin_work(library, who) as uow:
        return place_hold(uow, title_id=title_id, **given)


def considered(library: Installation, who: Actor, title_id: int, **given: Any) -> Decision:
    with begin_reading(library, who) as uow:
        return consider_hold(uow, title_id=title_id, **given)


def cancelled(library: Installation, who: Actor, hold_id: int, **given: Any) -> CancelReceipt:
    with begin_work(library, who) as uow:
        return cancel_hold(uow, hold_id, **given)


def suspended(library: Installation, who: Actor, hold_id: int, until: date) -> None:
    with begin_work(library, who) as uow:
        suspend_hold(uow, hold_id, until)


def resumed(library: Installation, who: Actor, hold_id: int) -> None:
    with begin_work(library, who) as uow:
        resume_hold(uow, hold_id)


def moved(library: Installation, who: Actor, hold_id: int, position: int, reason: str = "For the exam") -> int:
    with begin_work(library, who) as uow:
        return move_hold(uow, hold_id, position, reason)


def a_lent_title(library: Installation, name: str = "", *, copies: int = 1, **given: Any) -> tuple[int, list[str]]:
    """A title all of whose copies are on loan: its id and their barcodes."""
    title = a_title(library, name, **given)
    barcodes = [a_copy(library, title) for _ in range(copies)]
    for barcode in barcodes:
        a_loan(library, a_member(library), barcode)
    return title, barcodes


def came_back(library: Installation, barcode: str) -> Offer | None:
    """Ends the loan of a copy by plain rows, then offers the copy."""
    with begin_work(library, a_librarian(library)) as uow:
        one = {"barcode": barcode, "now": uow.now.isoformat(), "day": uow.today}
        copy_id, title_id = uow.connection.execute(
            text("SELECT id, title_id FROM copy WHERE barcode = :barcode"), one
        ).one()
        uow.connection.execute(
            text("UPDATE loan SET returned_at = issued_at, returned_on = issued_on WHERE copy_id = :id"),
            {"id": copy_id},
        )
        uow.connection.execute(text("UPDATE copy SET status = 'available' WHERE id = :id"), {"id": copy_id})
        for (loan_id,) in uow.connection.execute(text("SELECT id FROM loan WHERE copy_id = :id"), {"id": copy_id}):
            record(uow, "loan.return", "loan", loan_id)
        return offer_copy(uow, copy_id=copy_id, title_id=title_id)


def queue(library: Installation, title_id: int) -> list[tuple[Any, ...]]:
    """Who waits at which place."""
    return rows(
        library,
        f"SELECT account_id, position FROM hold WHERE title_id = {title_id} AND state = 'waiting' ORDER BY position",
    )


def states(library: Installation) -> list[str]:
    """The state of every hold, oldest first."""
    return [row[0] for row in rows(library, "SELECT state FROM hold ORDER BY id")]


def copy_id_of(library: Installation, barcode: str) -> int:
    return int(rows(library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0])


def forward(library: Installation, **by: int) -> None:
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(**by))


def set_lending(library: Installation, **values: Any) -> None:
    """Changes settings of lending."""
    with begin_work(library, an_admin(library)) as uow:
        changed = rows(library, "SELECT count(*) FROM settings_version")[0][0]
        change_group(uow, "circulation", values, seen_version=changed)


def sound(library: Installation) -> None:
    """Nothing is as it must not be. Loans of `a_loan` are counted first: the builder does not."""
    with library.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE title SET loan_count = (SELECT count(*) FROM loan l WHERE l.title_id = title.id"
                " AND l.undone_at IS NULL)"
            )
        )
        connection.execute(text("UPDATE loan SET channel = 'import' WHERE issued_by IS NULL AND channel = 'desk'"))
    with begin_work(library, a_librarian(library)) as uow:
        rebuild_index(uow)
    with begin_reading(library, SYSTEM) as uow:
        found = [str(finding) for finding in findings(uow)]
    assert found == [], found
