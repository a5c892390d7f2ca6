"""Exceptions: a value of the lending policy that holds otherwise for one member, for a reason, up to a day."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Body, Done, Listing, Made, Number, RowId, listed
from lib.api.callers import Caller, needs, reading
from lib.api.loans import known, own_id
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.exceptions import ExceptionRow, add_exception, end_exception, exceptions_of
from lib.kit.strict import Day

router = APIRouter(tags=["Members"], route_class=StrictRoute)
Excepted = Literal[
    "max_loans", "loan_days", "max_renewals", "fine_per_day", "max_holds", "hold_shelf_days", "debt_block",
    "overdue_blocks",
]  # fmt: skip


class ExceptionForm(Body):
    """Which value holds otherwise and up to which day, included. Amounts as in the policy; `overdue_blocks` with 0:
    overdue loans do not keep them from borrowing."""

    name: Excepted
    amount: Number
    until: Day
    reason: Annotated[str, Field(examples=["Writes a thesis; agreed with the head librarian."])]


@router.get(
    "/me/exceptions", dependencies=[needs(Permission.USE_ACCOUNT)],
    summary="What of the rules is different for the caller, newest first",
)  # fmt: skip
def get_my_exceptions(actor: Caller) -> Listing[ExceptionRow]:
    with reading(actor) as uow:
        return listed(exceptions_of(uow, own_id(actor)))


@router.get(
    "/members/{member_id}/exceptions", dependencies=[needs(Permission.CIRCULATE)],
    summary="What of the rules is different for a member, newest first, ended ones too",
)  # fmt: skip
def get_exceptions(actor: Caller, member_id: RowId) -> Listing[ExceptionRow]:
    with reading(actor) as uow:
        return listed(exceptions_of(uow, known(uow, member_id)))


@router.post(
    "/members/{member_id}/exceptions", dependencies=[needs(Permission.OVERRIDE_BLOCKS)],
    summary="Let another value hold for a member up to a day", status_code=201, response_model=Made,
)  # fmt: skip
def post_exception(actor: Caller, member_id: RowId, form: ExceptionForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("exception.add", member_id, form.model_dump(mode="json")),
        lambda uow: Made(id=add_exception(uow, account_id=member_id, **form.model_dump())), Made,
    )  # fmt: skip


@router.post(
    "/exceptions/{exception_id}/end", dependencies=[needs(Permission.OVERRIDE_BLOCKS)],
    summary="End an exception before its day", response_model=Done,
)  # fmt: skip
def post_exception_end(actor: Caller, exception_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: UnitOfWork) -> Done:
        end_exception(uow, exception_id)
        return Done(done="The exception has ended.")

    return do_once(actor, key, ("exception.end", exception_id), act, Done)
