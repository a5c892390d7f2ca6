"""Steps that many tests of lending take."""

from datetime import datetime
from typing import Any

from sqlalchemy import text, update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.billing.models import PaymentMethod
from lib.billing.paid import PaymentReceipt
from lib.circulation.checkout import IssueReceipt, check_out
from lib.circulation.models import PolicyRule
from lib.circulation.money import take_payment
from lib.circulation.renewals import RenewReceipt, renew
from lib.circulation.returns import Inspection, ReturnReceipt, check_in
from lib.circulation.rules import save_line
from lib.desk.undo import undo


def rows(library: Installation, sql: str) -> list[tuple[Any, ...]]:
    """What a plain question to the database gives."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def set_rule(library: Installation, *, kind: str | None = None, **values: int) -> None:
    """Changes the any × any line, or adds one for a kind of item."""
    with begin_work(library, Actor(None, Role.ADMIN)) as uow:
        if kind is None:
            uow.connection.execute(update(PolicyRule).where(PolicyRule.membership_type_id.is_(None)).values(**values))
            uow.bump("policy")
            return
        kind_id = uow.connection.execute(text("SELECT id FROM item_kind WHERE code = :c"), {"c": kind}).scalar_one()
        save_line(uow, None, kind_id, values)


def issue(
    library: Installation,
    desk: Actor,
    barcode: str,
    reader: Actor,
    *,
    override: str | None = None,
    key: str | None = None,
) -> IssueReceipt:
    with begin_work(library, desk) as uow:
        return check_out(uow, barcode=barcode, member_id=reader.account_id or 0, override=override, key=key)


def hand_in(
    library: Installation,
    desk: Actor,
    barcode: str,
    inspection: Inspection | None = None,
    returned_at: datetime | None = None,
    key: str | None = None,
) -> ReturnReceipt:
    with begin_work(library, desk) as uow:
        return check_in(uow, barcode=barcode, inspection=inspection, returned_at=returned_at, key=key)


def renewed(
    library: Installation, actor: Actor, loan_id: int, *, override: str | None = None, key: str | None = None
) -> RenewReceipt:
    with begin_work(library, actor) as uow:
        return renew(uow, loan_id=loan_id, override=override, key=key)


def paid(library: Installation, desk: Actor, reader: Actor, amount: int, **given: Any) -> PaymentReceipt:
    with begin_work(library, desk) as uow:
        return take_payment(
            uow, member_id=reader.account_id or 0, amount_minor=amount, method=PaymentMethod.CASH, **given
        )


def undone(library: Installation, desk: Actor, act_id: int) -> str:
    with begin_work(library, desk) as uow:
        return undo(uow, act_id)
