"""The refusals of the till and the ledger: what is owed, what was paid, and which receipt says so."""

from typing import Any

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
    """Facts: amount_minor, owed_minor, currency."""

    message = "{amount} is more than what is owed: {owed}."


class NothingOwed(PaysTooMuch):
    """Facts: amount_minor, owed_minor, currency."""

    message = "Nothing is owed here any more."


class AlreadyPaid(NothingOwed):
    """Facts: receipt, paid_at, amount_minor, owed_minor, currency."""

    message = "This was paid already: see receipt {receipt}."


class ChargeChanged(_AboutMoney):
    """Another desk was faster. Facts: charge_id, amount_minor, owed_minor, currency."""

    message = "Another desk has just changed what is owed. It is {owed} now: look at it again, then take the money."


class RefundTooHigh(_AboutMoney):
    """Facts: charge_id, amount_minor, paid_minor, credit_minor, most_minor, currency."""

    message = "{amount} cannot be given back: {paid} was paid for this and {credit} of it is too much. At most {most}."


class WaiverTooHigh(_AboutMoney):
    """Facts: charge_id, amount_minor, owed_minor, currency."""

    message = "{amount} cannot be waived: only {owed} is owed."


class WouldCostRefund(_AboutMoney):
    """Facts: receipt, charge_id, paid_minor, currency."""

    message = "Receipt {receipt} cannot be taken back: money of it was given back already."


class AlreadyReversed(RuleBroken):
    """Facts: thing."""

    message = "This {thing} was taken back already."


class NotReversible(RuleBroken):
    """Facts: thing, way_out."""

    message = "This {thing} cannot be taken back by itself. {way_out}"


class WrongChargeState(RuleBroken):
    """The charge makes no such move. Facts: charge_id, state, move."""

    message = "This charge is {state}: it cannot be made {move}."


class AlreadyAccruing(RuleBroken):
    """A loan has one running fine at most. Facts: loan_id."""

    message = "This loan has a running fine already."


class NothingToClose(RuleBroken):
    """No money has gone through the till since it was closed last. Facts: since."""

    message = "Nothing has gone through the till since it was closed last."


class TillJustClosed(RuleBroken):
    """Two desks closed the till at once."""

    message = "Another desk has just closed the till."


class CurrencyInUse(RuleBroken):
    """Facts: currency, wanted."""

    message = (
        "The ledger holds amounts in {currency}, and a library keeps one currency: it cannot be changed to {wanted}."
    )


class StatementTooLong(RuleBroken):
    """Facts: entries."""

    message = "This is more than {entries} entries. Choose a shorter time."
