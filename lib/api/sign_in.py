"""Signing in for programs: access and refresh tokens, and API keys."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.api_keys import ApiKeyRow, create_key, my_keys, revoke_key
from lib.accounts.api_tokens import Tokens, issue_tokens, refresh, revoke_refresh
from lib.accounts.recovery import request_password_reset, reset_password
from lib.api.answers import Body, Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.guard_origin import address_of
from lib.api.registrations import MailAddress
from lib.api.strictness import StrictRoute
from lib.kit.strict import Moment

router = APIRouter(prefix="/auth", tags=["Sign in"], route_class=StrictRoute)


class Credentials(Body):
    """A user name, e-mail address or card number, and the password."""

    login: Annotated[str, Field(max_length=320, examples=["member@demo.example"])]
    password: Annotated[str, Field(max_length=1024, examples=["galactic tome nexus"])]


class Refresh(Body):
    """The refresh token of the last answer; it works once."""

    refresh: Annotated[str, Field(max_length=4096)]


class NewPassword(Body):
    """The token of a mailed link, and the password to come."""

    token: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1024)]


class KeyForm(Body):
    """A key's name, what it may do, and when it ends."""

    name: Annotated[str, Field(examples=["Return machine"])]
    scopes: Annotated[list[Permission], Field(examples=[["search", "borrow"]])]
    expires_at: Moment | None = None


class NewKey(Body):
    """A new key. The secret is shown this once and kept nowhere."""

    key: ApiKeyRow
    secret: str


@router.post("/token", summary="Sign in")
def post_token(form: Credentials, request: Request) -> Tokens:
    return issue_tokens(opened(), form.login, form.password, address_of(request))


@router.post("/refresh", summary="A new access token, and the next refresh token")
def post_refresh(form: Refresh) -> Tokens:
    return refresh(opened(), form.refresh)


@router.post("/sign-out", summary="End a refresh token and every one it came from")
def post_sign_out(form: Refresh) -> Done:
    revoke_refresh(opened(), form.refresh)
    return Done(done="Signed out.")


@router.post("/forgot", summary="Have a link for a new password mailed; the same answer for every address")
def post_forgotten(form: MailAddress, request: Request) -> Done:
    request_password_reset(opened(), form.email, address_of(request))
    return Done(done="If the address has an account, a mail with a link is on its way.")


@router.post("/reset", summary="Choose a new password with the mailed token")
def post_reset(form: NewPassword) -> Done:
    reset_password(opened(), form.token, form.password)
    return Done(done="The password is changed. Sign in with it.")


@router.get("/keys", dependencies=[needs(Permission.USE_ACCOUNT)], summary="The caller's API keys")
def get_keys(actor: Caller) -> Listing[ApiKeyRow]:
    with reading(actor) as uow:
        return listed(my_keys(uow))


@router.post("/keys", dependencies=[needs(Permission.USE_ACCOUNT)], summary="Make an API key", status_code=201)
def post_key(actor: Caller, form: KeyForm) -> NewKey:
    with working(actor) as uow:
        row, secret = create_key(uow, form.name, form.scopes, form.expires_at)
    return NewKey(key=row, secret=secret)


@router.delete("/keys/{key_id}", dependencies=[needs(Permission.USE_ACCOUNT)], summary="Revoke an API key")
def remove_key(actor: Caller, key_id: RowId) -> Done:
    with working(actor) as uow:
        revoke_key(uow, key_id)
    return Done(done="The key was revoked.")
