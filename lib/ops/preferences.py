"""Saving settings as the doors do it: with the rules of the rooms that live by them."""

from typing import Any

from lib.access.library import LibrarySettings
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.preferences import change_group
from lib.billing.currency import check_currency


def change_settings(uow: UnitOfWork, group: str, values: dict[str, Any], *, seen_version: int) -> int:
    """Saves a new version of a group; values left out keep what they are. Returns the new version.

    Raises:
        NotFound: no such group. Invalid: naming each field. StaleEdit: somebody saved since `seen_version`.
        CurrencyInUse: the ledger holds amounts in another currency.
    """
    uow.require(Permission.MANAGE_SETTINGS)
    version = change_group(uow, group, values, seen_version=seen_version)
    if group == LibrarySettings.group:
        check_currency(uow)
    return version
