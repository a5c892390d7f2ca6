"""Members: find, read, add, edit, suspend, disable, reactivate, appoint."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from lib.access.permissions import Permission, Role
from lib.accounts.cards import card_pdf
from lib.accounts.members import MemberForm, add_member, edit_member
from lib.accounts.models import AccountStatus
from lib.accounts.queries import MemberDetail, MemberRow, find_members, member
from lib.accounts.renewal import renew_membership
from lib.accounts.staff import appoint
from lib.accounts.standing import reactivate, suspend
from lib.api.answers import Body, Done, Listing, Made, Paging, RowId, WrittenReason
from lib.api.callers import Caller, needs, reading, working
from lib.api.files import PdfResponse, printing
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.circulation.closing import Closing, ClosingReceipt, close_account, consider_closing, disable_account
from lib.kit.strict import Day

router = APIRouter(prefix="/members", tags=["Members"], route_class=StrictRoute)


class Renewed(BaseModel):
    """The last day of a membership now; empty: it has no end."""

    membership_ends_on: date | None


class MemberBody(MemberForm):
    """What staff know of a member. Without a card number one is made; without an end, a new membership lasts as long
    as its type says."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    name: str


class Suspension(Body):
    """Why, and up to which day; without a day until it is lifted."""

    reason: Annotated[str, Field(examples=["Damaged a map"])]
    until: Day | None = None


class Appointment(Body):
    """The role to give."""

    role: Annotated[Role, Field(examples=["librarian"])]


@router.get(
    "", dependencies=[needs(Permission.READ_MEMBERS)], summary="Find members by name, card, e-mail or telephone"
)
def get_members(
    actor: Caller,
    paging: Paging,
    q: Annotated[str, Query(max_length=200)] = "",
    role: Role | None = None,
    status: AccountStatus | None = None,
) -> Listing[MemberRow]:
    with reading(actor) as uow:
        return paging.listing(find_members(uow, q, role=role, status=status, page=paging.page, size=paging.size))


@router.post(
    "", dependencies=[needs(Permission.EDIT_MEMBERS)], summary="Add a member", status_code=201, response_model=Made
)
def post_member(actor: Caller, form: MemberBody, key: IdempotencyKey = None) -> Any:
    asked = ("member.add", form.model_dump(mode="json"))
    return do_once(actor, key, asked, lambda uow: Made(id=add_member(uow, form)), Made)


@router.get(
    "/{account_id}",
    dependencies=[needs(Permission.READ_MEMBERS)],
    summary="A member's record; that it was read is audited",
)
def get_member(actor: Caller, account_id: RowId, response: Response) -> MemberDetail:
    with reading(actor) as uow:
        found = member(uow, account_id)
    tag(response, found.version)
    return found


@router.put("/{account_id}", dependencies=[needs(Permission.EDIT_MEMBERS)], summary="Edit a member's record")
def put_member(
    actor: Caller, account_id: RowId, form: MemberBody, response: Response, if_match: IfMatch = None
) -> MemberDetail:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_member(uow, account_id, form, seen_version=version)
        found = member(uow, account_id)
    tag(response, found.version)
    return found


@router.post(
    "/{account_id}/suspend",
    dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Keep a member from borrowing",
    response_model=Done,
)
def post_suspension(actor: Caller, account_id: RowId, form: Suspension, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        suspend(uow, account_id, form.reason, form.until)
        return Done(done="The member is suspended.")

    return do_once(actor, key, ("member.suspend", account_id, form.model_dump(mode="json")), act, Done)


@router.post(
    "/{account_id}/disable",
    dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Close an account to sign-in; its holds end",
    response_model=Done,
)
def post_disabling(actor: Caller, account_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        disable_account(uow, account_id, form.reason)
        return Done(done="The account is disabled; its sessions, keys and holds have ended.")

    return do_once(actor, key, ("member.disable", account_id, form.reason), act, Done)


@router.get(
    "/{account_id}/close", dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Could this account be closed for good? Every reason against it; changes nothing",
)  # fmt: skip
def get_account_closing(actor: Caller, account_id: RowId) -> Closing:
    with reading(actor) as uow:
        return consider_closing(uow, account_id)


@router.post(
    "/{account_id}/close", dependencies=[needs(Permission.EDIT_MEMBERS)], response_model=ClosingReceipt,
    summary="Close a member's account for good: its holds end, and what says who it was goes",
)  # fmt: skip
def post_account_closing(actor: Caller, account_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("member.close", account_id, form.reason),
        lambda uow: close_account(uow, account_id, reason=form.reason), ClosingReceipt,
    )  # fmt: skip


@router.post(
    "/{account_id}/reactivate",
    dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Lift a suspension or open a disabled account",
    response_model=Done,
)
def post_reactivation(actor: Caller, account_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        reactivate(uow, account_id)
        return Done(done="The account is active again.")

    return do_once(actor, key, ("member.reactivate", account_id), act, Done)


@router.post(
    "/{account_id}/role",
    dependencies=[needs(Permission.MANAGE_STAFF)],
    summary="Make somebody a member, librarian or admin",
    response_model=Done,
)
def post_role(actor: Caller, account_id: RowId, form: Appointment, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        appoint(uow, account_id, form.role)
        return Done(done=f"The role is {form.role.value} now; their sessions have ended.")

    return do_once(actor, key, ("member.role", account_id, form.role.value), act, Done)


@router.post(
    "/{account_id}/renew-membership", dependencies=[needs(Permission.EDIT_MEMBERS)],
    summary="Renew a membership: it lasts as long again as its type says", response_model=Renewed,
)  # fmt: skip
def post_membership(actor: Caller, account_id: RowId, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("member.renew", account_id),
        lambda uow: Renewed(membership_ends_on=renew_membership(uow, account_id)), Renewed,
    )  # fmt: skip


@router.get(
    "/{account_id}/card", dependencies=[needs(Permission.READ_MEMBERS)], summary="A member's library card, to print",
    response_class=PdfResponse,
)  # fmt: skip
def get_card(actor: Caller, account_id: RowId) -> Response:
    with printing(actor) as uow:
        return PdfResponse(card_pdf(uow, account_id))
