"""Steps that many tests of money take."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind, ChargeState, PaymentMethod
from lib.billing.payments import PaymentReceipt, pay, refund, reverse_payment
from lib.ops.integrity import findings

CASH, CARD = PaymentMethod.CASH, PaymentMethod.CARD


def rows(library: Installation, sql: str) -> list[tuple[Any, ...]]:
    """What a plain question to the database gives."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def change(library: Installation, *statements: str) -> None:
    """Changes rows behind the library's back."""
    with library.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def owes(
    library: Installation,
    reader: Actor,
    amount_minor: int = 500,
    *,
    kind: ChargeKind = ChargeKind.OTHER,
    what: str = "A lost key",
    loan_id: int | None = None,
    state: ChargeState = ChargeState.FINAL,
) -> int:
    """A charge of a member; returns its id."""
    with begin_work(library, SYSTEM) as uow:
        return open_charge(
            uow, account_id=reader.account_id or 0, kind=kind, amount_minor=amount_minor, what=what, loan_id=loan_id,
            state=state,
        )  # fmt: skip


def paid(
    library: Installation,
    desk: Actor,
    reader: Actor,
    amount_minor: int,
    charge_ids: Sequence[int] = (),
    *,
    method: PaymentMethod = CASH,
    key: str | None = None,
) -> PaymentReceipt:
    with begin_work(library, desk) as uow:
        return pay(
            uow, account_id=reader.account_id or 0, amount_minor=amount_minor, method=method, charge_ids=charge_ids,
            key=key,
        )  # fmt: skip


def refunded(
    library: Installation, desk: Actor, charge_id: int, amount_minor: int, *, key: str | None = None
) -> PaymentReceipt:
    with begin_work(library, desk) as uow:
        return refund(
            uow, charge_id=charge_id, amount_minor=amount_minor, method=CASH, reason="Charged by mistake", key=key
        )


def taken_back(library: Installation, desk: Actor, payment_id: int) -> PaymentReceipt:
    with begin_work(library, desk) as uow:
        return reverse_payment(uow, payment_id, reason="Wrong member")


def balance(library: Installation, reader: Actor) -> int:
    """What the ledger says a member owes, over all charges; below nought the library owes them."""
    sums = "SELECT coalesce(sum(balance_minor), 0) FROM charge WHERE account_id"
    return int(rows(library, f"{sums} = {reader.account_id}")[0][0])


def entries(library: Installation, charge_id: int, *columns: str) -> list[tuple[Any, ...]]:
    """These columns (kind and amount unless told otherwise) of a charge's entries, oldest first."""
    wanted = ", ".join(columns or ("kind", "amount_minor"))
    return rows(library, f"SELECT {wanted} FROM ledger_entry WHERE charge_id = {charge_id} ORDER BY id")


def broken(library: Installation) -> list[str]:
    """The names of the invariants that are broken."""
    with begin_reading(library, SYSTEM) as uow:
        return [finding.name for finding in findings(uow)]


def sound(library: Installation) -> None:
    """Nothing that must always hold is broken."""
    assert broken(library) == []
