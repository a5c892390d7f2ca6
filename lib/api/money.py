"""Money: what a member owes and why, paying, waiving, refunding and charging; receipts and statements."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Body, Listing, Made, Number, Paging, RowId, WrittenReason
from lib.api.callers import Caller, needs, reading
from lib.api.files import PdfResponse, pdf, printing
from lib.api.loans import known, own_id
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.billing.models import ChargeKind, PaymentMethod
from lib.billing.paid import PaymentReceipt
from lib.billing.queries import AccountStatement, ChargeRow, PaymentRow, charges_of, payments_of, statement
from lib.billing.receipts import receipt_of, receipt_pdf, statement_pdf
from lib.circulation.money import (
    charge_member,
    could_set_off,
    owes,
    refund_charge,
    set_off_now,
    take_back_receipt,
    take_payment,
    waive_charge,
)
from lib.circulation.owed_items import OwedItem, owed_items
from lib.kit.strict import Whole

router = APIRouter(tags=["Money"], route_class=StrictRoute)
OWN, TILL = [needs(Permission.USE_ACCOUNT)], [needs(Permission.TAKE_PAYMENTS)]
Minor = Annotated[Whole, Field(ge=1, le=10**12, description="Minor units.", examples=[240])]
OpenOnly = Annotated[bool, Query(description="Those with a balance alone, the oldest first.")]
First = Annotated[date, Query(description="The first day.", examples=["2026-01-01"])]
Last = Annotated[date, Query(description="The last day, included.", examples=["2026-03-31"])]


class Owed(BaseModel):
    """What is owed as of today, and for what; below nought the library owes it."""

    owed_minor: int
    items: list[OwedItem]


class PaymentForm(Body):
    """Money as it was taken; over the charges named, else over the oldest first."""

    amount_minor: Minor
    method: PaymentMethod
    charge_ids: Annotated[tuple[Number, ...], Field(max_length=200)] = ()
    note: str = ""


class ChargeForm(Body):
    """What a member is charged by hand; `what` stands on receipts."""

    kind: Annotated[ChargeKind, Field(description="`damage` or `other`; the rest comes from loans.")]
    amount_minor: Minor
    what: Annotated[str, Field(examples=["Cover torn"])]
    copy_id: Number | None = None


class WaiverForm(Body):
    """What is forgiven and why; without an amount all that is owed."""

    amount_minor: Minor | None = None
    reason: Annotated[str, Field(examples=["The book drop was out of order."])]


class RefundForm(Body):
    """What is given back, how and why."""

    amount_minor: Minor
    method: PaymentMethod
    reason: Annotated[str, Field(examples=["The book was found again."])]


class Waived(BaseModel):
    """The ledger's entry that forgives."""

    entry_id: int


class ToSetOff(BaseModel):
    """What of a debt is, or would be, paid with what the library owes the member, in minor units."""

    amount_minor: int


def _owed(uow: UnitOfWork, account_id: int) -> Owed:
    return Owed(owed_minor=owes(uow, account_id), items=list(owed_items(uow, account_id)))


@router.get("/me/owed", dependencies=OWN, summary="What the caller owes as of today, item by item, and why")
def get_my_owed(actor: Caller) -> Owed:
    with reading(actor) as uow:
        return _owed(uow, own_id(actor))


@router.get("/me/charges", dependencies=OWN, summary="The caller's charges, newest first")
def get_my_charges(actor: Caller, paging: Paging, open_only: OpenOnly = False) -> Listing[ChargeRow]:
    with reading(actor) as uow:
        return paging.listing(
            charges_of(uow, own_id(actor), open_only=open_only, page=paging.page, size=paging.size)
        )  # fmt: skip


@router.get("/me/receipts", dependencies=OWN, summary="The caller's receipts, newest first")
def get_my_receipts(actor: Caller, paging: Paging) -> Listing[PaymentRow]:
    with reading(actor) as uow:
        return paging.listing(payments_of(uow, own_id(actor), page=paging.page, size=paging.size))


@router.get("/me/statement", dependencies=OWN, summary="The caller's statement of account over some days")
def get_my_statement(actor: Caller, first: First, last: Last) -> AccountStatement:
    with reading(actor) as uow:
        return statement(uow, own_id(actor), first=first, last=last)


@router.get("/me/statement/pdf", dependencies=OWN, summary="The caller's statement of account, to print",
            response_class=PdfResponse)  # fmt: skip
def get_my_statement_pdf(actor: Caller, first: First, last: Last) -> Response:
    with printing(actor) as uow:
        return pdf(statement_pdf(uow, own_id(actor), first, last), "statement")


@router.get("/receipts/{payment_id}", dependencies=OWN, summary="A receipt, one's own or at the till anybody's")
def get_receipt(actor: Caller, payment_id: RowId) -> PaymentReceipt:
    with reading(actor) as uow:
        return receipt_of(uow, payment_id)


@router.get("/receipts/{payment_id}/pdf", dependencies=OWN, summary="A receipt to print", response_class=PdfResponse)
def get_receipt_pdf(actor: Caller, payment_id: RowId) -> Response:
    with printing(actor) as uow:
        return pdf(receipt_pdf(uow, payment_id), "receipt")


