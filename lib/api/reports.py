"""What admins look at: the audit trail and the outbox."""

from fastapi import APIRouter

from lib.api.answers import Listing, listing
from lib.api.callers import Caller, PageNumber, PageSize, reading
from lib.api.strictness import StrictRoute
from lib.audit.queries import AuditEntry, audit_rows
from lib.notices.outbox import NoticeRow, mailbox

router = APIRouter(tags=["Reports"], route_class=StrictRoute)


@router.get("/audit", summary="Who did what, newest first")
def get_audit(
    actor: Caller,
    text: str = "",
    action: str | None = None,
    actor_id: int | None = None,
    page: PageNumber = 1,
) -> Listing[AuditEntry]:
    with reading(actor) as uow:
        return listing(audit_rows(uow, text=text, action=action, actor_id=actor_id, page=page))


@router.get("/mailbox", summary="The outbox, newest first")
def get_mailbox(actor: Caller, page: PageNumber = 1, size: PageSize = 50) -> Listing[NoticeRow]:
    with reading(actor) as uow:
        return listing(mailbox(uow, page=page, size=size))
