"""Every statement of the till and the ledger finds its rows through an index, however large the tables grow."""

import importlib
import pkgutil
import re
from typing import Any

import lib.billing
from lib.access.installation import Installation
from lib.kit.database import Statement
from tests.billing.steps import change, owes, paid
from tests.builders import a_librarian, a_member
from tests.circulation.test_plans import _numbered, _sqlite_plan

# Walked by nature: one number, a handful of closings, the newest rows backwards with a LIMIT, a chosen list.
SMALL = {"CONSTANT", "json_each", "receipt_number", "d", "day_close"}
NEWEST = {"till._CLOSES", "till._LAST_CLOSE", "till._HOW_MANY", "currency._KEPT"}


def _statements() -> list[tuple[str, Statement]]:
    found = []
    for module in pkgutil.iter_modules(lib.billing.__path__):
        names = vars(importlib.import_module(f"lib.billing.{module.name}"))
        found += [(f"{module.name}.{name}", value) for name, value in names.items() if isinstance(value, Statement)]
    return sorted((pair for pair in found if pair[0] not in NEWEST), key=lambda pair: pair[0])


def _fill(library: Installation) -> None:
    desk = a_librarian(library)
    for _ in range(60):
        reader = a_member(library)
        for _ in range(3):
            owes(library, reader, 100)
        paid(library, desk, reader, 150)
    change(library, "ANALYZE")


def test_sqlite_walks_no_growing_table(sqlite_library: Installation) -> None:
    _fill(sqlite_library)
    walked = {}
    for name, statement in _statements():
        if " UPDATE" in statement.sqlite and "FOR " in statement.sqlite:
            continue  # locks of PostgreSQL
        if bad := {line.split()[1] for line in _sqlite_plan(sqlite_library, statement) if line.startswith("SCAN ")}:
            walked[name] = bad
    assert {name: bad - SMALL for name, bad in walked.items() if bad - SMALL} == {}


def test_postgresql_has_an_index_for_every_growing_table(postgres_library: Installation) -> None:
    _fill(postgres_library)
    walked = {}
    with postgres_library.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("SET enable_seqscan = off")
        for name, statement in _statements():
            sql = re.sub(r"= ANY\(%\(\w+\)s\)", "= ANY('{1,2}')", statement.postgres)
            plan = driver.execute("EXPLAIN (GENERIC_PLAN) " + _numbered(sql)).fetchall()
            tables = re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in plan))
            if bad := set(tables) - {"receipt_number"}:
                walked[name] = bad
    assert walked == {}
