"""What came of a scan at the desk, and what it may be asked."""

from dataclasses import dataclass
from enum import StrEnum

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentMethod
from lib.circulation.decision import Reason
from lib.circulation.money import owes, take_payment
from lib.circulation.renewals import renew_all
from lib.desk.counter import DeskCopy
from lib.kit.errors import Invalid, Refusal
from lib.kit.money import parse_money
from lib.ui.desk_choices import Choice
from lib.ui.desk_till import Till
from lib.ui.desk_words import all_renewed_words, paid_words
from lib.ui.doorway import reading

_DIGITS = 6  # so many digits and no letter: a scan that went into the wrong question


class Mode(StrEnum):
    """What a scanned copy means."""

    LEND = "Lend"
    TAKE_BACK = "Take back"


class Question(StrEnum):
    """What the input asks for instead of a scan."""

    REASON = "reason"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last scan or key, as HTML, and what may be done next. `title_id`: what a hold would be for;
    `papers`: labels and addresses of what can be printed; `lend_now`: what stood against lending `copy` may be gone."""

    good: bool
    html: str
    reasons: tuple[Reason, ...] = ()
    copy: DeskCopy | None = None
    can_override: bool = False
    choices: tuple[Choice, ...] = ()
    title_id: int | None = None
    papers: tuple[tuple[str, str], ...] = ()
    lend_now: bool = False


def is_scan(text: str) -> bool:
    """Whether what came as an answer is a scan; an amount of money has a point or a comma, or is short."""
    if "." in text or "," in text:
        return False
    return sum(char.isdigit() for char in text) >= _DIGITS and not any(char.isalpha() for char in text)


def read_amount(text: str) -> int | str:
    """An amount in minor units; else why it is none."""
    try:
        with reading() as uow:
            return parse_money(text, uow.library.currency).minor
    except Refusal as refusal:
        return " ".join(fault.text for fault in refusal.faults) if isinstance(refusal, Invalid) else str(refusal)


def renewed(uow: UnitOfWork, member_id: int) -> Outcome:
    """Every loan of a member renewed, or why not."""
    found = renew_all(uow, member_id=member_id)
    return Outcome(bool(found) and all(outcome.receipt for outcome in found), all_renewed_words(found))


def paid(uow: UnitOfWork, member_id: int, till: Till, method: PaymentMethod, amount_minor: int) -> Outcome:
    """The money of an open till taken; the receipt can be printed."""
    done = take_payment(
        uow, member_id=member_id, amount_minor=amount_minor, method=method, charge_ids=till.chosen, key=till.key
    )
    receipt = (f"Receipt {done.number}", f"/files/receipt/{done.payment_id}")
    return Outcome(True, paid_words(done, owes(uow, member_id)), papers=(receipt,))
