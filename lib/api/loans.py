"""Lending: issue, borrow, renew, return; each with a dry run that gives every reason."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Body, Listing, Number, Paging, RowId
from lib.api.callers import Caller, needs, reading, working
from lib.api.files import PdfResponse, pdf, printing
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.models import Condition
from lib.circulation.borrowing import borrow, consider_borrow
from lib.circulation.checkout import IssueReceipt, check_out, consider_check_out
from lib.circulation.decision import Decision
from lib.circulation.due_explained import DueExplained, explain_due
from lib.circulation.loan_slip import loan_slip_pdf
from lib.circulation.models import Channel
from lib.circulation.queries import LoanRow, Standing, borrower, loans_of, standing
from lib.circulation.renewals import RenewOutcome, RenewReceipt, consider_renewal, renew, renew_all
from lib.circulation.returns import Inspection, ReturnReceipt, check_in
from lib.kit.errors import NotSignedIn
from lib.kit.strict import Moment

router = APIRouter(tags=["Loans"], route_class=StrictRoute)


class Issue(Body):
    """Which copy goes to which member; `override` is the written reason for lending against blocks."""

    barcode: Annotated[str, Field(examples=["3100000000017"])]
    member_id: Number
    override: Annotated[str | None, Field(examples=["For the reading group, agreed with the head librarian."])] = None


class Borrow(Body):
    """Which title the caller borrows; the library picks a copy that is on the shelf."""

    title_id: Number


class Renewal(Body):
    """The written reason for renewing against blocks; for staff."""

    override: Annotated[str | None, Field(examples=["The reader is in hospital."])] = None


class Return(Body):
    """Which copy comes back, how it looks, and when it was dropped, if not now. `charge_minor` is charged to the
    member for damage; it goes with a condition."""

    barcode: Annotated[str, Field(examples=["3100000000017"])]
    condition: Condition | None = None
    note: str = ""
    charge_minor: Number = 0
    returned_at: Moment | None = None

    @model_validator(mode="after")
    def _is_looked_at(self) -> "Return":
        if self.condition is None and (self.note or self.charge_minor):
            raise ValueError("Say in which condition it is.")
        return self


def own_id(actor: Caller) -> int:
    """The caller's account.

    Raises:
        NotSignedIn: a guest has none.
    """
    if actor.account_id is None:
        raise NotSignedIn
    return actor.account_id


def known(uow: UnitOfWork, member_id: int) -> int:
    """The id of a member who is there, for lists that are empty for everybody else.

    Raises:
        NotFound.
    """
    borrower(uow, member_id)
    return member_id


@router.post(
    "/loans",
    dependencies=[needs(Permission.CIRCULATE)],
    summary="Issue a copy to a member",
    status_code=201,
    response_model=IssueReceipt,
)
def post_loan(actor: Caller, form: Issue, key: IdempotencyKey = None) -> Any:
    with working(actor) as uow:  # what is kept with the key names nobody, so that it need not be forgotten
        return check_out(
            uow, barcode=form.barcode, member_id=form.member_id, override=form.override, channel=Channel.API, key=key
        )


@router.post(
    "/loans/dry-run",
    dependencies=[needs(Permission.CIRCULATE)],
    summary="Would this copy be issued? Every reason; changes nothing",
)
def dry_run_loan(actor: Caller, form: Issue) -> Decision:
    with reading(actor) as uow:
        return consider_check_out(uow, barcode=form.barcode, member_id=form.member_id)


@router.post(
    "/me/loans",
    dependencies=[needs(Permission.BORROW)],
    summary="Borrow a title oneself",
    status_code=201,
    response_model=IssueReceipt,
)
def post_my_loan(actor: Caller, form: Borrow, key: IdempotencyKey = None) -> Any:
    with working(actor) as uow:
        return borrow(uow, title_id=form.title_id, key=key)


@router.post(
    "/me/loans/dry-run",
    dependencies=[needs(Permission.BORROW)],
    summary="Could the caller borrow this title? Every reason; changes nothing",
)
def dry_run_my_loan(actor: Caller, form: Borrow) -> Decision:
    with reading(actor) as uow:
        return consider_borrow(uow, title_id=form.title_id)


@router.get("/me/loans", dependencies=[needs(Permission.USE_ACCOUNT)], summary="The caller's open loans")
def get_my_loans(actor: Caller, paging: Paging) -> Listing[LoanRow]:
    with reading(actor) as uow:
        return paging.listing(loans_of(uow, own_id(actor), page=paging.page, size=paging.size))


@router.get(
    "/me/standing", dependencies=[needs(Permission.USE_ACCOUNT)], summary="The caller's counts, money owed and blocks"
)
def get_my_standing(actor: Caller) -> Standing:
    with reading(actor) as uow:
        return standing(uow, own_id(actor))


@router.post(
    "/me/loans/renew-all",
    dependencies=[needs(Permission.BORROW)],
    summary="Renew every open loan of the caller",
    response_model=list[RenewOutcome],
)
def post_renew_all(actor: Caller, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("loan.renew-all",), lambda uow: list(renew_all(uow, member_id=own_id(actor))), list[RenewOutcome]
    )


@router.get("/members/{member_id}/loans", dependencies=[needs(Permission.CIRCULATE)], summary="A member's open loans")
def get_member_loans(actor: Caller, member_id: RowId, paging: Paging) -> Listing[LoanRow]:
    with reading(actor) as uow:
        return paging.listing(loans_of(uow, member_id, page=paging.page, size=paging.size))


@router.get(
    "/members/{member_id}/loans/slip", dependencies=[needs(Permission.CIRCULATE)],
    summary="What a member has at home and until when, to print; it names nobody", response_class=PdfResponse,
)  # fmt: skip
def get_loan_slip(actor: Caller, member_id: RowId) -> Response:
    with printing(actor) as uow:
        return pdf(loan_slip_pdf(uow, known(uow, member_id)), "loans")


@router.post(
    "/members/{member_id}/loans/renew-all", dependencies=[needs(Permission.CIRCULATE)],
    summary="Renew every open loan of a member", response_model=list[RenewOutcome],
)  # fmt: skip
def post_member_renew_all(actor: Caller, member_id: RowId, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("loan.renew-all", member_id),
        lambda uow: list(renew_all(uow, member_id=known(uow, member_id))), list[RenewOutcome],
    )  # fmt: skip


@router.get(
    "/members/{member_id}/standing",
    dependencies=[needs(Permission.CIRCULATE)],
    summary="A member's counts, money owed and blocks",
)
def get_member_standing(actor: Caller, member_id: RowId) -> Standing:
    with reading(actor) as uow:
        return standing(uow, member_id)


@router.get(
    "/loans/{loan_id}/due", dependencies=[needs(Permission.BORROW)],
    summary="Why a loan is due then: the steps of its date, in sentences",
)  # fmt: skip
def get_due(actor: Caller, loan_id: RowId) -> DueExplained:
    with reading(actor) as uow:
        return explain_due(uow, loan_id)


@router.post(
    "/loans/{loan_id}/renew",
    dependencies=[needs(Permission.BORROW)],
    summary="Renew a loan",
    response_model=RenewReceipt,
)
def post_renewal(actor: Caller, loan_id: RowId, form: Renewal | None = None, key: IdempotencyKey = None) -> Any:
    override = form.override if form else None
    return do_once(
        actor, key, ("loan.renew", loan_id, override),
        lambda uow: renew(uow, loan_id=loan_id, override=override), RenewReceipt,
    )  # fmt: skip


@router.post(
    "/loans/{loan_id}/renew/dry-run",
    dependencies=[needs(Permission.BORROW)],
    summary="Could this loan be renewed? Every reason; changes nothing",
)
def dry_run_renewal(actor: Caller, loan_id: RowId) -> Decision:
    with reading(actor) as uow:
        return consider_renewal(uow, loan_id=loan_id)


@router.post(
    "/returns", dependencies=[needs(Permission.CIRCULATE)], summary="Take a copy back", response_model=ReturnReceipt
)
def post_return(actor: Caller, form: Return, key: IdempotencyKey = None) -> Any:
    inspection = Inspection(form.condition, form.note, form.charge_minor) if form.condition else None
    with working(actor) as uow:  # a repeat looks up who it was: once the loan is forgotten, the answer is too
        return check_in(uow, barcode=form.barcode, inspection=inspection, returned_at=form.returned_at, key=key)
