"""Return: a copy comes back, with its fine, its condition and its place; also one that was never lent."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from lib.access.once import fingerprint, recall, remember
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import RETURN, note_act
from lib.circulation.capture import Offer, offer_copy
from lib.circulation.channels import permission_of
from lib.circulation.closure_entries import calendar_of
from lib.circulation.copy_in_hand import CopyInHand, read_copy
from lib.circulation.errors import NobodyToCharge, ReturnBeforeIssue, ReturnInFuture, ReturnOvertaken
from lib.circulation.facts import lock_copy
from lib.circulation.fines import set_fine
from lib.circulation.found import FoundAgain, find_again
from lib.circulation.history import cut_link
from lib.circulation.hold_models import HoldState
from lib.circulation.inspections import charge_damage, kept_offer, off_hold_shelf, read_note
from lib.circulation.models import Channel
from lib.circulation.postings import MONEY
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.tables import as_day

_WHO = Statement("SELECT a.id, a.name FROM loan l JOIN account a ON a.id = l.account_id WHERE l.id = :loan_id")
_WAITS = Statement(
    "SELECT h.account_id, a.name, h.shelf_until, h.state FROM hold h JOIN account a ON a.id = h.account_id"
    " WHERE h.id = :hold_id"
)
_CLOSE = Statement(
    "UPDATE loan SET returned_at = :at, returned_on = :day, returned_by = :by, fine_settled = :fine,"
    " claimed_on = NULL"
    " WHERE id = :loan_id AND returned_at IS NULL AND due_on = :due_on AND fine_settled = :settled"
)
_PUT = Statement("UPDATE copy SET status = :new WHERE id = :copy_id AND status = :old")
_INSPECT = Statement(
    "UPDATE copy SET status = :new, condition = :condition, note = :note, version = version + 1 WHERE id = :copy_id"
)
# What a copy becomes when it is handed in without a loan: the rest stay what they are.
_FOUND = {CopyStatus.LOST: CopyStatus.AVAILABLE, CopyStatus.ON_LOAN: CopyStatus.AVAILABLE}
_MAY_BE_FOUND = (CopyStatus.LOST, CopyStatus.WITHDRAWN)  # what is lost for long is often withdrawn
_SHELVED = (CopyStatus.AVAILABLE, CopyStatus.ON_HOLD_SHELF)
_FOUND_NOTES = {
    CopyStatus.LOST: "It was marked as lost and is on the shelf again.",
    CopyStatus.IN_REPAIR: "It is still in repair.",
    CopyStatus.ON_ORDER: "It is still on order: mark it as arrived when it is ready for the shelf.",
    CopyStatus.WITHDRAWN: "It was withdrawn from the collection: do not shelve it.",
    CopyStatus.ON_HOLD_SHELF: "It belongs on the hold shelf.",
}
_ARCHIVED = "Its title was archived: restore the title first, or put the copy aside."


@dataclass(frozen=True, slots=True)
class Inspection:
    """How the copy looked when it came back; `note` (at most 500 characters) replaces the copy's note;
    `charge_minor` is charged to the member for damage."""

    condition: Condition
    note: str = ""
    charge_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What came back, and for whom it lies on the hold shelf now (`hold`). Without an open loan `loan_id` and
    `member_id` are None and `note` says so; a lost copy that turns up names the loan that ended with the loss.

    `days_late` counts open days; `fine_minor` is the fine as settled, `charge_minor` what damage cost,
    `given_back_minor` what replacing a lost copy had cost and was taken back: minor units.
    """

    loan_id: int | None
    title_id: int
    title: str
    barcode: str
    member_id: int | None
    member_name: str
    days_late: int
    fine_minor: int
    copy_status: str
    note: str
    act_id: int
    charge_minor: int = 0
    given_back_minor: int = 0
    hold: Offer | None = None


@dataclass(slots=True)
class _Outcome:
    """What the steps of a return come to; `money` is what was written to the ledger."""

    late: int = 0
    fine: int = 0
    money: list[dict[str, Any]] = field(default_factory=list)
    again: FoundAgain | None = None
    described: dict[str, Any] = field(default_factory=dict)
    displaced: dict[str, Any] = field(default_factory=dict)
    status: CopyStatus = CopyStatus.AVAILABLE
    offer: Offer | None = None


