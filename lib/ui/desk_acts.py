"""What the desk does in a unit of work, each act with what is said of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentMethod
from lib.circulation.checkout import check_out
from lib.circulation.errors import CannotHold, CannotLend, CannotRenew
from lib.circulation.money import owes, take_payment, waive_charges
from lib.circulation.queries import loans_of
from lib.circulation.renewals import RenewOutcome, consider_renewal, renew, renew_all
from lib.circulation.returns import Inspection, ReturnReceipt, check_in
from lib.desk.counter import DeskCopy, Scan, ScanKind, card_end, read_scan, title_of_loan
from lib.kit.clock import start_of
from lib.ui.desk_choices import NOT_IN, choices_of, copies_to_choose, loans_to_choose, place_in_queue, title_out
from lib.ui.desk_outcome import Mode, Outcome, Payer
from lib.ui.desk_till import Till
from lib.ui.desk_words import (
    all_renewed_words,
    card_words,
    chosen_words,
    copy_words,
    issued_words,
    paid_words,
    reasons_html,
    renewed_words,
    returned_words,
    waived_words,
)
from lib.ui.doorway import reading
from lib.ui.linked import esc

LISTED = 25  # loans of a member that the desk lists, and that a number chooses


def lent(uow: UnitOfWork, copy: DeskCopy, member_id: int, key: str, override: str | None) -> Outcome:
    """A copy issued to a member."""
    done = check_out(uow, barcode=copy.barcode, member_id=member_id, override=override, key=key)
    return Outcome(True, issued_words(done, copy.note), lent=(done.loan_id,))


def taken(
    uow: UnitOfWork, copy: DeskCopy, key: str, *, look: Inspection | None = None, dropped_on: date | None = None
) -> Outcome:
    """A copy taken back; where it goes, for whom, and what its reader owes."""
    at = _last_second(uow, dropped_on)
    done = check_in(uow, barcode=copy.barcode, inspection=look, returned_at=at, key=key)
    payer = _payer(uow, done)
    if done.hold is not None:
        slip = _slip(done.hold.hold_id)
        told = returned_words(done, copy, card_end(uow, done.hold.account_id))
        return Outcome(True, told, papers=(slip,), payer=payer)
    stays = copy.aside is not None and done.copy_status == copy.status
    papers = (_slip(copy.aside.hold_id),) if copy.aside and stays else ()
    return Outcome(True, returned_words(done, copy if stays else replace(copy, aside=None)), papers=papers, payer=payer)


def _slip(hold_id: int) -> tuple[str, str]:
    return "Print slip", f"/files/hold-slip/{hold_id}"


def _payer(uow: UnitOfWork, done: ReturnReceipt) -> Payer | None:
    if done.member_id is None or not (done.fine_minor or done.charge_minor):
        return None
    owed = owes(uow, done.member_id)
    return Payer(done.member_id, done.member_name, owed) if owed > 0 else None


def _last_second(uow: UnitOfWork, day: date | None) -> datetime | None:
    """The last second of the book drop's day, so that a copy lent that day can be returned on it."""
    if day is None or day >= uow.today:
        return None
    return start_of(day + timedelta(days=1), uow.zone) - timedelta(seconds=1)


def looked_at(copy: DeskCopy, member_id: int | None) -> Outcome:
    """A copy that was scanned and cannot simply be lent: what it is, and for whom it lies on the hold shelf."""
    papers = (_slip(copy.aside.hold_id),) if copy.aside else ()
    return Outcome(False, copy_words(copy, member_id), copy=copy, title_id=copy.title_id, papers=papers)


def renewed_one(uow: UnitOfWork, loan_id: int, key: str, override: str | None = None) -> Outcome:
    """One loan renewed."""
    title = title_of_loan(uow, loan_id)
    return Outcome(True, renewed_words(renew(uow, loan_id=loan_id, override=override, key=key), title), lent=(loan_id,))


def renewed_all(uow: UnitOfWork, member_id: int) -> Outcome:
    """Every loan of a member renewed, or why not."""
    return _renewed(renew_all(uow, member_id=member_id))


def renewed_overdue(uow: UnitOfWork, member_id: int) -> Outcome:
    """The overdue loans of a member renewed, or why not."""
    late = [row for row in loans_of(uow, member_id, size=100).rows if row.overdue]
    return _renewed([_tried(uow, row.loan_id, row.title) for row in late])


