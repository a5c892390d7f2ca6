"""One currency for a library: every entry carries it, and it stays while there are entries."""

from lib.access.work import UnitOfWork
from lib.billing.errors import CurrencyInUse
from lib.kit.database import Statement

_KEPT = Statement("SELECT currency FROM ledger_entry ORDER BY id LIMIT 1")


def currency_of(uow: UnitOfWork) -> str:
    """Three letters (ISO 4217)."""
    return uow.library.currency


def money_words(uow: UnitOfWork) -> dict[str, str]:
    """What a refusal needs to write amounts as people do."""
    return {"currency": currency_of(uow), "locale": uow.words.locale}


def check_currency(uow: UnitOfWork) -> None:
    """For whoever has just saved the library's settings, before the commit: amounts that are written down mean
    nothing in another currency.

    Raises:
        CurrencyInUse: there are entries in another one.
    """
    row = _KEPT.row(uow.connection)
    if row is not None and row[0] != currency_of(uow):
        raise CurrencyInUse(currency=row[0], wanted=currency_of(uow))
