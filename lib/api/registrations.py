"""Joining the library: registering, confirming the address, approval."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.queries import MemberRow, registrations
from lib.accounts.registration import (
    RegistrationForm,
    approve,
    register,
    reject,
    resend_verification,
    verify_email,
)
from lib.api.answers import Body, Done, Listing, Paging, RowId, WrittenReason
from lib.api.callers import Caller, needs, reading, working
from lib.api.guard_origin import address_of
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.kit.strict import YesNo

router = APIRouter(prefix="/registrations", tags=["Registrations"], route_class=StrictRoute)
APPROVAL = [needs(Permission.APPROVE_MEMBERS)]


class RegistrationBody(RegistrationForm):
    """What somebody fills in to join."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    name: str
    email: str
    username: str
    password: str
    consent: Annotated[YesNo, Field(description="That the library may keep these data.")]


class MailedToken(Body):
    """The token of a mailed link."""

    token: Annotated[str, Field(max_length=200)]


class MailAddress(Body):
    """An e-mail address."""

    email: Annotated[str, Field(max_length=320)]


@router.post("", summary="Join the library; a link to confirm the address is mailed", status_code=202)
def post_registration(form: RegistrationBody, request: Request) -> Done:
    register(opened(), form, address=address_of(request))
    return Done(done="If the address can be used, a mail with a link is on its way.")


@router.post("/confirm", summary="Confirm the address with the mailed token")
def post_confirmation(actor: Caller, form: MailedToken) -> Done:
    with working(actor) as uow:
        status = verify_email(uow, form.token)
    return Done(done=f"The address is confirmed; the account is {status.value}.")


@router.post("/resend", summary="Have the link mailed again; the same answer for every address", status_code=202)
def post_resend(form: MailAddress, request: Request) -> Done:
    resend_verification(opened(), form.email, address_of(request))
    return Done(done="If a registration waits for this address, a mail with a link is on its way.")


@router.get("", dependencies=APPROVAL, summary="Registrations that wait for approval")
def get_registrations(actor: Caller, paging: Paging) -> Listing[MemberRow]:
    with reading(actor) as uow:
        return paging.listing(registrations(uow, page=paging.page, size=paging.size))


@router.post(
    "/{account_id}/approve", dependencies=APPROVAL, summary="Make a registration a membership", response_model=Done
)
def post_approval(actor: Caller, account_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        approve(uow, account_id)
        return Done(done="The registration is approved; the member was told by mail.")

    return do_once(actor, key, ("registration.approve", account_id), act, Done)


@router.post("/{account_id}/reject", dependencies=APPROVAL, summary="Turn a registration down", response_model=Done)
def post_rejection(actor: Caller, account_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        reject(uow, account_id, form.reason)
        return Done(done="The registration is rejected; the reason was mailed.")

    return do_once(actor, key, ("registration.reject", account_id, form.reason), act, Done)
