"""The refusals of the till and the ledger: what is owed, what was paid, and which receipt says so."""

from typing import Any, ClassVar

from lib.kit.errors import RuleBroken
from lib.kit.money import Money


class _AboutMoney(RuleBroken):
    """Facts given as `<name>_minor` come with `<name>`, the amount in words of the library's locale."""

    def __init__(self, *, currency: str, locale: str, **facts: Any) -> None:
        texts = {
            name.removesuffix("_minor"): Money(value, currency).text(locale)
            for name, value in facts.items() if name.endswith("_minor")
        }  # fmt: skip
        super().__init__(**{"currency": currency, "locale": locale} | texts | facts)


class PaysTooMuch(_AboutMoney):
    """Facts: account_id, charge_ids, method, amount_minor, owed_minor, currency."""

    rule = "ledger"
    message = "{amount} is more than what is owed: {owed}."
    way_out = "Take {owed}."
    way_out_action: ClassVar[str | None] = "pay-owed"


class NothingOwed(PaysTooMuch):
    """Facts: amount_minor, owed_minor, currency."""

    rule = "ledger"
    message = "Nothing is owed here any more."
    way_out = "Look at what is owed now."
    way_out_action = None


class AlreadyPaid(NothingOwed):
    """Facts: receipt, paid_at, amount_minor, owed_minor, currency."""

    rule = "ledger"
    message = "This was paid already: see receipt {receipt}."
    way_out = "If it was paid by mistake, take that receipt back."


class ChargeChanged(_AboutMoney):
    """Another desk was faster. Facts: charge_id, amount_minor, owed_minor, currency."""

    rule = "ledger"
    message = "Another desk has just changed what is owed. It is {owed} now."
    way_out = "Look at it again, then take the money."


class RefundTooHigh(_AboutMoney):
    """Facts: charge_id, method, amount_minor, paid_minor, credit_minor, most_minor, currency."""

    rule = "ledger"
    message = "{amount} cannot be given back: {paid} was paid for this and {credit} of it is too much."
    way_out = "At most {most}."
    way_out_action = "refund-most"


class WaiverTooHigh(_AboutMoney):
    """Facts: charge_id, amount_minor, owed_minor, currency."""

    rule = "ledger"
    message = "{amount} cannot be waived: only {owed} is owed."
    way_out = "Waive {owed}."
    way_out_action = "waive-owed"


class NothingToSetOff(_AboutMoney):
    """The library owes the member nothing, or they owe it nothing. Facts: net_minor (below nought: the library owes
    it), currency."""

    rule = "ledger"
    message = "There is nothing to set off: not both of a credit and a debt stand in the ledger."
    way_out = "Take what is owed, or give back what is too much."


class WouldCostRefund(_AboutMoney):
    """Facts: receipt, charge_id, paid_minor, currency."""

    rule = "ledger"
    message = "Receipt {receipt} cannot be taken back: money of it was given back already."
    way_out = "Take back the receipt of what was given back first."


class AlreadyReversed(RuleBroken):
    """Facts: thing."""

    rule = "ledger"
    message = "This {thing} was taken back already."
    way_out = "If that was wrong, do it anew."


class NotReversible(RuleBroken):
    """Facts: thing, way_out."""

    rule = "ledger"
    message = "This {thing} cannot be taken back by itself."
    way_out = "{way_out}"


class WrongChargeState(RuleBroken):
    """The charge makes no such move. Facts: charge_id, state, move."""

    rule = "states of a charge"
    message = "This charge is {state}: it cannot be made {move}."
    way_out = "Look at the charge anew: somebody was faster."


class AlreadyAccruing(RuleBroken):
    """A loan has one running fine at most. Facts: loan_id."""

    rule = "one running fine of a loan"
    message = "This loan has a running fine already."
    way_out = "Look at the charge anew: somebody was faster."


class NothingToClose(RuleBroken):
    """No money has gone through the till since it was closed last. Facts: since."""

    rule = "till"
    message = "Nothing has gone through the till since it was closed last."
    way_out = "Close it after the next payment."


class TillJustClosed(RuleBroken):
    """Two desks closed the till at once."""

    rule = "till"
    message = "Another desk has just closed the till."
    way_out = "See its closing; what comes in from now on belongs to the next."


class CurrencyInUse(RuleBroken):
    """Facts: currency, wanted."""

    rule = "one currency"
    message = (
        "The ledger holds amounts in {currency}, and a library keeps one currency: it cannot be changed to {wanted}."
    )
    way_out = "Keep {currency}."


class StatementTooLong(RuleBroken):
    """Facts: entries."""

    rule = "statement"
    message = "This is more than {entries} entries."
    way_out = "Choose a shorter time."
