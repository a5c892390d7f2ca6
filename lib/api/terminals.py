"""Terminals, for whoever installs them; and PINs, one's own or at the desk."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.pins import clear_pin, has_pin, is_locked, lift_pin_lock, set_own_pin, set_pin_at_desk
from lib.accounts.terminals import (
    TerminalKind,
    TerminalRow,
    make_terminal,
    revoke_terminal,
    rotate_secret,
    set_returns,
    terminals,
)
from lib.api.answers import Body, Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.loans import known, own_id
from lib.api.strictness import StrictRoute
from lib.kit.strict import YesNo

router = APIRouter(tags=["Self-check"], route_class=StrictRoute)
SETTING_UP = [needs(Permission.MANAGE_SETTINGS)]
BIN = "It has a return bin that recognises each book: what it takes back is returned at once."
Pin = Annotated[str, Field(description="Four to eight digits.", examples=["4711"])]


class TerminalForm(Body):
    """A machine to be made."""

    kind: Annotated[TerminalKind, Field(description="`sip2` for self-check machines, `kiosk` for tablets.")]
    login: Annotated[str, Field(description="3 to 40 letters (a–z), digits, dots, dashes.", examples=["hall-1"])]
    name: Annotated[str, Field(examples=["Self-check in the hall"])]
    takes_returns: Annotated[YesNo, Field(description=BIN)] = False


class TerminalChange(Body):
    """What may change about a terminal."""

    takes_returns: Annotated[YesNo, Field(description=BIN)]


class TerminalMade(BaseModel):
    """A terminal and its secret, which is shown this once."""

    id: int
    secret: str


class NewSecret(BaseModel):
    """A secret, which is shown this once."""

    secret: str


class OwnPin(Body):
    """A PIN of one's own."""

    pin: Pin
    password: Annotated[str, Field(description="The present password, as proof.")]


class PinState(BaseModel):
    """Whether there is a PIN, never which."""

    is_set: bool


class CardState(PinState):
    """`locked`: wrong PINs closed the card to the machines for a while."""

    locked: bool


class DeskPin(Body):
    """A PIN for a member."""

    pin: Pin


@router.get("/terminals", dependencies=SETTING_UP, summary="Terminals, those in use first")
def get_terminals(actor: Caller) -> Listing[TerminalRow]:
    with reading(actor) as uow:
        return listed(terminals(uow))


@router.post(
    "/terminals", dependencies=SETTING_UP, status_code=201, summary="Make a terminal; its secret is shown once"
)
def post_terminal(actor: Caller, form: TerminalForm) -> TerminalMade:
    made, secret = make_terminal(
        opened(), actor, kind=form.kind, login=form.login, name=form.name, takes_returns=form.takes_returns
    )
    return TerminalMade(id=made, secret=secret)


@router.post(
    "/terminals/{terminal_id}/secret",
    dependencies=SETTING_UP,
    summary="Give a terminal a new secret; what it began under the old one ends",
)
def post_secret(actor: Caller, terminal_id: RowId) -> NewSecret:
    return NewSecret(secret=rotate_secret(opened(), actor, terminal_id))


@router.patch("/terminals/{terminal_id}", dependencies=SETTING_UP, summary="Say whether a terminal has a return bin")
def patch_terminal(actor: Caller, terminal_id: RowId, form: TerminalChange) -> Done:
    with working(actor) as uow:
        set_returns(uow, terminal_id, form.takes_returns)
    return Done(done="It returns at once." if form.takes_returns else "It goes by the settings of lending.")


@router.delete("/terminals/{terminal_id}", dependencies=SETTING_UP, summary="Revoke a terminal for good")
def delete_terminal(actor: Caller, terminal_id: RowId) -> Done:
    with working(actor) as uow:
        revoke_terminal(uow, terminal_id)
    return Done(done="The terminal is revoked.")


@router.get("/me/pin", dependencies=[needs(Permission.USE_ACCOUNT)], summary="Whether one has a PIN")
def get_own_pin(actor: Caller) -> PinState:
    with reading(actor) as uow:
        return PinState(is_set=has_pin(uow, own_id(actor)))


@router.get(
    "/members/{account_id}/pin", dependencies=[needs(Permission.READ_MEMBERS)],
    summary="Whether a member has a PIN, and whether wrong ones closed their card to the machines",
)  # fmt: skip
def get_pin(actor: Caller, account_id: RowId) -> CardState:
    with reading(actor) as uow:
        who = known(uow, account_id)
        return CardState(is_set=has_pin(uow, who), locked=is_locked(uow, who))


@router.put("/me/pin", dependencies=[needs(Permission.USE_ACCOUNT)], summary="Choose a PIN for the library's machines")
def put_own_pin(actor: Caller, form: OwnPin) -> Done:
    set_own_pin(opened(), actor, password=form.password, pin=form.pin)
    return Done(done="Your PIN is set.")


@router.delete("/me/pin", dependencies=[needs(Permission.USE_ACCOUNT)], summary="Remove one's own PIN")
def delete_own_pin(actor: Caller) -> Done:
    with working(actor) as uow:
        clear_pin(uow, actor.account_id or 0)
    return Done(done="Your PIN is removed.")


@router.put("/members/{account_id}/pin", dependencies=[needs(Permission.EDIT_MEMBERS)], summary="Give a member a PIN")
def put_pin(actor: Caller, account_id: RowId, form: DeskPin) -> Done:
    set_pin_at_desk(opened(), actor, account_id, form.pin)
    return Done(done="The PIN is set.")


@router.delete(
    "/members/{account_id}/pin", dependencies=[needs(Permission.EDIT_MEMBERS)], summary="Remove a member's PIN"
)
def delete_pin(actor: Caller, account_id: RowId) -> Done:
    with working(actor) as uow:
        clear_pin(uow, account_id)
    return Done(done="The PIN is removed.")


@router.delete(
    "/members/{account_id}/pin/lock",
    dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Open a card again that wrong PINs closed to the machines",
)
def delete_pin_lock(actor: Caller, account_id: RowId) -> Done:
    with working(actor) as uow:
        lift_pin_lock(uow, account_id)
    return Done(done="The card may try again.")
