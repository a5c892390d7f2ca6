"""Closing an account: what stands against it, and what goes with it; and disabling one, which ends its holds too.

Nothing overrides what stands against it: a book or money would be owed by nobody.
"""

from dataclasses import dataclass
from typing import Any

from lib.access.once import forget_person
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts.closing import empty_account
from lib.accounts.fields import read_reason
from lib.accounts.models import AccountStatus
from lib.accounts.staff import require_over
from lib.accounts.standing import disable
from lib.audit.trail import record
from lib.billing.set_offs import settle_credits, to_settle
from lib.circulation.decision import Reason, ReasonKind, conclude
from lib.circulation.errors import CannotClose, refuse
from lib.circulation.facts import lock_member
from lib.circulation.history import cut_damage, cut_links, settled_loans
from lib.circulation.hold_history import cut_holds
from lib.circulation.hold_jobs import end_holds_of
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

_WHO = Statement("SELECT role, status FROM account WHERE id = :account_id")
_OPEN = Statement(
    "SELECT l.id, t.title, l.due_on FROM loan l JOIN title t ON t.id = l.title_id"
    " WHERE l.account_id = :account_id AND l.returned_at IS NULL ORDER BY l.due_on, l.id"
)
_OWED = Statement(
    "SELECT coalesce(sum(CASE WHEN balance_minor > 0 THEN balance_minor ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN balance_minor < 0 THEN -balance_minor ELSE 0 END), 0)"
    " FROM charge WHERE account_id = :account_id AND balance_minor <> 0"
)
_HOLDS = Statement("SELECT count(*) FROM hold WHERE account_id = :account_id AND state IN ('waiting', 'ready')")
_NO_EXCEPTIONS = Statement("DELETE FROM member_exception WHERE account_id = :account_id")
# Tasks of the offline desk that still wait name a card.
_NO_CARD = Statement(
    "UPDATE offline_record SET card = '' WHERE state = 'conflict'"
    " AND card = (SELECT card_number FROM account WHERE id = :account_id)"
)
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether an account may be closed now, every reason against it, and how many holds would end with it."""

    account_id: int
    may: bool
    reasons: tuple[Reason, ...]
    holds: int


@dataclass(frozen=True, slots=True)
class ClosingReceipt:
    """An account that was closed: how many holds ended with it, and how many returned loans were forgotten. Loans
    whose money was settled within a day are forgotten by the night after it."""

    account_id: int
    holds: int
    loans: int


def consider_closing(uow: UnitOfWork, account_id: int | None = None) -> Closing:
    """What `close_account` would say now of one's own account, or at the desk of a member's; changes nothing.

    Raises:
        NotFound: no such person. Forbidden: staff are an admin's business.
    """
    who, _ = _whose(uow, account_id)
    reasons = tuple(_reasons(uow, who))
    return Closing(who, not reasons, reasons, int(_HOLDS.row(uow.connection, account_id=who)[0]))


def close_account(uow: UnitOfWork, account_id: int | None = None, *, reason: str = "") -> ClosingReceipt:
    """Closes one's own account, or at the desk a member's for a written reason, for good. Its holds end and the copies
    go to the next; what the library owes them pays what they owe; sessions, tokens, keys and the PIN end; what says
    who it was goes, and what was read with it. The ledger keeps its number. All in one transaction.

    Raises:
        NotFound: no such person. Forbidden: staff are an admin's business. Invalid: the desk's reason is missing.
        CannotClose: with every reason: open loans, money on either side, an account of staff.
    """
    who, own = _whose(uow, account_id)
    if not own:
        read_reason(reason)  # why is for the moment: it may name somebody, and nothing of that is to stay
    lock_member(uow, who)
    settle_credits(uow, who)
    if against := _reasons(uow, who):
        raise refuse(CannotClose, conclude(against, None))
    holds = end_holds_of(uow, who, silent=True)
    _NO_CARD.count(uow.connection, account_id=who)
    name = empty_account(uow, who)
    loans = settled_loans(uow, [who])
    cut_links(uow, loans)
    cut_damage(uow, [who])
    cut_holds(uow, [who], at_once=True)
    _NO_EXCEPTIONS.count(uow.connection, account_id=who)
    forget_person(uow, who, name)
    record(uow, "account.close", "account", who, own=own, holds=holds, loans=len(loans))
    return ClosingReceipt(who, holds, len(loans))


def disable_account(uow: UnitOfWork, account_id: int, reason: str) -> int:
    """Closes an account to sign-in, as `accounts.standing.disable`, and ends its holds at once, so that no copy lies
    there for somebody who may not come. Loans and money stay. Tells how many holds ended.

    Raises:
        As `accounts.standing.disable`.
    """
    uow.require(Permission.EDIT_MEMBERS)
    lock_member(uow, account_id)
    disable(uow, account_id, reason)
    return end_holds_of(uow, account_id)


def _whose(uow: UnitOfWork, account_id: int | None) -> tuple[int, bool]:
    own = account_id in (None, uow.actor.account_id)
    uow.require(Permission.USE_ACCOUNT if own else Permission.EDIT_MEMBERS)
    who = uow.actor.account_id if own else account_id
    assert who is not None  # whoever may use an account has one
    row = _WHO.row(uow.connection, account_id=who)
    if row is None or row[0] == Role.TERMINAL:
        raise NotFound("member")
    if not own:
        require_over(uow, Role(row[0]))
    return who, own


def _reasons(uow: UnitOfWork, account_id: int) -> list[Reason]:
    role, status = _WHO.row(uow.connection, account_id=account_id)
    if status == AccountStatus.CLOSED:
        facts = {"rule": "standing", "status": status}
        return [Reason("already-closed", "This account is closed already.", ReasonKind.IMPOSSIBLE, facts)]
    found = [_staff(role)] if role != Role.MEMBER else []
    loans = _OPEN.rows(uow.connection, account_id=account_id)
    moved = to_settle(uow, account_id)  # a credit pays a debt before anything has to be paid or given back
    owed, credit = (int(amount) - moved for amount in _OWED.row(uow.connection, account_id=account_id))
    return found + [reason for reason in (_loans(uow, loans), _debt(uow, owed), _credit(uow, credit)) if reason]


def _staff(role: str) -> Reason:
    return Reason(
        "is-staff", f"This is the account of a person who works here ({role}).", ReasonKind.IMPOSSIBLE,
        {"rule": "staff", "role": role}, "An admin makes it a member's account first, under Users.",
    )  # fmt: skip


def _loans(uow: UnitOfWork, rows: list[Any]) -> Reason | None:
    if not rows:
        return None
    days = [day for row in rows if (day := as_day(row[2]))]
    titles = [row[1] for row in rows[:MOST_NAMED]]
    named = ", ".join(f"“{title}”" for title in titles[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
    text = "One loan is open." if len(rows) == 1 else f"{len(rows)} loans are open."
    facts = {"rule": "loans", "open": len(rows), "titles": titles, "loan_ids": [row[0] for row in rows[:MOST_NAMED]],
             "due_on": min(days)}  # fmt: skip
    way_out = (
        f"Bring back {named} (the first is due on {uow.words.day(min(days))}); what is lost is settled at the desk."
    )
    return Reason("has-loans", text, ReasonKind.IMPOSSIBLE, facts, way_out, "return")


def _debt(uow: UnitOfWork, owed: int) -> Reason | None:
    if not owed:
        return None
    amount = uow.words.money(owed)
    facts = {"rule": "ledger", "owed_minor": owed}
    return Reason("owes-money", f"{amount} is owed.", ReasonKind.IMPOSSIBLE, facts, f"Pay {amount}.", "pay")


def _credit(uow: UnitOfWork, credit: int) -> Reason | None:
    if not credit:
        return None
    amount = uow.words.money(credit)
    return Reason(
        "has-credit", f"The library owes {amount}.", ReasonKind.IMPOSSIBLE, {"rule": "ledger", "credit_minor": credit},
        f"Have {amount} given back at the desk first.", "refund",
    )  # fmt: skip
