"""The caller's own account."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.cards import card_pdf
from lib.accounts.members import ProfileForm, edit_profile
from lib.accounts.passwords import change_password, prove_own
from lib.accounts.queries import MemberDetail, profile
from lib.accounts.recovery import confirm_email_change, request_email_change
from lib.accounts.sessions import SessionRow, end_other_sessions, end_session, my_sessions
from lib.api.answers import Body, Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.files import PdfResponse, printing
from lib.api.registrations import MailedToken
from lib.api.repeats import IfMatch, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.circulation.closing import Closing, ClosingReceipt, close_account, consider_closing

router = APIRouter(prefix="/me", tags=["My account"], route_class=StrictRoute)
ACCOUNT = [needs(Permission.USE_ACCOUNT)]


class OwnPassword(Body):
    """The own password, asked for again."""

    password: Annotated[str, Field(max_length=1024, examples=["galactic tome nexus"])]


class ProfileBody(ProfileForm):
    """What a reader may change of their own record."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    name: str


class Passwords(Body):
    """The password in force and the one to come."""

    old: Annotated[str, Field(max_length=1024)]
    new: Annotated[str, Field(max_length=1024)]


class NewAddress(Body):
    """The address to come, and the password as a proof."""

    email: Annotated[str, Field(max_length=320)]
    password: Annotated[str, Field(max_length=1024)]


@router.get("", dependencies=ACCOUNT, summary="The caller's own record")
def get_me(actor: Caller, response: Response) -> MemberDetail:
    with reading(actor) as uow:
        found = profile(uow)
    tag(response, found.version)
    return found


@router.put("", dependencies=ACCOUNT, summary="Change the own record")
def put_me(actor: Caller, form: ProfileBody, response: Response, if_match: IfMatch = None) -> MemberDetail:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_profile(uow, form, seen_version=version)
        found = profile(uow)
    tag(response, found.version)
    return found


@router.get("/card", dependencies=ACCOUNT, summary="The own library card, to print", response_class=PdfResponse)
def get_my_card(actor: Caller) -> Response:
    with printing(actor) as uow:
        return PdfResponse(card_pdf(uow, actor.account_id or 0))


@router.post("/password", dependencies=ACCOUNT, summary="Change the own password; ends every session and token")
def post_password(actor: Caller, form: Passwords) -> Done:
    change_password(opened(), actor, old=form.old, new=form.new)
    return Done(done="The password is changed. Sign in again.")


@router.get("/close", dependencies=ACCOUNT, summary="Could the own account be closed? Every reason against it")
def get_own_closing(actor: Caller) -> Closing:
    with reading(actor) as uow:
        return consider_closing(uow)


@router.post("/close", dependencies=ACCOUNT, response_model=ClosingReceipt,
             summary="Close the own account for good; asks for the password")  # fmt: skip
def post_own_closing(actor: Caller, form: OwnPassword) -> Any:
    """The token of this call ends with it; the answer is the last one."""
    prove_own(opened(), actor, form.password)
    with working(actor) as uow:
        return close_account(uow)


@router.post("/email", dependencies=ACCOUNT, summary="Change the own e-mail address; a link to confirm it is mailed",
             status_code=202)  # fmt: skip
def post_email(actor: Caller, form: NewAddress) -> Done:
    request_email_change(opened(), actor, form.email, form.password)
    return Done(done="If the address can be used, a mail with a link is on its way to it.")


@router.post("/email/confirm", summary="Confirm the new address with the mailed token")
def post_email_confirmation(actor: Caller, form: MailedToken) -> Done:
    with working(actor) as uow:
        confirm_email_change(uow, form.token)
    return Done(done="The address is changed.")


@router.get("/sessions", dependencies=ACCOUNT, summary="Where the caller is signed in with a browser")
def get_sessions(actor: Caller) -> Listing[SessionRow]:
    with reading(actor) as uow:
        return listed(my_sessions(uow))


@router.delete(
    "/sessions", dependencies=ACCOUNT, summary="Sign out everywhere: every browser, and every token, this one too"
)
def delete_sessions(actor: Caller) -> Done:
    with working(actor) as uow:
        ended = end_other_sessions(uow)
    return Done(done=f"Signed out everywhere; {ended} browsers among it.")


@router.delete("/sessions/{session_id}", dependencies=ACCOUNT, summary="Sign one of the own browsers out")
def delete_session(actor: Caller, session_id: RowId) -> Done:
    with working(actor) as uow:
        end_session(uow, session_id)
    return Done(done="That browser is signed out.")
