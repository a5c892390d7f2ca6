"""The integrity check: every invariant of invariants.sql, the chains of the audit trail, and the stored files."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import chain_faults
from lib.kit.database import Statement
from lib.ops.file_check import file_faults

_FILE = Path(__file__).with_name("invariants.sql")
_BLOCK = re.compile(
    r"-- name: (?P<name>[\w-]+)\n(?:-- rule: (?P<rule>\d+)\n)?-- says: (?P<says>[^\n]+)\n(?P<sql>[^;]+);"
)
# What each database calls otherwise: the search index's key, and a question for the triggers that are switched on.
_OWN_WORDS = {
    True: {"{indexed}": "rowid", "{triggers}": "SELECT name FROM sqlite_master WHERE type = 'trigger'"},
    False: {
        "{indexed}": "title_id",
        "{triggers}": "SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    },
}
SHOWN = 20
NAMED = 10  # ids in a finding's sentence
AUDIT_CHAIN = "audit-chain"
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A question that must find nothing. `rule`: its number in the list of what must always hold; 0: none."""

    name: str
    says: str
    sql: str
    rule: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: what it says, how many rows break it, and the first twenty with their columns.

    `ids` are those of the rows' first columns; their names (copy_id, loan_id, …) say what they are.
    """

    name: str
    says: str
    count: int
    ids: tuple[int, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        if not self.count:
            return self.says
        where = f" (first: {', '.join(map(str, self.ids[:NAMED]))})" if self.ids else ""
        return f"{self.says} {self.count} time{'s' if self.count != 1 else ''}{where} [{self.name}]"


@cache
def invariants() -> tuple[Invariant, ...]:
    """Every invariant in the file, in its order."""
    blocks = _BLOCK.finditer(_FILE.read_text("utf-8"))
    return tuple(
        Invariant(block["name"], block["says"], block["sql"].strip(), int(block["rule"] or 0)) for block in blocks
    )


def checks() -> int:
    """How many things a whole check looks at: the invariants, the audit trail, the stored files."""
    return len(invariants()) + 2


def findings(uow: UnitOfWork, *, chain: bool = True, tick: Tick | None = None) -> tuple[Finding, ...]:
    """What is not as it must be; empty when all is well. `chain` False leaves the audit trail and the files out;
    `tick` is told after each check how many are done, of how many.

    The questions should see one moment of the database: lib/ops/auditor.py sees to that.
    """
    if not uow.actor.may(Permission.READ_AUDIT):
        uow.require(Permission.RUN_JOBS)
    broken: list[Finding] = []
    known = invariants()
    for done, invariant in enumerate(known, 1):
        if found := check(uow, invariant):
            broken.append(found)
        if tick:
            tick(done, checks())
    if chain:
        broken += [Finding(AUDIT_CHAIN, sentence, 0) for sentence in chain_faults(uow)]
        if tick:
            tick(len(known) + 1, checks())
        broken += _files(uow)
        if tick:
            tick(checks(), checks())
    return tuple(broken)


def check(uow: UnitOfWork, invariant: Invariant, *, most: int = SHOWN) -> Finding | None:
    """Asks one question; None when it holds. At most `most` of the broken rows come with the finding."""
    statement = statement_of(invariant, uow.installation.is_sqlite)
    rows, total = statement.named(uow.connection, most, now=uow.now)
    return _finding(invariant.name, invariant.says, rows, total) if rows else None


def _files(uow: UnitOfWork) -> list[Finding]:
    return [_finding(name, says, rows[:SHOWN], len(rows)) for name, says, rows in file_faults(uow) if rows]


def _finding(name: str, says: str, rows: Sequence[Mapping[str, Any]], total: int) -> Finding:
    told = tuple({column: _fact(value) for column, value in row.items()} for row in rows)
    firsts = (next(iter(row.values())) for row in told)
    return Finding(name, says, total, tuple(first for first in firsts if isinstance(first, int)), told)


def _fact(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if value is None or isinstance(value, str | bool | int):
        return value
    return int(value)  # sums come as decimals from PostgreSQL


def statement_of(invariant: Invariant, is_sqlite: bool) -> Statement:
    """The question for one of the databases."""
    sql = invariant.sql
    for word, own in _OWN_WORDS[is_sqlite].items():
        sql = sql.replace(word, own)
    return Statement(sql)