def check_in(
    uow: UnitOfWork,
    *,
    barcode: str,
    inspection: Inspection | None = None,
    returned_at: datetime | None = None,
    key: str | None = None,
    channel: Channel = Channel.DESK,
) -> ReturnReceipt:
    """Takes a copy back: the fine is fixed, the loan closed, and the copy goes to the hold shelf, to repair or to the
    shelf. `returned_at` (an aware instant) backdates, for the book drop; the same `key` again gives the same receipt.

    Raises:
        NoSuchCopy: no such barcode. ReturnInFuture, ReturnBeforeIssue: about `returned_at`. Invalid: the inspection.
        NobodyToCharge: damage is charged, but nobody had the copy, or its replacement stays charged.
        ReturnOvertaken: another desk was faster.
    """
    uow.require(permission_of(channel))
    barcode = barcode_of(barcode)
    lock_copy(uow, barcode)
    asked = fingerprint("check-in", barcode, inspection and asdict(inspection), returned_at) if key else ""
    if key and (done := recall(uow, key, asked)):
        return _receipt(uow, done)
    found = read_copy(uow, barcode)
    at = _instant(uow, found, returned_at)
    outcome = _Outcome(status=_new_status(found, inspection))
    if found.loan:
        _close(uow, found, at, outcome)
    elif found.status in _MAY_BE_FOUND:
        _reopen_case(uow, found, at, outcome)
    _inspect(uow, found, barcode, inspection, outcome)
    _shelve(uow, found, outcome)
    receipt = _told(found, barcode, inspection, outcome, _note(uow, found, outcome))
    _record(uow, found, receipt, at, inspection)
    if found.loan and found.account_id and not found.keeps_history and not outcome.money:
        cut_link(uow, loan_id=found.loan.id, account_id=found.account_id)
    if key:
        remember(uow, key, asked, _kept(receipt))
    return receipt


def _kept(receipt: ReturnReceipt) -> dict[str, Any]:
    """What stays with an idempotency key: all but who it was and who waits."""
    kept = {name: getattr(receipt, name) for name in ReturnReceipt.__slots__}
    hold = receipt.hold.hold_id if receipt.hold else None
    return kept | {"member_id": None, "member_name": "", "hold": hold}


def _receipt(uow: UnitOfWork, kept: dict[str, Any]) -> ReturnReceipt:
    """Who it was is not kept with the key: it is looked up while the loan and the hold still say so."""
    who = _WHO.row(uow.connection, loan_id=kept["loan_id"]) if kept["loan_id"] else None
    next_one = _WAITS.row(uow.connection, hold_id=kept["hold"]) if kept["hold"] else None
    until = as_day(next_one[2]) if next_one and next_one[3] == HoldState.READY else None
    offer = Offer(kept["hold"], next_one[0], next_one[1], until) if next_one and until else None
    names = {"member_id": who[0], "member_name": who[1]} if who else {}
    return ReturnReceipt(**kept | names | {"hold": offer})


def _instant(uow: UnitOfWork, found: CopyInHand, given: datetime | None) -> datetime:
    if given is None:
        return uow.now
    if given.tzinfo is None:
        raise Invalid(Fault("returned_at", "The time of the return needs a time zone."))
    if given > uow.now:
        raise ReturnInFuture(returned_at=given)
    if found.issued_at is not None and given < found.issued_at:
        raise ReturnBeforeIssue(issued_at=found.issued_at)
    return given


def _new_status(found: CopyInHand, inspection: Inspection | None) -> CopyStatus:
    if found.archived:  # such a title has nothing on the shelf
        return found.status
    status = CopyStatus.AVAILABLE if found.loan else _FOUND.get(found.status, found.status)
    if inspection and inspection.condition is Condition.DAMAGED and status in _SHELVED:
        return CopyStatus.IN_REPAIR
    return status


def _close(uow: UnitOfWork, found: CopyInHand, at: datetime, outcome: _Outcome) -> None:
    """Closes the loan, whose row is held from then on, and fixes its fine."""
    loan = found.loan
    assert loan is not None
    assert found.account_id is not None
    calendar, day = calendar_of(uow), day_of(at, uow.zone)
    outcome.fine, outcome.late = loan.fine_on(day, calendar), calendar.days_late(loan.due_on, day)
    if not _CLOSE.count(
        uow.connection, at=at, day=day, by=uow.actor.account_id, fine=outcome.fine, loan_id=loan.id,
        due_on=loan.due_on, settled=loan.fine_settled,
    ):  # fmt: skip
        raise ReturnOvertaken
    running = outcome.fine - loan.fine_settled
    # A night job on PostgreSQL may have put the fine of a late loan into the ledger since it was read.
    if running or found.accrues or (loan.due_on < uow.today and not uow.installation.is_sqlite):
        outcome.money += set_fine(
            uow, loan_id=loan.id, account_id=found.account_id, copy_id=found.copy_id, running_minor=running, final=True
        )


def _reopen_case(uow: UnitOfWork, found: CopyInHand, at: datetime, outcome: _Outcome) -> None:
    outcome.again = find_again(uow, copy_id=found.copy_id, day=day_of(at, uow.zone))
    if outcome.again:
        outcome.fine, outcome.money = outcome.again.fine_minor, outcome.again.money


