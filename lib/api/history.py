"""What the caller has read: shown, saved as a file, switched off, erased."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Body, Done, Listing, Paging
from lib.api.callers import Caller, needs, reading, working
from lib.api.files import CsvResponse, csv_lines
from lib.api.strictness import StrictRoute
from lib.circulation.history import erase_history, keep_history
from lib.circulation.queries import PastLoanRow, history_of
from lib.kit.strict import YesNo

MOST_PAGES = 500
COLUMNS = ("title_id", "title", "authors", "barcode", "issued_on", "due_on", "returned_on", "renewals", "fine_minor")
router = APIRouter(
    prefix="/me/history", tags=["My account"], route_class=StrictRoute, dependencies=[needs(Permission.USE_ACCOUNT)]
)


class Keeping(Body):
    """Whether returned loans are remembered from now on."""

    keep: YesNo


@router.get("", summary="What the caller has read")
def get_my_history(actor: Caller, paging: Paging) -> Listing[PastLoanRow]:
    with reading(actor) as uow:
        return paging.listing(history_of(uow, actor.account_id or 0, page=paging.page, size=paging.size))


@router.get("/export", summary="What the caller has read, as CSV", response_class=CsvResponse)
def get_history_export(actor: Caller) -> Response:
    with reading(actor) as uow:
        return CsvResponse(csv_lines(COLUMNS, _all(uow, actor.account_id or 0)), "history")


@router.put("", summary="Keep the history from now on, or forget each loan at its return")
def put_history(actor: Caller, form: Keeping) -> Done:
    with working(actor) as uow:
        keep_history(uow, form.keep)
    return Done(done="The history is kept." if form.keep else "From now on, what comes back is forgotten.")


@router.delete("", summary="Forget what the caller has read, for good")
def delete_history(actor: Caller) -> Done:
    """Loans returned with a fine within the last day stay until tomorrow."""
    with working(actor) as uow:
        gone = erase_history(uow)
    return Done(done=f"{gone} loans were forgotten.")


def _all(uow: UnitOfWork, account_id: int) -> Iterator[tuple[Any, ...]]:
    for page in range(1, MOST_PAGES + 1):
        found = history_of(uow, account_id, page=page, size=200)
        for row in found.rows:
            yield tuple(getattr(row, column) for column in COLUMNS)
        if page >= found.pages:
            return