@router.post(
    "/receipts/{payment_id}/take-back", dependencies=TILL, status_code=201, response_model=PaymentReceipt,
    summary="Take a receipt back as a whole, by a counter-receipt",
)  # fmt: skip
def post_receipt_back(actor: Caller, payment_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.take-back", payment_id, form.reason),
        lambda uow: take_back_receipt(uow, payment_id=payment_id, reason=form.reason), PaymentReceipt,
    )  # fmt: skip


@router.get(
    "/members/{member_id}/owed", dependencies=[needs(Permission.CIRCULATE)],
    summary="What a member owes as of today, item by item, and why",
)  # fmt: skip
def get_owed(actor: Caller, member_id: RowId) -> Owed:
    with reading(actor) as uow:
        return _owed(uow, member_id)


@router.get("/members/{member_id}/charges", dependencies=TILL, summary="A member's charges, newest first")
def get_charges(
    actor: Caller, member_id: RowId, paging: Paging, open_only: OpenOnly = False
) -> Listing[ChargeRow]:  # fmt: skip
    with reading(actor) as uow:
        who = known(uow, member_id)
        return paging.listing(charges_of(uow, who, open_only=open_only, page=paging.page, size=paging.size))


@router.get("/members/{member_id}/receipts", dependencies=TILL, summary="A member's receipts, newest first")
def get_receipts(actor: Caller, member_id: RowId, paging: Paging) -> Listing[PaymentRow]:
    with reading(actor) as uow:
        return paging.listing(payments_of(uow, known(uow, member_id), page=paging.page, size=paging.size))


@router.get("/members/{member_id}/statement", dependencies=TILL, summary="A member's statement of account")
def get_statement(actor: Caller, member_id: RowId, first: First, last: Last) -> AccountStatement:
    with reading(actor) as uow:
        return statement(uow, known(uow, member_id), first=first, last=last)


@router.get("/members/{member_id}/statement/pdf", dependencies=TILL, summary="A member's statement, to print",
            response_class=PdfResponse)  # fmt: skip
def get_statement_pdf(actor: Caller, member_id: RowId, first: First, last: Last) -> Response:
    with printing(actor) as uow:
        return pdf(statement_pdf(uow, member_id, first, last), "statement")


@router.post(
    "/members/{member_id}/payments", dependencies=TILL, summary="Take a payment; running fines are brought up to today",
    status_code=201, response_model=PaymentReceipt,
)  # fmt: skip
def post_payment(actor: Caller, member_id: RowId, form: PaymentForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.pay", member_id, form.model_dump(mode="json")),
        lambda uow: take_payment(uow, member_id=known(uow, member_id), **form.model_dump()), PaymentReceipt,
    )  # fmt: skip


@router.post(
    "/members/{member_id}/charges", dependencies=TILL, summary="Charge a member by hand", status_code=201,
    response_model=Made,
)  # fmt: skip
def post_charge(actor: Caller, member_id: RowId, form: ChargeForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.charge", member_id, form.model_dump(mode="json")),
        lambda uow: Made(id=charge_member(uow, member_id=member_id, **form.model_dump())), Made,
    )  # fmt: skip


@router.get("/members/{member_id}/set-off", dependencies=TILL, summary="What could be set off of a debt now")
def get_set_off(actor: Caller, member_id: RowId) -> ToSetOff:
    with reading(actor) as uow:
        return ToSetOff(amount_minor=could_set_off(uow, known(uow, member_id)))


@router.post(
    "/members/{member_id}/set-off", dependencies=TILL, status_code=201, response_model=ToSetOff,
    summary="Pay what a member owes from what the library owes them, at once instead of in the night",
)  # fmt: skip
def post_set_off(actor: Caller, member_id: RowId, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.set-off", member_id),
        lambda uow: ToSetOff(amount_minor=set_off_now(uow, member_id=known(uow, member_id))), ToSetOff,
    )  # fmt: skip


@router.post(
    "/charges/{charge_id}/waive", dependencies=[needs(Permission.WAIVE_CHARGES)],
    summary="Forgive what is owed on a charge, in whole or in part", status_code=201, response_model=Waived,
)  # fmt: skip
def post_waiver(actor: Caller, charge_id: RowId, form: WaiverForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.waive", charge_id, form.model_dump()),
        lambda uow: Waived(entry_id=waive_charge(uow, charge_id=charge_id, **form.model_dump())), Waived,
    )  # fmt: skip


@router.post(
    "/charges/{charge_id}/refund", dependencies=TILL, summary="Give money back that a charge does not need any more",
    status_code=201, response_model=PaymentReceipt,
)  # fmt: skip
def post_refund(actor: Caller, charge_id: RowId, form: RefundForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("money.refund", charge_id, form.model_dump(mode="json")),
        lambda uow: refund_charge(uow, charge_id=charge_id, **form.model_dump()), PaymentReceipt,
    )  # fmt: skip
