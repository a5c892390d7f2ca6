"""Borrowing by oneself, from a title's page: any copy on the shelf that is not to go to somebody else."""

from dataclasses import replace
from typing import Any

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import (
    CopyJustGone,
    IssueReceipt,
    decide_for,
    kept_receipt,
    lend,
    receipt_of,
    situation_of,
)
from lib.circulation.decision import Decision, Reason, ReasonKind, conclude, decide_issue
from lib.circulation.errors import CannotLend, SelfIssueOff, refuse
from lib.circulation.facts import issue_facts, lock_member, terms_of
from lib.circulation.models import Channel
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import Item, Terms
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

_ON_SHELF = Statement(
    "SELECT barcode FROM copy WHERE title_id = :title_id AND status = 'available' ORDER BY id LIMIT 20"
)
_COPIES = Statement(
    "SELECT t.title, t.kind_id, c.status, o.due_on FROM title t"
    " LEFT JOIN copy c ON c.title_id = t.id AND c.status <> 'withdrawn'"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " WHERE t.id = :title_id AND t.archived_at IS NULL LIMIT 1000"
)


def borrow(uow: UnitOfWork, *, title_id: int, key: str | None = None) -> IssueReceipt:
    """Issues an available copy of a title to whoever asks, and says where it stands.

    Raises:
        SelfIssueOff: the library issues at the desk only. NotFound: no such title. CannotLend: with every reason.
    """
    uow.require(Permission.BORROW)
    member_id = _self_service(uow)
    lock_member(uow, member_id)
    asked = fingerprint("borrow", title_id) if key else ""
    if key and (done := recall(uow, key, asked)):
        return receipt_of(done, member_id)
    receipt = _borrow_any(uow, title_id, member_id)
    # Names the account alone: a reader who erases their history must not stay readable here.
    record(uow, "loan.self-issue", "account", member_id, due_on=receipt.due_on)
    if key:
        remember(uow, key, asked, kept_receipt(receipt))
    return receipt


def _self_service(uow: UnitOfWork) -> int:
    if not uow.settings(CirculationSettings).self_issue:
        raise SelfIssueOff
    assert uow.actor.account_id is not None
    return uow.actor.account_id


def _borrow_any(uow: UnitOfWork, title_id: int, member_id: int) -> IssueReceipt:
    refused: Decision | None = None
    for (barcode,) in _ON_SHELF.rows(uow.connection, title_id=title_id):
        borrower, item, terms = situation_of(uow, barcode, member_id)
        if item.status != CopyStatus.AVAILABLE:
            continue  # taken since the list was read
        decision = decide_for(uow, borrower, item, terms, Channel.SELF)
        if not decision.may:
            refused = refused or decision
            if _is_about_this_copy(decision):
                continue
            break
        try:
            with uow.connection.begin_nested():
                return lend(uow, borrower, item, terms, decision, Channel.SELF, uow.now)
        except CopyJustGone:
            continue  # the next copy
    raise refuse(CannotLend, refused or _none_left(uow, title_id, member_id))


def _is_about_this_copy(decision: Decision) -> bool:
    """Another copy of the title may do where this one alone is for somebody else."""
    return [reason.code for reason in decision.against] == ["others-wait"]


def consider_borrow(uow: UnitOfWork, *, title_id: int) -> Decision:
    """What `borrow` would say now; changes nothing.

    Raises:
        SelfIssueOff: the library issues at the desk only. NotFound: no such title.
    """
    uow.require(Permission.BORROW)
    member_id = _self_service(uow)
    first: Decision | None = None
    for (barcode,) in _ON_SHELF.rows(uow.connection, title_id=title_id):
        decision = decide_for(uow, *situation_of(uow, barcode, member_id), Channel.SELF)
        first = first or decision
        if decision.may or not _is_about_this_copy(decision):
            return decision
    return first or _none_left(uow, title_id, member_id)


def _none_left(uow: UnitOfWork, title_id: int, member_id: int) -> Decision:
    """Why no copy can be had, with whatever else stands against the member."""
    copies = _COPIES.rows(uow.connection, title_id=title_id)
    if not copies:
        raise NotFound("title")
    borrower, _ = issue_facts(uow, "", member_id)
    if borrower is None:
        raise NotFound("member")
    title, kind_id = copies[0][:2]
    terms = terms_of(uow, borrower, kind_id)
    absent = Item(0, "", title_id, title, kind_id, CopyStatus.AVAILABLE, None, "", "")
    rest = replace(decide_issue(borrower, absent, terms), due_on=None).reasons
    return conclude([_all_out(copies, terms), *(reason for reason in rest if reason.kind is not ReasonKind.NOTE)], None)


def _all_out(copies: list[Any], terms: Terms) -> Reason:
    total = sum(1 for row in copies if row[2] is not None)
    due = min((day for row in copies if (day := as_day(row[3]))), default=None)
    facts = {"rule": "copy", "copies": total, "next_due_on": due}
    if not total:
        return Reason(
            "no-copies", "The library has no copy of this title.", ReasonKind.IMPOSSIBLE, facts, "Ask at the desk."
        )
    text = "The only copy is not on the shelf." if total == 1 else f"None of the {total} copies is on the shelf."
    back = f" The next one is due back on {terms.day(due)}." if due else ""
    return Reason("all-out", text, ReasonKind.IMPOSSIBLE, facts, f"Place a hold.{back}", "hold")
