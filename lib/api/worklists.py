"""What waits for staff: the inbox, overdue loans, copies by their status, what is missing."""

from typing import Annotated

from fastapi import APIRouter, Query

from lib.access.permissions import Permission
from lib.api.answers import Listing, Paging, listed
from lib.api.callers import Caller, needs, reading
from lib.api.strictness import StrictRoute
from lib.catalogue.models import CopyStatus
from lib.circulation.unserved import UnservedHold, unserved_holds
from lib.reports.missing import LostCopy, SoonLost, lost_copies, soon_lost
from lib.reports.overdue import OverdueLoan, overdue_loans
from lib.reports.worklists import Inbox, WaitingCopy, copies_waiting, inbox

router = APIRouter(prefix="/worklists", tags=["Desk"], route_class=StrictRoute)
DESK = [needs(Permission.CIRCULATE)]


@router.get("/inbox", dependencies=DESK, summary="All that waits for staff, in counts")
def get_inbox(actor: Caller) -> Inbox:
    with reading(actor) as uow:
        return inbox(uow)


@router.get("/overdue", dependencies=[needs(Permission.READ_MEMBERS)], summary="Overdue loans, the longest first")
def get_overdue(
    actor: Caller,
    paging: Paging,
    more_than_days: Annotated[int, Query(ge=0, le=10_000, description="Days of the calendar past their day.")] = 0,
    text: Annotated[str, Query(max_length=100, description="A member or title so called, a card or a barcode.")] = "",
) -> Listing[OverdueLoan]:
    """They name members: the look is audited."""
    with reading(actor) as uow:
        found = overdue_loans(uow, more_than_days=more_than_days, text=text, page=paging.page, size=paging.size)
        return paging.listing(found)


@router.get(
    "/copies/{status}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Copies of a status, the newest first"
)
def get_copies_waiting(actor: Caller, status: CopyStatus, paging: Paging) -> Listing[WaitingCopy]:
    with reading(actor) as uow:
        return paging.listing(copies_waiting(uow, status, page=paging.page, size=paging.size))


@router.get("/unserved", dependencies=DESK, summary="Holds that no copy can serve, the longest first")
def get_unserved(actor: Caller, paging: Paging) -> Listing[UnservedHold]:
    with reading(actor) as uow:
        return paging.listing(unserved_holds(uow, page=paging.page, size=paging.size))


@router.get("/lost", dependencies=DESK, summary="Lost copies, and what became of the money")
def get_lost(actor: Caller, paging: Paging) -> Listing[LostCopy]:
    """They name members: the look is audited."""
    with reading(actor) as uow:
        return paging.listing(lost_copies(uow, page=paging.page, size=paging.size))


@router.get("/soon-lost", dependencies=DESK, summary="Late loans that will count as lost within 14 open days")
def get_soon_lost(actor: Caller) -> Listing[SoonLost]:
    """They name members: the look is audited."""
    with reading(actor) as uow:
        return listed(soon_lost(uow))
