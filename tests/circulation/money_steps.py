"""Steps that tests of fines, losses and money take."""

from datetime import date, timedelta
from typing import Any

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group
from lib.catalogue.search_index import rebuild_index
from lib.circulation.claims import claim_returned
from lib.circulation.jobs import JobStep, accrue_fines
from lib.circulation.losses import LostReceipt, declare_lost
from lib.circulation.money import owes
from lib.kit.clock import SetClock
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.steps import hand_in, paid, rows


def forward(library: Installation, **by: int) -> None:
    """Moves the clock on."""
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(**by))


def choose(library: Installation, **values: Any) -> None:
    """Changes settings of lending."""
    with begin_work(library, an_admin(library)) as uow:
        version = rows(library, "SELECT max(version) FROM settings_version WHERE group_name = 'circulation'")[0][0]
        change_group(uow, "circulation", values, seen_version=version or 0)


def lost(library: Installation, desk: Actor, loan_id: int, **given: Any) -> LostReceipt:
    with begin_work(library, desk) as uow:
        return declare_lost(uow, loan_id=loan_id, **given)


def claimed(library: Installation, desk: Actor, loan_id: int, on: date | None = None) -> Any:
    with begin_work(library, desk) as uow:
        return claim_returned(uow, loan_id=loan_id, on=on)


def owed_by(library: Installation, reader: Actor) -> int:
    """What a member owes as of today."""
    with begin_reading(library, reader) as uow:
        return owes(uow, reader.account_id or 0)


def night(library: Installation, job: Any = accrue_fines, limit: int = 2) -> dict[str, int]:
    """Runs a night job to its end in small batches; what it counted in all."""
    counts: dict[str, int] = {}
    after: int | None = 0
    while after is not None:
        with begin_work(library, SYSTEM) as uow:
            step: JobStep = job(uow, after_id=after, limit=limit)
        for name, number in step.counts.items():
            counts[name] = counts.get(name, 0) + number
        after = step.last_id
    return counts


def charges(library: Installation, *columns: str) -> list[tuple[Any, ...]]:
    """The charges, oldest first."""
    return rows(library, f"SELECT {', '.join(columns or ('kind', 'state', 'balance_minor'))} FROM charge ORDER BY id")


def sound(library: Installation) -> None:
    """No invariant is broken. Loans that tests made as plain rows count as imported."""
    with library.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE title SET loan_count = (SELECT count(*) FROM loan WHERE title_id = title.id AND undone_at IS NULL)"
        )
    with begin_work(library, SYSTEM) as uow:
        rebuild_index(uow)
    with begin_reading(library, SYSTEM) as uow:
        assert [found for found in findings(uow) if found.name != "loan-has-audit-row"] == []


def credited(library: Installation) -> tuple[Actor, Actor]:
    """A desk, and a reader to whom the library owes 300: a fine was paid, but the copy had come back in time."""
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=51)
    night(library)
    paid(library, desk, reader, 300)
    with begin_reading(library, desk) as uow:
        then = uow.now - timedelta(days=30)
    hand_in(library, desk, barcode, returned_at=then)
    return desk, reader
