"""The integrity check: every invariant of invariants.sql, and the chains of the audit trail."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import chain_faults
from lib.kit.database import Statement

_FILE = Path(__file__).with_name("invariants.sql")
_BLOCK = re.compile(r"-- name: (?P<name>[\w-]+)\n-- says: (?P<says>[^\n]+)\n(?P<sql>[^;]+);")
SHOWN = 10
AUDIT_CHAIN = "audit-chain"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A question that must find nothing. `sql` holds {indexed} for the search index's own id column."""

    name: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: its name, what it says, how many rows break it, and the first ten ids."""

    name: str
    says: str
    count: int
    ids: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.count:
            return self.says
        where = f" (first: {', '.join(map(str, self.ids))})" if self.ids else ""
        return f"{self.says} {self.count} time{'s' if self.count != 1 else ''}{where} [{self.name}]"


@cache
def invariants() -> tuple[Invariant, ...]:
    """Every invariant in the file, in its order."""
    blocks = _BLOCK.finditer(_FILE.read_text("utf-8"))
    return tuple(Invariant(block["name"], block["says"], block["sql"].strip()) for block in blocks)


def findings(uow: UnitOfWork, *, chain: bool = True) -> tuple[Finding, ...]:
    """What is not as it must be; empty when all is well. `chain` False leaves the audit trail out."""
    if not uow.actor.may(Permission.READ_AUDIT):
        uow.require(Permission.RUN_JOBS)
    broken = [found for invariant in invariants() if (found := _check(uow, invariant))]
    if chain:
        broken += [Finding(AUDIT_CHAIN, sentence, 0) for sentence in chain_faults(uow)]
    return tuple(broken)


def _check(uow: UnitOfWork, invariant: Invariant) -> Finding | None:
    rows = statement_of(invariant, uow.installation.is_sqlite).rows(uow.connection, now=uow.now)
    if not rows:
        return None
    return Finding(invariant.name, invariant.says, len(rows), tuple(row[0] for row in rows[:SHOWN]))


def statement_of(invariant: Invariant, is_sqlite: bool) -> Statement:
    """The question for one of the databases: the search index's key is called differently in each."""
    return Statement(invariant.sql.replace("{indexed}", "rowid" if is_sqlite else "title_id"))
