"""On SQLite the desk's statements are prepared once, not at each scan: preparing takes ten times as long as asking."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading
from lib.circulation.copy_in_hand import read_copy
from lib.circulation.facts import RENEWAL, issue_facts
from tests.builders import a_copy, a_librarian, a_loan, a_member

ASKED: dict[str, Callable[[UnitOfWork, str, int, int], Any]] = {
    "issue": lambda uow, barcode, member, _loan: issue_facts(uow, barcode, member),
    "return": lambda uow, barcode, _member, _loan: read_copy(uow, barcode),
    "renewal": lambda uow, _barcode, _member, loan: RENEWAL.rows(uow.connection, loan_id=loan, today=uow.today),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_prepared_once_for_all_copies_and_readers(sqlite_library: Installation, name: str) -> None:
    desk, readers, barcodes = a_librarian(sqlite_library), [], []
    loans = []
    for _ in range(30):
        readers.append(a_member(sqlite_library))
        barcodes.append(a_copy(sqlite_library))
        loans.append(a_loan(sqlite_library, readers[-1], barcodes[-1]))
    with sqlite_library.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    sqlite_library.engine.dispose()
    prepared: list[Any] = []
    with begin_reading(sqlite_library, desk) as uow:
        driver: Any = uow.connection.connection.dbapi_connection
        for turn, (reader, barcode, loan) in enumerate(zip(readers, barcodes, loans, strict=True)):
            if turn == 1:  # from here on everything is known
                driver.set_authorizer(lambda *about: prepared.append(about) or sqlite3.SQLITE_OK)
            if turn == 2:  # an authorizer has every statement prepared once more
                prepared.clear()
            assert reader.account_id
            ASKED[name](uow, barcode, reader.account_id, loan)
        driver.set_authorizer(None)
    assert not prepared


def test_a_statement_stays_prepared_though_many_others_came_before(sqlite_library: Installation) -> None:
    """A long start, a page of every kind: their statements must not push the desk's out."""
    prepared: list[Any] = []
    with begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        driver: Any = uow.connection.connection.dbapi_connection
        for number in range(300):
            driver.execute(f"SELECT {number}").fetchall()
        driver.set_authorizer(lambda *about: prepared.append(about) or sqlite3.SQLITE_OK)
        for turn in range(3):
            if turn == 1:
                prepared.clear()
            for table in ("title", "copy"):
                driver.execute(f"SELECT count(*) FROM {table}").fetchall()
        driver.set_authorizer(None)
    assert not prepared