def _inspect(
    uow: UnitOfWork, found: CopyInHand, barcode: str, inspection: Inspection | None, outcome: _Outcome
) -> None:  # fmt: skip
    """Reads how the copy looks, and charges what damage costs."""
    if inspection is None:
        return
    note = read_note(inspection.note)
    outcome.described = {"condition": Condition(inspection.condition).value, "note": note or found.note}
    if not inspection.charge_minor:
        return
    loan_id = _loan_id(found, outcome)
    account_id = outcome.again.account_id if outcome.again else found.account_id
    if loan_id is None or account_id is None:
        raise NobodyToCharge(barcode=barcode)
    outcome.money += charge_damage(
        uow, amount_minor=inspection.charge_minor, account_id=account_id, copy_id=found.copy_id, loan_id=loan_id
    )


def _shelve(uow: UnitOfWork, found: CopyInHand, outcome: _Outcome) -> None:
    """Gives the copy its status; one that may stand on the shelf goes to whoever waits for it first."""
    if found.status is CopyStatus.ON_HOLD_SHELF and outcome.status is CopyStatus.IN_REPAIR:
        outcome.displaced = off_hold_shelf(uow, found.copy_id)
    if outcome.described:
        _INSPECT.count(uow.connection, new=outcome.status.value, copy_id=found.copy_id, **outcome.described)
    elif outcome.status is not found.status:
        _PUT.count(uow.connection, new=outcome.status.value, old=found.status.value, copy_id=found.copy_id)
    # On PostgreSQL somebody may have begun to wait since the copy was looked at; only the queue's lock tells.
    asks = found.waited_for or not uow.installation.is_sqlite
    if asks and outcome.status is CopyStatus.AVAILABLE:
        outcome.offer = offer_copy(uow, copy_id=found.copy_id, title_id=found.title_id)
        if outcome.offer:
            outcome.status = CopyStatus.ON_HOLD_SHELF


def _note(uow: UnitOfWork, found: CopyInHand, outcome: _Outcome) -> int:
    loan, again = found.loan, outcome.again
    settled, fine = (again.settled_before, again.settled) if again else (loan.fine_settled if loan else 0, outcome.fine)
    before: dict[str, Any] = {
        "copy_status": found.status.value, "condition": found.condition, "note": found.note, "fine_settled": settled,
    } | outcome.displaced  # fmt: skip
    if loan and loan.claimed_on:
        before["claimed_on"] = loan.claimed_on.isoformat()
    after: dict[str, Any] = {"copy_status": outcome.status.value, "fine_settled": fine} | outcome.described
    after |= kept_offer(outcome.offer)
    if outcome.money:
        after[MONEY] = outcome.money
    if again:
        after["found"] = True
    return note_act(
        uow, RETURN, loan_id=_loan_id(found, outcome), copy_id=found.copy_id,
        account_id=again.account_id if again else found.account_id, before=before, after=after,
    )  # fmt: skip


def _told(
    found: CopyInHand, barcode: str, inspection: Inspection | None, outcome: _Outcome, act: int
) -> ReturnReceipt:  # fmt: skip
    again = outcome.again
    who = (again.account_id, again.name) if again else (found.account_id, found.name)
    return ReturnReceipt(
        _loan_id(found, outcome), found.title_id, found.title, barcode, *who, outcome.late, outcome.fine,
        outcome.status.value, _words(found, outcome.status), act, inspection.charge_minor if inspection else 0,
        again.given_back_minor if again else 0, outcome.offer,
    )  # fmt: skip


def _loan_id(found: CopyInHand, outcome: _Outcome) -> int | None:
    if found.loan:
        return found.loan.id
    return outcome.again.loan_id if outcome.again else None


def _words(found: CopyInHand, status: CopyStatus) -> str:
    repair = " It goes to repair." if status is CopyStatus.IN_REPAIR and found.status is not status else ""
    if found.loan:
        return repair.strip()
    note = _ARCHIVED if found.archived and found.status in _FOUND else _FOUND_NOTES.get(found.status, "")
    if found.status is CopyStatus.LOST and status is not CopyStatus.AVAILABLE and not found.archived:
        note = "It was marked as lost."
    if found.status is CopyStatus.ON_HOLD_SHELF and status is CopyStatus.IN_REPAIR:
        note = "Whom it lay on the hold shelf for waits again, at the first place."
    return f"It was not on loan. {note}".strip() + repair


def _record(
    uow: UnitOfWork, found: CopyInHand, receipt: ReturnReceipt, at: datetime, inspection: Inspection | None
) -> None:
    facts: dict[str, Any] = {"copy_id": found.copy_id, "status": receipt.copy_status}
    if receipt.fine_minor:
        facts |= {"fine_minor": receipt.fine_minor, "days_late": receipt.days_late}
    facts |= {name: told for name in ("charge_minor", "given_back_minor") if (told := getattr(receipt, name))}
    if at != uow.now:
        facts["returned_at"] = at.isoformat()
    if inspection:
        facts |= {"condition": {"before": found.condition, "after": str(inspection.condition)}}
    if found.loan:
        record(uow, "loan.return", "loan", found.loan.id, **facts)
    else:
        record(uow, "copy.found", "copy", found.copy_id, **facts)
