"""Mending what the auditor found: safely and noted in the audit trail, or a word on what a person should look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.copies import STATUS_WORDS
from lib.catalogue.models import CopyStatus
from lib.kit.database import Statement
from lib.kit.errors import NotFound, RuleBroken
from lib.ops import repair_copies, repair_people
from lib.ops.file_check import FILE_THERE, FILE_UNCHANGED, file_faults
from lib.ops.integrity import AUDIT_CHAIN, Finding, check, invariants
from lib.ops.repair import Repair, counted

MOST = 10_000  # rows a repair takes at a time
REPAIRS: dict[str, Repair] = repair_copies.REPAIRS | repair_people.REPAIRS
_BACKUP = "Restore what is missing from the last good backup, or ask whoever wrote to the database past the library."
# Where no repair is safe: what somebody should look at.
ADVICE: dict[str, str] = {
    "one-open-loan-per-copy": "Find out who has the copy, and take it back from whoever has not.",
    "open-loan-has-member": "Take the copy back at the desk when it comes, and look for the act in the audit trail.",
    "loan-of-its-copys-title": "Look which title the copy belongs to; correct the copy's title, not the loan.",
    "due-not-before-issue": "Look at the loan and renew it, or take the copy back.",
    "return-not-before-issue": "Look at the loan's audit rows for when the copy really came back.",
    "return-is-whole": "Look whether the copy is in the library: issue and return it once, or take it back.",
    "archived-title-lends-nothing": "Restore the title, or withdraw the copy once it is back.",
    "loans-within-limit": "Nothing must be undone. Look who made the loan, and by which door.",
    "holds-within-limit": "Nothing must be undone. Look who placed the reservation, and by which door.",
    "renewals-within-limit": "Nothing must be undone. Look who renewed the loan.",
    "one-live-hold-per-member-and-title": "Cancel the member's later reservation of this title.",
    "live-hold-has-member": "Cancel the reservation: nobody can be told that it is ready.",
    "ready-hold-has-copy": "Look on the hold shelf; if nothing lies there, cancel the reservation and place it anew.",
    "one-ready-hold-per-copy": "Cancel all but the first of the reservations, and place the others anew.",
    "hold-of-its-copys-title": "Cancel the reservation and place it anew on the right title.",
    "undone-loan-is-closed": "Take the copy back at the desk.",
    "lost-loan-is-closed": "Take the copy back at the desk if it is there, or declare it lost again.",
    "expired-hold-was-ready": "Nothing must be undone. Place the reservation anew if the member still wants the title.",
    "only-waiting-holds-are-suspended": "Resume the reservation, or cancel it so that the next reader gets the copy.",
    "known-account-status": "Disable the account and activate it again; it gets a status that there is.",
    "suspension-has-reason": "Lift the suspension, or suspend the account anew with a reason.",
    "only-fines-accrue": "Waive or correct the charge by hand; it is not brought up to date at night.",
    "entry-of-its-charges-member": "Compare both members' statements with the receipts, then correct by entries.",
    "one-currency": "Amounts cannot be converted after the fact: find out when the currency changed.",
    "ledger-in-the-librarys-currency": "Set the library's currency back to that of the ledger under Settings.",
    "payment-has-entries-of-its-kind": "Compare the receipt with the member's statement, then correct by an entry.",
    "payment-is-sum-of-entries": "Compare the receipt with the member's statement, then correct by an entry.",
    "payment-of-its-entries-member": "Compare both members' statements with the receipt, then correct by entries.",
    "set-off-adds-nothing": "Compare the receipt with the member's statement, then correct by an entry.",
    "refunds-within-payments": "Ask who refunded it; take a refund back at the desk where it was a mistake.",
    "credit-was-paid": "Compare the member's statement with the receipts; charge by hand what nobody paid.",
    "reversal-is-opposite": "Correct the difference by an entry, with a reason.",
    "payment-reversal-is-opposite": "Compare with the till; correct the difference by an entry, with a reason.",
    "receipts-count-from-one": "Compare the printed receipts with the list of payments for the missing number.",
    "till-closes-follow-one-another": "Count the till for both days again and keep a note with the closings.",
    "till-closes-leave-nothing-out": "Count the till for that day again and keep a note with the closings.",
    "till-was-closed-over-its-cash": "Compare the closing with the receipts of its span; a closing is never rewritten.",
    "one-growing-fine-per-loan": "Waive the later of the two fines.",
    "fine-within-cap": "Waive what is above the cap.",
    "charged-fines-within-cap": "Waive, or refund, what is above the cap.",
    "fixed-fine-is-charged": "Compare the loan with the member's statement, then correct by an entry, with a reason.",
    "claim-ends-with-return": "Look which door closed the loan past the desk; the claim itself does no harm.",
    "loan-numbers-not-negative": "Return the copy and issue it anew, so that the loan takes its numbers from the rule.",
    "notice-once": "Nothing can be unsent. Tell the member, and look which door sends past the outbox.",
    "loan-has-audit-row": "Nobody can say who issued it. Look who can write to the database past the library.",
    "return-has-audit-row": "Nobody can say who took it back. Look who can write to the database past the library.",
    "loss-has-audit-row": "Nobody can say who declared it lost. Look who can write to the database past the library.",
    "hold-has-audit-row": "Nobody can say who placed it. Look who can write to the database past the library.",
    "payment-has-audit-row": "Compare the receipt with the till, and look who can write to the database.",
    "entry-has-audit-row": "Compare the member's statement with the receipts, and look who can write to the database.",
    "known-audit-heads": _BACKUP,
    AUDIT_CHAIN: "Rows of the audit trail were changed or removed, or its head was. Compare with a backup to see which,"
                 " and find out who can write to the database.",
    "link-used-within-its-time": "Have the member choose a new password, and end their sessions.",
    "closed-account-is-empty": "Close the account again, or erase what it holds.",
    "isbn-has-thirteen-digits": "Edit the title and correct the ISBN.",
    "ratings-add-up": _BACKUP,
    "general-rule-is-there": "Save a line for any type and any kind under Lending policy.",
    "not-closed-for-good": "Open at least one weekday under Opening days.",
    FILE_THERE: "Put the cover on anew, or bring the file back from the backup.",
    FILE_UNCHANGED: "Put the cover on anew, or bring the file back from the backup.",
}  # fmt: skip
_MARK = Statement(
    "UPDATE integrity_finding SET repaired_at = :now, repaired_by = :by, repair = :text"
    " WHERE name = :name AND repaired_at IS NULL AND run_id = (SELECT max(id) FROM integrity_run)"
)
_COPIES = Statement(
    "SELECT c.barcode, t.title, c.status FROM copy c JOIN title t ON t.id = c.title_id WHERE c.id IN (:*ids)"
    " ORDER BY c.id"
)
_BY_HAND = "Look at each of them by hand."


class StillBroken(RuleBroken):
    """The repair did not mend every row, so nothing was kept. Facts: name, count, way_out."""

    rule = "integrity"
    message = "This repair does not mend {count}, so nothing was changed."
    way_out = "{way_out}"


class NoSafeRepair(RuleBroken):
    """Only a person can mend this. Facts: name, way_out."""

    rule = "integrity"
    message = "This cannot be mended safely by itself."
    way_out = "{way_out}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What can be done about a finding: `text` says what a repair would do, or what a person should look at."""

    can_repair: bool
    text: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was mended: how many rows, and in words. Nought: it held again already."""

    name: str
    rows: int
    text: str


def proposal(name: str, rows: int) -> Proposal:
    """What to do about so many broken rows of an invariant."""
    known = REPAIRS.get(name)
    return Proposal(True, known.says(rows)) if known else Proposal(False, ADVICE.get(name, _BACKUP))


def repair(uow: UnitOfWork, name: str) -> Repaired:
    """Mends every row that breaks an invariant now (at most 10,000), checks it again in the same transaction, notes
    it in the audit trail and beside the last run's finding.

    Raises:
        NotFound: no such invariant. NoSafeRepair: a person must look at it.
        StillBroken: a row cannot be mended; nothing is kept.
    """
    uow.require(Permission.REPAIR_DATA)
    known = REPAIRS.get(name)
    before = _broken(uow, name)
    if known is None:
        raise NoSafeRepair(name=name, way_out=proposal(name, 0).text)
    ids = before.ids if before else ()
    count = len(ids) or (before.count if before else 0)
    text = known.says(count) if count else "It holds again already: nothing had to be mended."
    if before:
        known.apply(uow, ids)
        uow.flush()
        _refuse_broken(uow, name, ids)
        text += _where_now(uow, before)
        record(uow, "integrity.repair", "invariant", None, name=name, rows=count, ids=list(ids[:100]))
    _MARK.count(uow.connection, now=uow.now, by=uow.actor.account_id, text=text, name=name)
    return Repaired(name, count, text)


def _where_now(uow: UnitOfWork, before: Finding) -> str:
    """What became of each copy, where copies were mended: at most twenty."""
    if not before.rows or next(iter(before.rows[0])) != "copy_id":
        return ""
    rows = _COPIES.rows(uow.connection, ids=before.ids[:20])
    now = (f"{barcode} “{title}” {STATUS_WORDS[CopyStatus(status)]}" for barcode, title, status in rows)
    return f" Now: {'; '.join(now)}."


def _refuse_broken(uow: UnitOfWork, name: str, ids: Sequence[int]) -> None:
    after = _broken(uow, name)
    left = (len(set(after.ids) & set(ids)) if ids else after.count) if after else 0
    if left:
        raise StillBroken(name=name, count=counted(left, "row", "rows"), way_out=_BY_HAND)


def _broken(uow: UnitOfWork, name: str) -> Finding | None:
    """What breaks this invariant now, with all its ids."""
    known = next((invariant for invariant in invariants() if invariant.name == name), None)
    if known is not None:
        return check(uow, known, most=MOST)
    for file_name, says, rows in file_faults(uow):
        if file_name == name:
            return Finding(name, says, len(rows)) if rows else None
    if name == AUDIT_CHAIN:
        return None
    raise NotFound("invariant")
