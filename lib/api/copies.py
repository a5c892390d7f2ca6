"""Copies: the physical items of a title."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, RowId, WrittenReason, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.catalogue.copies import add_copies
from lib.catalogue.forms import CopyForm
from lib.catalogue.queries import copy, copy_by_barcode, title
from lib.catalogue.rows import CopyRow
from lib.circulation.copy_dues import copy_dues, who_has
from lib.circulation.copy_moves import edit_copy
from lib.circulation.withdrawal import delete_copy, reinstate_copy, withdraw_copy
from lib.kit.strict import Whole

router = APIRouter(tags=["Copies"], route_class=StrictRoute)


class NewCopies(Body):
    """How many copies to add, all alike; a barcode may be given for a single one."""

    copy_form: Annotated[CopyForm, Field(alias="copy")] = CopyForm()
    count: Annotated[Whole, Field(ge=1, le=200)] = 1


class Reinstated(Done):
    """`hold_id`: the hold for which the copy lies on the hold shelf now; empty: it goes to its shelf."""

    hold_id: int | None


class CopyDue(BaseModel):
    """A copy that is out, and until when."""

    copy_id: int
    due_on: date


class CopyWith(CopyDue):
    """Who has it."""

    member_id: int
    member: str


class Barcodes(Body):
    """The barcodes of copies that were added."""

    barcodes: list[str]


@router.post(
    "/titles/{title_id}/copies",
    dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Add copies of a title",
    status_code=201,
    response_model=Barcodes,
)
def post_copies(actor: Caller, title_id: RowId, form: NewCopies, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("copy.add", title_id, form.model_dump()),
        lambda uow: Barcodes(barcodes=add_copies(uow, title_id, form.copy_form, form.count)), Barcodes,
    )  # fmt: skip


@router.get("/titles/{title_id}/copies/due", summary="Which copies of a title are out, and until when")
def get_copies_due(actor: Caller, title_id: RowId) -> Listing[CopyDue]:
    with reading(actor) as uow:
        title(uow, title_id)
        return listed(tuple(CopyDue(copy_id=copy_id, due_on=day) for copy_id, day in copy_dues(uow, title_id).items()))


@router.get(
    "/titles/{title_id}/copies/out", dependencies=[needs(Permission.CIRCULATE)],
    summary="Who has the copies of a title that are out",
)  # fmt: skip
def get_copies_out(actor: Caller, title_id: RowId) -> Listing[CopyWith]:
    with reading(actor) as uow:
        title(uow, title_id)
        rows = who_has(uow, title_id).items()
        return listed(
            tuple(
                CopyWith(copy_id=at, due_on=one.due_on, member_id=one.account_id, member=one.name) for at, one in rows
            )
        )


@router.get("/copies/{barcode}", summary="A copy by its barcode")
def get_copy(actor: Caller, barcode: Annotated[str, Path(max_length=64)], response: Response) -> CopyRow:
    with reading(actor) as uow:
        found = copy_by_barcode(uow, barcode)
    tag(response, found.version)
    return found


@router.put("/copies/{copy_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Edit a copy")
def put_copy(actor: Caller, copy_id: RowId, form: CopyForm, response: Response, if_match: IfMatch = None) -> CopyRow:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_copy(uow, copy_id, form, seen_version=version)
        found = copy(uow, copy_id)
    tag(response, found.version)
    return found


@router.delete(
    "/copies/{copy_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Delete a copy that was never lent"
)
def remove_copy(actor: Caller, copy_id: RowId) -> Done:
    with working(actor) as uow:
        delete_copy(uow, copy_id)
    return Done(done="The copy was deleted.")


@router.post(
    "/copies/{copy_id}/withdraw",
    dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Withdraw a copy for good",
    response_model=Done,
)
def post_withdraw(actor: Caller, copy_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        withdraw_copy(uow, copy_id, form.reason)
        return Done(done="The copy was withdrawn.")

    return do_once(actor, key, ("copy.withdraw", copy_id, form.reason), act, Done)


@router.post(
    "/copies/{copy_id}/reinstate", dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Take a withdrawn copy back into the collection", response_model=Reinstated,
)  # fmt: skip
def post_reinstatement(actor: Caller, copy_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Reinstated:
        offer = reinstate_copy(uow, copy_id)
        if offer is None:
            return Reinstated(done="The copy is back in the collection.", hold_id=None)
        return Reinstated(done="The copy is back, and somebody waits for it: hold shelf.", hold_id=offer.hold_id)

    return do_once(actor, key, ("copy.reinstate", copy_id), act, Reinstated)
