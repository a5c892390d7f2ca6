"""What admins look at: the overview, the audit trail and the outbox."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from lib.access.permissions import Permission
from lib.api.answers import LARGEST_ID, AskedId, Listing, Paging, listed
from lib.api.callers import Caller, needs, reading
from lib.api.strictness import StrictRoute
from lib.audit.queries import AuditEntry, actions, audit_rows
from lib.kit.errors import Fault, Invalid
from lib.notices.outbox import NoticeRow, mailbox
from lib.ops.alerts import house_alerts
from lib.reports.overview import Overview, overview

router = APIRouter(tags=["Reports"], route_class=StrictRoute)


@router.get("/overview", dependencies=[needs(Permission.READ_REPORTS)], summary="The library at a glance, with trends")
def get_overview(actor: Caller) -> Overview:
    """`alerts` say what needs attention, what the house itself needs first."""
    with reading(actor) as uow:
        found = overview(uow)
        return replace(found, alerts=house_alerts(uow) + found.alerts)


@router.get("/audit", dependencies=[needs(Permission.READ_AUDIT)], summary="Who did what, newest first")
def get_audit(
    actor: Caller,
    paging: Paging,
    text: Annotated[
        str, Query(max_length=100, description="A thing and its number (`loan 12`), an action, or an incident id.")
    ] = "",
    action: Annotated[str | None, Query(max_length=60)] = None,
    actor_id: AskedId = None,
    subject: Annotated[str | None, Query(max_length=90, description="A kind and an id, like `title:12`.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this instant on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this instant.")] = None,
) -> Listing[AuditEntry]:
    about = _pair(subject) if subject is not None else None
    with reading(actor) as uow:
        return paging.listing(
            audit_rows(
                uow,
                text=text,
                action=action,
                actor_id=actor_id,
                subject=about,
                since=since,
                until=until,
                page=paging.page,
                size=paging.size,
            )
        )


@router.get("/audit/actions", dependencies=[needs(Permission.READ_AUDIT)], summary="The kinds of change there are")
def get_audit_actions(actor: Caller) -> Listing[str]:
    with reading(actor) as uow:
        return listed(actions(uow))


@router.get("/mailbox", dependencies=[needs(Permission.READ_MAILBOX)], summary="The outbox, newest first")
def get_mailbox(actor: Caller, paging: Paging) -> Listing[NoticeRow]:
    with reading(actor) as uow:
        return paging.listing(mailbox(uow, page=paging.page, size=paging.size))


def _pair(subject: str) -> tuple[str, int]:
    kind, _, number = subject.partition(":")
    if not (kind and number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= LARGEST_ID):
        raise Invalid(Fault("subject", "Write a kind and an id, like title:12."))
    return kind, int(number)
