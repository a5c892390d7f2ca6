"""The caller's own account; registration and approval."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from lib.accounts.members import ProfileForm, edit_profile
from lib.accounts.passwords import change_password
from lib.accounts.queries import MemberDetail, MemberRow, profile, registrations
from lib.accounts.registration import RegistrationForm, approve, register, reject, verify_email
from lib.accounts.sessions import SessionRow, end_session, my_sessions
from lib.api.answers import Body, Done, Listing, listed, listing
from lib.api.callers import Caller, PageNumber, address_of, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute

router = APIRouter(tags=["Accounts"], route_class=StrictRoute)


class Token(Body):
    """The token of a mailed link."""

    token: Annotated[str, Field(max_length=200)]


class Passwords(Body):
    """The password in force and the one to come."""

    old: Annotated[str, Field(max_length=1024)]
    new: Annotated[str, Field(max_length=1024)]


class Reason(Body):
    """The written reason of an act."""

    reason: Annotated[str, Field(examples=["The address could not be confirmed."])]


@router.get("/me", summary="The caller's own record")
def get_me(actor: Caller, response: Response) -> MemberDetail:
    with reading(actor) as uow:
        found = profile(uow)
    tag(response, found.version)
    return found


@router.put("/me", summary="Change the own record")
def put_me(actor: Caller, form: ProfileForm, response: Response, if_match: IfMatch = None) -> MemberDetail:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_profile(uow, form, seen_version=version)
        found = profile(uow)
    tag(response, found.version)
    return found


@router.post("/me/password", summary="Change the own password; ends every session and token")
def post_password(actor: Caller, form: Passwords) -> Done:
    with working(actor) as uow:
        change_password(uow, old=form.old, new=form.new)
    return Done(done="The password is changed. Sign in again.")


@router.get("/me/sessions", summary="Where the caller is signed in with a browser")
def get_sessions(actor: Caller) -> Listing[SessionRow]:
    with reading(actor) as uow:
        return listed(my_sessions(uow))


@router.delete("/me/sessions/{session_id}", summary="Sign one of the own browsers out")
def remove_session(actor: Caller, session_id: int) -> Done:
    with working(actor) as uow:
        end_session(uow, session_id)
    return Done(done="That browser is signed out.")


@router.post("/registrations", summary="Join the library; a link to confirm the address is mailed", status_code=202)
def post_registration(actor: Caller, form: RegistrationForm, request: Request) -> Done:
    with working(actor) as uow:
        register(uow, form, address=address_of(request))
    return Done(done="If the address can be used, a mail with a link is on its way.")


@router.post("/registrations/confirm", summary="Confirm the address with the mailed token")
def post_confirmation(actor: Caller, form: Token) -> Done:
    with working(actor) as uow:
        status = verify_email(uow, form.token)
    return Done(done=f"The address is confirmed; the account is {status.value}.")


@router.get("/registrations", summary="Registrations that wait for approval")
def get_registrations(actor: Caller, page: PageNumber = 1) -> Listing[MemberRow]:
    with reading(actor) as uow:
        return listing(registrations(uow, page=page))


@router.post("/registrations/{account_id}/approve", summary="Make a registration a membership", response_model=Done)
def post_approval(actor: Caller, account_id: int, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        approve(uow, account_id)
        return Done(done="The registration is approved; the member was told by mail.")

    return do_once(actor, key, ("registration.approve", account_id), act, Done)


@router.post("/registrations/{account_id}/reject", summary="Turn a registration down", response_model=Done)
def post_rejection(actor: Caller, account_id: int, form: Reason, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        reject(uow, account_id, form.reason)
        return Done(done="The registration is rejected; the reason was mailed.")

    return do_once(actor, key, ("registration.reject", account_id, form.reason), act, Done)
