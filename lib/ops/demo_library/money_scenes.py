"""Late, damaged, lost and found in the demo library, what was charged and paid for it, and the till, day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from lib.access.work import UnitOfWork
from lib.billing.models import ChargeKind, PaymentMethod
from lib.billing.till import close_day, till
from lib.catalogue.models import Condition
from lib.circulation.claims import claim_returned
from lib.circulation.losses import declare_lost
from lib.circulation.money import charge_member, owes, refund_charge, take_payment, waive_charge
from lib.circulation.returns import Inspection, check_in
from lib.kit.database import Statement
from lib.ops.demo_library.cast import Part
from lib.ops.demo_library.lending import Reader
from lib.ops.demo_library.stage import Stage

_OUT = Statement(
    "SELECT l.id, c.barcode FROM loan l JOIN copy c ON c.id = l.copy_id"
    " WHERE l.copy_id = :copy_id AND l.returned_at IS NULL"
)
_CHARGE = Statement("SELECT id FROM charge WHERE loan_id = :loan_id AND kind = :kind ORDER BY id LIMIT 1")
_BALANCE = Statement("SELECT balance_minor FROM charge WHERE id = :charge_id")
_SALES = (("Printing, 12 pages", 120), ("Book bag", 350), ("New library card", 300), ("Printing, 40 pages", 400))
CASH, CARD, TRANSFER = PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.TRANSFER
TILL_DAYS = 12
_MISSING = {
    6: (-50, "50 cents short: counted twice, not found"),
    2: (200, "2.00 too much: change forgotten by a reader"),
}


@dataclass(frozen=True, slots=True)
class InHand:
    """A part with the loan and the barcode it has by now."""

    account_id: int
    loan_id: int
    barcode: str
    back: int

    def charge(self, uow: UnitOfWork, kind: ChargeKind) -> int:
        """The charge of this loan."""
        return int(_CHARGE.row(uow.connection, loan_id=self.loan_id, kind=kind.value)[0])


def play_money(stage: Stage, parts: Mapping[str, Part]) -> None:
    """Writes the scenes down; `stage.play()` plays them."""
    hands = {name: _in_hand(stage.uow, part) for name, part in parts.items()}
    _late(stage, hands)
    _damaged(stage, hands)
    _lost(stage, hands)
    _hers(stage)
    for back in range(TILL_DAYS, -1, -1):
        for number in range(2):
            words, amount = _SALES[(back + number) % len(_SALES)]
            reader = stage.chance.choice([one for one in stage.readers if not one.is_child])
            method = CARD if (back + number) % 3 == 1 else CASH
            stage.desk(back, 0.2 + number * 0.3, partial(_sell, reader=reader, what=words, amount=amount, by=method))
        if back:
            stage.desk(back, 1.0, partial(_close, back=back))


def _in_hand(uow: UnitOfWork, part: Part) -> InHand:
    loan_id, barcode = _OUT.row(uow.connection, copy_id=part.copy_id)
    return InHand(part.reader.account_id, loan_id, barcode, part.back)


def _late(stage: Stage, hands: Mapping[str, InHand]) -> None:
    for name, share, method in (
        ("late, paid", 1.0, CASH),
        ("late, paid in part", 0.5, CARD),
        ("late, paid by card", 1.0, CARD),
    ):
        one = hands[name]
        stage.desk(one.back, 0.3, partial(_bring, one=one))
        stage.desk(one.back, 0.31, partial(_pay, one=one, share=share, by=method))
    one = hands["late, forgiven in part"]
    stage.desk(one.back, 0.5, partial(_bring, one=one))
    stage.desk(one.back, 0.51, partial(_forgive, one=one, reason="First time late, and the ferry did not run"))
    stage.desk(one.back, 0.52, partial(_pay, one=one, share=1.0, by=CASH))
    for name, reason in (("said to be returned", -4), ("said to be returned lately", -1)):
        one = hands[name]
        stage.desk(one.back, 0.6, partial(_claim, one=one, days=reason))


def _bring(uow: UnitOfWork, *, one: InHand, inspection: Inspection | None = None) -> None:
    check_in(uow, barcode=one.barcode, inspection=inspection)


def _pay(uow: UnitOfWork, *, one: InHand, share: float, by: PaymentMethod) -> None:
    owed = owes(uow, one.account_id)
    if amount := owed if share == 1 else round(owed * share / 10) * 10:
        take_payment(uow, member_id=one.account_id, amount_minor=amount, method=by)


def _forgive(uow: UnitOfWork, *, one: InHand, reason: str) -> None:
    charge = one.charge(uow, ChargeKind.FINE)
    if (half := _balance(uow, charge) // 2) > 0:
        waive_charge(uow, charge_id=charge, amount_minor=half, reason=reason)


def _claim(uow: UnitOfWork, *, one: InHand, days: int) -> None:
    claim_returned(uow, loan_id=one.loan_id, on=uow.today + timedelta(days=days))


def _damaged(stage: Stage, hands: Mapping[str, InHand]) -> None:
    first, second = hands["damaged"], hands["damaged, paid"]
    torn = Inspection(Condition.DAMAGED, "Pages 41 to 44 torn; to be mended with Japanese paper", 1250)
    wet = Inspection(Condition.DAMAGED, "Spine wet and loose; drying in the press", 850)
    stage.desk(first.back, 0.7, partial(_bring, one=first, inspection=torn))
    stage.desk(second.back, 0.4, partial(_bring, one=second, inspection=wet))
    stage.desk(second.back - 1, 0.4, partial(_pay, one=second, share=1.0, by=TRANSFER))


def _lost(stage: Stage, hands: Mapping[str, InHand]) -> None:
    for name in ("lost", "lost and found", "lost, found, not fetched"):
        one = hands[name]
        stage.desk(one.back, 0.45, partial(_lose, one=one))
    for name in ("lost and found", "lost, found, not fetched"):
        one = hands[name]
        stage.desk(one.back - 2, 0.35, partial(_pay, one=one, share=1.0, by=CARD))
        stage.desk(3, 0.75, partial(_bring, one=one))
    stage.desk(1, 0.15, partial(_give_back, one=hands["lost and found"]))


def _lose(uow: UnitOfWork, *, one: InHand) -> None:
    declare_lost(uow, loan_id=one.loan_id, reason="Left on a train; the railway has not found it")


def _give_back(uow: UnitOfWork, *, one: InHand) -> None:
    credit = -owes(uow, one.account_id)
    charge = one.charge(uow, ChargeKind.REPLACEMENT)
    if (amount := min(credit, -_balance(uow, charge))) > 0:
        refund_charge(uow, charge_id=charge, amount_minor=amount, method=CARD, reason="The copy was found again")


def _balance(uow: UnitOfWork, charge_id: int) -> int:
    return int(_BALANCE.row(uow.connection, charge_id=charge_id)[0])


def _hers(stage: Stage) -> None:
    """What the demo member has paid and owes: little enough to go on borrowing."""
    stage.desk(9, 0.6, partial(_sell, reader=stage.star, what="Printing, 24 pages", amount=240, by=CASH))
    stage.desk(7, 0.5, partial(_charge, reader=stage.star, amount=450))
    stage.desk(4, 0.55, partial(_pay_some, reader=stage.star, amount=200))


def _charge(uow: UnitOfWork, *, reader: Reader, amount: int) -> None:
    charge_member(
        uow, member_id=reader.account_id, kind=ChargeKind.DAMAGE, amount_minor=amount, what="A new jacket for a book"
    )


def _pay_some(uow: UnitOfWork, *, reader: Reader, amount: int) -> None:
    take_payment(uow, member_id=reader.account_id, amount_minor=amount, method=CARD)


def _sell(uow: UnitOfWork, *, reader: Reader, what: str, amount: int, by: PaymentMethod) -> None:
    charge = charge_member(
        uow, member_id=reader.account_id, kind=ChargeKind.OTHER, amount_minor=amount, what=what
    )  # fmt: skip
    if (owed := min(amount, owes(uow, reader.account_id))) > 0:  # what the library owed them pays first
        take_payment(uow, member_id=reader.account_id, amount_minor=owed, method=by, charge_ids=(charge,))


def _close(uow: UnitOfWork, *, back: int) -> None:
    difference, note = _MISSING.get(back, (0, ""))
    close_day(uow, cash_counted_minor=till(uow).cash_expected_minor + difference, note=note)
