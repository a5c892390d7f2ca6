"""Every statement of lending finds its rows through an index, however large the tables grow."""

import importlib
import json
import pkgutil
import re
from typing import Any

import lib.circulation
import lib.closures
import lib.desk
from lib.access.installation import Installation
from lib.kit.database import Statement
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.steps import hand_in

# What may be walked: a handful of rows by nature, or the newest rows backwards with a LIMIT.
SMALL = {"CONSTANT", "p", "location", "y", "membership_type", "json_each", "s"}
BACKWARDS = {"undo._LAST"}
RARE = {
    "history._KEYS_ABOUT",  # through the keys of two days, when somebody erases their history
    "jobs._NOT_LATE",  # through the running fines alone, once a night
    "weeding._LIST", "weeding._HOW_MANY",  # through what stands on the shelves, when somebody weeds them
}  # fmt: skip


def _statements() -> list[tuple[str, Statement]]:
    found = []
    for room in (lib.circulation, lib.closures, lib.desk):
        for module in pkgutil.iter_modules(room.__path__):
            names = vars(importlib.import_module(f"{room.__name__}.{module.name}"))
            found += [(f"{module.name}.{name}", value) for name, value in names.items() if isinstance(value, Statement)]
    return sorted(found, key=lambda pair: pair[0])


STATEMENTS = _statements()


def _fill(library: Installation) -> None:
    """Past loans only: when statistics are taken now, the indexes of open loans look empty to the planner."""
    desk = a_librarian(library)
    for _ in range(120):
        a_loan(library, a_member(library), (barcode := a_copy(library)), days_ago=3)
        hand_in(library, desk, barcode, key=barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def test_sqlite_walks_no_growing_table(sqlite_library: Installation) -> None:
    _fill(sqlite_library)
    walked = {}
    for name, statement in STATEMENTS:
        if name in BACKWARDS | RARE or "FOR NO KEY UPDATE" in statement.sqlite or "FOR UPDATE" in statement.sqlite:
            continue
        plan = _sqlite_plan(sqlite_library, statement)
        if bad := {line.split()[1] for line in plan if line.startswith("SCAN ")} - SMALL:
            walked[name] = bad
    assert walked == {}


def _sqlite_plan(library: Installation, statement: Statement) -> list[str]:
    values = {name: _sqlite_value(name) for name in re.findall(r"(?<!:):(\w+)", statement.sqlite)}
    with library.engine.connect().execution_options(read_only=True) as connection:
        driver: Any = connection.connection.dbapi_connection
        return [row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + statement.sqlite, values)]


def _sqlite_value(name: str) -> Any:
    return json.dumps([1, 2]) if name in ("ids", "keys") else 1


def test_postgresql_has_an_index_for_every_growing_table(postgres_library: Installation) -> None:
    """With walking forbidden, PostgreSQL still walks where it has no index: then the plan says so."""
    walked = {}
    with postgres_library.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("SET enable_seqscan = off")
        for name, statement in STATEMENTS:
            if name in BACKWARDS | RARE:
                continue
            sql = re.sub(r"= ANY\(%\(\w+\)s\)", "= ANY('{1,2}')", statement.postgres)
            plan = driver.execute("EXPLAIN (GENERIC_PLAN) " + _numbered(sql)).fetchall()
            tables = re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in plan))
            if bad := set(tables) - {"location", "membership_type"}:
                walked[name] = bad
    assert walked == {}


def _numbered(sql: str) -> str:
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return re.sub(r"%\((\w+)\)s", number, sql).replace("%%", "%")