def _tried(uow: UnitOfWork, loan_id: int, title: str) -> RenewOutcome:
    decision = consider_renewal(uow, loan_id=loan_id)
    if not decision.may:
        return RenewOutcome(loan_id, title, None, decision.against)
    try:
        return RenewOutcome(loan_id, title, renew(uow, loan_id=loan_id), ())
    except CannotRenew as refusal:  # decided anew, under the member's lock
        return RenewOutcome(loan_id, title, None, refusal.reasons)


def _renewed(found: "tuple[RenewOutcome, ...] | list[RenewOutcome]") -> Outcome:
    done = tuple(outcome.loan_id for outcome in found if outcome.receipt)
    return Outcome(bool(found) and len(done) == len(found), all_renewed_words(found), lent=done)


def paid(
    uow: UnitOfWork, member_id: int, till: Till, method: PaymentMethod, amount_minor: int, given_minor: int
) -> Outcome:
    """The money of an open till taken; the receipt can be printed."""
    done = take_payment(
        uow, member_id=member_id, amount_minor=amount_minor, method=method, charge_ids=till.chosen, key=till.key
    )
    receipt = (f"Receipt {done.number}", f"/files/receipt/{done.payment_id}")
    back = max(0, given_minor - amount_minor) if method is PaymentMethod.CASH else 0
    return Outcome(True, paid_words(done, owes(uow, member_id), back), papers=(receipt,))


def waived(uow: UnitOfWork, member_id: int, till: Till, reason: str, key: str) -> Outcome:
    """What an open till was to take forgiven instead."""
    done = waive_charges(
        uow, member_id=member_id, charge_ids=till.chosen, amount_minor=till.waived_minor, reason=reason, key=key
    )
    return Outcome(True, waived_words(done, owes(uow, member_id)))


def returns_offered(uow: UnitOfWork, member_id: int) -> Outcome:
    """One of a member's loans is to be taken back: which?"""
    told = "Which one comes back? Scan it, or type its number and Enter."
    return Outcome(True, told, choices=loans_to_choose(uow, member_id))


def loan_chosen(uow: UnitOfWork, member_id: int, number: int) -> Outcome | None:
    """A loan chosen by its number in the list; None where the list is shorter."""
    loans = loans_of(uow, member_id, size=LISTED).rows
    if number > len(loans):
        return None
    loan = loans[number - 1]
    copy = read_scan(uow, loan.barcode).copy
    return Outcome(True, chosen_words(loan, number), copy=copy, loan_id=loan.loan_id, ask=True)


def card_shown(name: str, member_id: int) -> Outcome:
    """A card was scanned while copies are taken back: who it is, and that copies are taken back all the same."""
    return Outcome(True, card_words(name, member_id), ask=True)


def title_asked(uow: UnitOfWork, title_id: int, mode: Mode, member_id: int | None) -> Outcome:
    """A title: which of its copies, or when there is one again and how to wait for it."""
    back = mode is Mode.TAKE_BACK
    html, found = copies_to_choose(uow, title_id, on_loan=back)
    if found or back:
        return Outcome(bool(found), html, choices=found, title_id=title_id)
    told = f"{html} {title_out(uow, title_id)}"
    if member_id is None:
        return Outcome(False, f"{told} To place a hold, scan the reader’s card.", title_id=title_id)
    return Outcome(
        False, f"{told} {esc(place_in_queue(uow, title_id, member_id))}", reasons=(NOT_IN,), title_id=title_id
    )


def not_one(scan: Scan) -> Outcome:
    """What may be meant, to choose from; or that it is nothing known."""
    found, more = choices_of(scan)
    if not found:
        return Outcome(False, esc(scan.hint))
    rest = " There are more: type more of the name." if more else ""
    people = scan.kind is ScanKind.PEOPLE
    return Outcome(people, f"Which one? Type its number, then Enter.{rest}", choices=found)


def refused(
    refusal: CannotLend | CannotRenew | CannotHold, copy: DeskCopy | None, member_id: int | None, loan_id: int | None
) -> Outcome:
    """Every reason against it; where a hold is the way out, also how long it would wait."""
    can = not isinstance(refusal, CannotHold) and bool(refusal.facts.get("can_override"))
    renewal = loan_id if isinstance(refusal, CannotRenew) else None
    found = Outcome(False, "", refusal.reasons, copy, can, loan_id=renewal)
    holds = any(reason.way_out_action == "hold" for reason in found.reasons)
    if copy is None or member_id is None or not holds:
        return found
    with reading() as uow:
        words = place_in_queue(uow, copy.title_id, member_id)
    return replace(found, html=f"{reasons_html(found.reasons)} {esc(words)}", title_id=copy.title_id)
