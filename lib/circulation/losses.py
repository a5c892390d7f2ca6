"""Losses: a copy counts as lost, said at the desk or by the night job; the fine stops and replacing it is charged."""

from dataclasses import asdict, dataclass
from typing import Any

from lib.access.once import act_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind
from lib.catalogue.models import CopyStatus
from lib.circulation.acts import LOST, note_act
from lib.circulation.errors import ReturnOvertaken
from lib.circulation.fines import running_on, set_fine
from lib.circulation.open_loans import LoanAtHand, find_loan, hold_loan
from lib.circulation.postings import posted_new
from lib.circulation.settings import CirculationSettings
from lib.kit.database import Statement
from lib.kit.money import Money
from lib.notices.outbox import queue, take_back
from lib.notices.privacy import what_of

REPLACEMENT, LOST_FEE = "Replacement of a lost copy", "Fee for a lost copy"
NOTICE = "marked-lost"
# `claimed_on` stays: what the member said counts again when the copy is found.
_CLOSE = Statement(
    "UPDATE loan SET returned_at = :now, returned_on = :day, returned_by = :by, lost_at = :now, fine_settled = :fine"
    " WHERE id = :loan_id AND returned_at IS NULL"
)
_MISS = Statement("UPDATE copy SET status = 'lost' WHERE id = :copy_id AND status = 'on_loan'")


@dataclass(frozen=True, slots=True)
class LostReceipt:
    """What a loss costs, in minor units: the fine as it stopped, the replacement, and the fee."""

    loan_id: int
    title_id: int
    title: str
    barcode: str
    member_id: int | None
    fine_minor: int
    replacement_minor: int
    fee_minor: int
    act_id: int

    @property
    def charged_minor(self) -> int:
        """What was charged for the copy, beside the fine."""
        return self.replacement_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class LossCost:
    """What declaring a copy lost would charge now, in minor units."""

    title: str
    fine_minor: int
    replacement_minor: int
    fee_minor: int


def consider_loss(uow: UnitOfWork, *, loan_id: int) -> LossCost:
    """What `declare_lost` would charge now; changes nothing.

    Raises:
        NotFound: no such open loan.
    """
    uow.require(Permission.CIRCULATE)
    found = find_loan(uow, loan_id)
    settings = uow.settings(CirculationSettings)
    fine = found.loan.fine_settled + running_on(uow, found.loan, uow.today)
    return LossCost(found.loan.title, fine, _price(found, settings), settings.lost_fee)


def _price(found: LoanAtHand, settings: CirculationSettings) -> int:
    return settings.replacement_price if found.price_minor is None else found.price_minor


def declare_lost(uow: UnitOfWork, *, loan_id: int, reason: str = "", key: str | None = None) -> LostReceipt:
    """Ends a loan because its copy is lost. The same `key` again gives the same receipt and charges nothing more.

    Raises:
        NotFound: no such open loan. Invalid: the reason is given, but not in words.
    """
    uow.require(Permission.CIRCULATE)

    def declare() -> LostReceipt:
        why = {"reason": read_reason(reason)} if reason.strip() else {}
        return lose(uow, hold_loan(uow, loan_id), **why)

    return act_once(
        uow, key, ("declare-lost", loan_id, reason), declare, lambda receipt: asdict(receipt) | {"member_id": None},
        lambda kept: LostReceipt(**kept),
    )  # fmt: skip


def lose(uow: UnitOfWork, found: LoanAtHand, **why: Any) -> LostReceipt:
    """Ends a loan as lost whose locks are held already; for use cases and jobs of this room."""
    loan, account_id = found.loan, found.account_id
    running = running_on(uow, loan, uow.today)
    settled = loan.fine_settled + running
    closed = _CLOSE.count(
        uow.connection, now=uow.now, day=uow.today, by=uow.actor.account_id, fine=settled, loan_id=loan.id
    )
    if not closed or not _MISS.count(uow.connection, copy_id=found.copy_id):
        raise ReturnOvertaken
    money = set_fine(
        uow, loan_id=loan.id, account_id=account_id, copy_id=found.copy_id, running_minor=running, final=True
    )
    settings = uow.settings(CirculationSettings)
    price = _price(found, settings)
    money += _charge(uow, found, ChargeKind.REPLACEMENT, price, REPLACEMENT)
    money += _charge(uow, found, ChargeKind.LOST_FEE, settings.lost_fee, LOST_FEE)
    act = note_act(
        uow, LOST, loan_id=loan.id, copy_id=found.copy_id, account_id=account_id,
        before={"copy_status": CopyStatus.ON_LOAN.value, "fine_settled": loan.fine_settled,
                "claimed_on": loan.claimed_on.isoformat() if loan.claimed_on else None},
        after={"copy_status": CopyStatus.LOST.value, "fine_settled": settled, "money": money},
    )  # fmt: skip
    record(
        uow, "loan.lost", "loan", loan.id, copy_id=found.copy_id, fine_minor=settled, replacement_minor=price,
        fee_minor=settings.lost_fee, **why,
    )  # fmt: skip
    receipt = LostReceipt(
        loan.id, loan.title_id, loan.title, found.barcode, account_id, settled, price, settings.lost_fee, act
    )
    _tell(uow, found, receipt)
    return receipt


def _charge(uow: UnitOfWork, found: LoanAtHand, kind: ChargeKind, amount: int, what: str) -> list[dict[str, Any]]:
    if not amount:
        return []
    charge = open_charge(
        uow, account_id=found.account_id, kind=kind, amount_minor=amount, what=what, loan_id=found.loan.id,
        copy_id=found.copy_id,
    )  # fmt: skip
    return [posted_new(uow, charge)]


def _tell(uow: UnitOfWork, found: LoanAtHand, receipt: LostReceipt) -> None:
    library = uow.library
    facts = {
        "name": found.name, "what": what_of(found.loan.title, found.preferences, found.language, borrowed=True),
        "amount": Money(receipt.charged_minor, library.currency).text(library.locale),
    }  # fmt: skip
    queue(
        uow, account_id=found.account_id, address=found.email, kind=NOTICE, subject_key=f"loan:{found.loan.id}",
        period=uow.now.isoformat(), language=found.language, facts=facts,
    )  # fmt: skip


def take_back_lost_notice(uow: UnitOfWork, *, account_id: int, loan_id: int) -> None:
    """Drops what the member would have been told, where it was not sent yet."""
    take_back(uow, account_id=account_id, kind=NOTICE, subject_key=f"loan:{loan_id}")
