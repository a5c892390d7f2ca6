"""Many rows in one go, straight through the driver: for imports, demo data and night work."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

LOOKUP = 500


def reserve_ids(connection: Connection, table: str, count: int) -> list[int]:
    """Fresh ids of a table, in rising order, so that rows and their dependants can be sent without asking back.

    On SQLite the caller holds the write lock, so the numbers after the highest are free until the commit.
    """
    if count <= 0:
        return []
    if connection.dialect.name == "sqlite":
        start = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()
        return list(range(start + 1, start + count + 1))
    found = connection.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count)
    )
    return sorted(row[0] for row in found)


def insert_many(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Inserts rows of driver-ready values (dates and aware datetimes are; dicts are not); returns how many.

    Raises:
        IntegrityError: a constraint refused one of them; the transaction is to be rolled back.
    """
    sent = list(rows)
    if sent:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        marks = ", ".join([mark] * len(columns))
        _send_many(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", sent)
    return len(sent)


def run_many(connection: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Runs one statement with ? marks for each row of values."""
    sent = list(rows)
    if sent:
        _send_many(connection, sql if connection.dialect.name == "sqlite" else sql.replace("?", "%s"), sent)


def _send_many(connection: Connection, sql: str, rows: list[Sequence[Any]]) -> None:
    driver: Any = connection.connection.dbapi_connection
    cursor = driver.cursor()
    try:
        cursor.executemany(sql, rows)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(sql, None, error) from error
    except connection.dialect.loaded_dbapi.OperationalError as error:
        raise OperationalError(sql, None, error) from error
    finally:
        cursor.close()


def fetch_in(connection: Connection, sql: str, values: Iterable[Any], *before: Any) -> list[Any]:
    """Rows of a query that ends in `IN (:values)`, asked in portions; `before` are the values of earlier ? marks."""
    wanted, found = list(dict.fromkeys(values)), []
    sqlite = connection.dialect.name == "sqlite"
    driver: Any = connection.connection.dbapi_connection
    head, _, tail = sql.partition("IN (:values)")
    cursor = driver.cursor()
    for start in range(0, len(wanted), LOOKUP):
        part = wanted[start : start + LOOKUP]
        try:
            if sqlite:
                cursor.execute(f"{head}IN ({', '.join('?' * len(part))}){tail}", (*before, *part))
            else:
                cursor.execute(f"{head.replace('?', '%s')}= ANY(%s){tail}", (*before, part))
        except connection.dialect.loaded_dbapi.OperationalError as error:
            raise OperationalError(sql, None, error) from error
        found += cursor.fetchall()
    cursor.close()
    return found
