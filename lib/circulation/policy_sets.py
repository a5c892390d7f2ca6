"""Which set of policy lines holds on a day: that of the table, or a dated one whose day has come.

A dated set holds from its day on by the date itself; folding it into the table afterwards changes nothing that holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from lib.access.work import UnitOfWork
from lib.accounts.models import MembershipType
from lib.audit.trail import record
from lib.catalogue.models import ItemKind
from lib.circulation.models import PolicyRule
from lib.circulation.policy import VALUES, Line
from lib.circulation.side_models import PolicyChange
from lib.kit.versions import POLICY

Pair = tuple[int | None, int | None]
Values = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class PolicyLineRow:
    """A line as it is edited; names are "any" where it holds for all. Unset values are None.

    `id` is below nought where the line belongs to a dated set that no night has folded into the table yet.
    """

    id: int
    membership_type_id: int | None
    membership_type: str
    item_kind_id: int | None
    item_kind: str
    values: Values
    version: int

    @property
    def label(self) -> str:
        return f"{self.membership_type} × {self.item_kind}"

    @property
    def pair(self) -> Pair:
        return self.membership_type_id, self.item_kind_id


@dataclass(frozen=True, slots=True)
class DatedSet:
    """A whole set of lines that waits for its day, or whose day has come."""

    id: int
    holds_from: date
    lines: Mapping[Pair, Mapping[str, int]]


def lines_in_force(uow: UnitOfWork) -> tuple[PolicyLineRow, ...]:
    """The lines that hold today, the general ones first."""
    dated = set_in_force(uow)
    return table_lines(uow) if dated is None else as_rows(dated.lines, table_lines(uow), *_names(uow))


def set_in_force(uow: UnitOfWork) -> DatedSet | None:
    """The latest dated set whose day has come and that is not in the table yet."""
    return next((found for found in reversed(_dated(uow)) if found.holds_from <= uow.today), None)


def _dated(uow: UnitOfWork) -> tuple[DatedSet, ...]:
    return uow.cached(POLICY, "dated", lambda: dated_sets(uow))


def dated_sets(uow: UnitOfWork) -> tuple[DatedSet, ...]:
    """Every set that is neither folded nor cancelled, by its day. There is one a day at most."""
    rows = uow.connection.execute(
        select(PolicyChange.id, PolicyChange.holds_from, PolicyChange.lines)
        .where(PolicyChange.applied_at.is_(None), PolicyChange.cancelled_at.is_(None))
        .order_by(PolicyChange.holds_from)
    )
    return tuple(DatedSet(number, day, read_lines(lines)) for number, day, lines in rows)


def read_lines(kept: Iterable[Mapping[str, Any]]) -> dict[Pair, dict[str, int]]:
    """Lines as a change keeps them."""
    return {(line["membership_type_id"], line["item_kind_id"]): dict(line["values"]) for line in kept}


def kept_lines(lines: Mapping[Pair, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Lines as a change keeps them, the general ones first."""
    return [
        {"membership_type_id": pair[0], "item_kind_id": pair[1], "values": dict(lines[pair])}
        for pair in sorted(lines, key=_place)
    ]


def set_ones(values: Values) -> dict[str, int]:
    """The values that are set."""
    return {name: value for name in VALUES if (value := values.get(name)) is not None}


def as_lines(rows: Iterable[PolicyLineRow]) -> list[Line]:
    """Lines as the pure rules take them."""
    return [Line(row.membership_type_id, row.item_kind_id, set_ones(row.values), row.label) for row in rows]


def as_rows(
    lines: Mapping[Pair, Mapping[str, int]], table: Iterable[PolicyLineRow], types: Mapping[int, str],
    kinds: Mapping[int, str],
) -> tuple[PolicyLineRow, ...]:  # fmt: skip
    """A dated set as rows, with the ids and versions they will have once folded into the table.

    Lines about a membership type or kind of item that has gone are left out.
    """
    known = {row.pair: row for row in table}
    found = []
    for place, pair in enumerate(sorted(lines, key=_place), 1):
        if (pair[0] is not None and pair[0] not in types) or (pair[1] is not None and pair[1] not in kinds):
            continue
        values, row = lines[pair], known.get(pair)
        number, version = (-place, 1) if row is None else (row.id, row.version + (set_ones(row.values) != values))
        whole = {name: values.get(name) for name in VALUES}
        found.append(PolicyLineRow(number, pair[0], types.get(pair[0] or 0, "any"), pair[1],
                                   kinds.get(pair[1] or 0, "any"), whole, version))  # fmt: skip
    return tuple(found)


def _place(pair: Pair) -> tuple[int, int]:
    return pair[0] or 0, pair[1] or 0


def _names(uow: UnitOfWork) -> tuple[dict[int, str], dict[int, str]]:
    types = uow.connection.execute(select(MembershipType.id, MembershipType.name))
    kinds = uow.connection.execute(select(ItemKind.id, ItemKind.name))
    return {row[0]: row[1] for row in types}, {row[0]: row[1] for row in kinds}


def named_lines(uow: UnitOfWork, lines: Mapping[Pair, Mapping[str, int]]) -> tuple[PolicyLineRow, ...]:
    """A set of lines with the names of what they are for."""
    return as_rows(lines, (), *_names(uow))


def table_lines(uow: UnitOfWork) -> tuple[PolicyLineRow, ...]:
    """The lines of the table, the general ones first."""
    columns = [getattr(PolicyRule, name) for name in VALUES]
    rows = uow.connection.execute(
        select(
            PolicyRule.id, PolicyRule.membership_type_id, MembershipType.name, PolicyRule.item_kind_id, ItemKind.name,
            PolicyRule.version, *columns,
        )
        .outerjoin(MembershipType, MembershipType.id == PolicyRule.membership_type_id)
        .outerjoin(ItemKind, ItemKind.id == PolicyRule.item_kind_id)
    )  # fmt: skip
    found = [
        PolicyLineRow(row[0], row[1], row[2] or "any", row[3], row[4] or "any", dict(zip(VALUES, row[6:], strict=True)),
                      row[5])
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda line: _place(line.pair)))


def fold_arrived(uow: UnitOfWork) -> int:
    """Writes the latest set whose day has come into the table; returns how many sets were settled by that.

    What holds is the same before and after. Two who do it at once take turns at the policy's version mark.
    """
    if not any(found.holds_from <= uow.today for found in dated_sets(uow)):
        return 0
    uow.bump(POLICY)
    arrived = [found for found in dated_sets(uow) if found.holds_from <= uow.today]
    if not arrived:
        return 0
    wanted = lines_in_force(uow)
    table = {row.pair: row for row in table_lines(uow)}
    for row in wanted:
        _write(uow, row, table.pop(row.pair, None))
    uow.connection.execute(delete(PolicyRule).where(PolicyRule.id.in_([row.id for row in table.values()])))
    ids = [found.id for found in arrived]
    uow.connection.execute(update(PolicyChange).where(PolicyChange.id.in_(ids)).values(applied_at=uow.now))
    newest = arrived[-1]
    record(uow, "policy.fold", "policy_change", newest.id, holds_from=newest.holds_from, lines=len(wanted))
    return len(arrived)


def _write(uow: UnitOfWork, row: PolicyLineRow, before: PolicyLineRow | None) -> None:
    if before is None:
        values = {"membership_type_id": row.membership_type_id, "item_kind_id": row.item_kind_id, **row.values}
        uow.connection.execute(insert(PolicyRule).values(version=1, **values))
    elif before.version != row.version:
        statement = update(PolicyRule).where(PolicyRule.id == row.id)
        uow.connection.execute(statement.values(version=row.version, **row.values))
