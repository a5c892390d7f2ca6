"""The lending policy as a table of lines: read, saved, deleted, and found for one member and kind of item."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import MembershipType
from lib.audit.trail import record
from lib.catalogue.models import ItemKind
from lib.circulation.errors import LastLine, LineExists
from lib.circulation.models import PolicyRule
from lib.circulation.policy import BOUNDS, VALUES, EffectiveRule, Line, effective_rule
from lib.kit.database import broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound, StaleEdit
from lib.kit.versions import POLICY

SUBJECT = POLICY


@dataclass(frozen=True, slots=True)
class PolicyLineRow:
    """A line as it is edited; names are "any" where it holds for all. Unset values are None."""

    id: int
    membership_type_id: int | None
    membership_type: str
    item_kind_id: int | None
    item_kind: str
    values: Mapping[str, int | None]
    version: int

    @property
    def label(self) -> str:
        return f"{self.membership_type} × {self.item_kind}"


def policy_lines(uow: UnitOfWork) -> tuple[PolicyLineRow, ...]:
    """Every line, the general ones first."""
    uow.require(Permission.SEARCH)
    return uow.cached(SUBJECT, "lines", lambda: _load(uow))


def rule_for(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> EffectiveRule:
    """The values in force for a membership type and a kind of item."""
    return uow.cached(SUBJECT, f"rule {type_id} {kind_id}", lambda: _effective(uow, type_id, kind_id))


def _effective(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> EffectiveRule:
    lines = [Line(row.membership_type_id, row.item_kind_id, _set_ones(row.values), row.label) for row in _load(uow)]
    return effective_rule(lines, type_id, kind_id)


def _set_ones(values: Mapping[str, int | None]) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}


def _load(uow: UnitOfWork) -> tuple[PolicyLineRow, ...]:
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
    found.sort(key=lambda line: (line.membership_type_id or 0, line.item_kind_id or 0))
    return tuple(found)


def save_line(
    uow: UnitOfWork,
    membership_type_id: int | None,
    item_kind_id: int | None,
    values: Mapping[str, int | None],
    *,
    seen_version: int | None = None,
) -> int:
    """Saves the line for this pair, new when `seen_version` is None; returns its id. Money in minor units.

    Values that are left out stay unset; open loans keep the numbers they were made under.

    Raises:
        Invalid: a value out of bounds, or unset in the any × any line. LineExists: new, but the pair has a line.
        StaleEdit: saved by somebody else since. NotFound: no such line, membership type or kind of item.
    """
    uow.require(Permission.MANAGE_POLICY)
    _check(membership_type_id, item_kind_id, values)
    new = {name: values.get(name) for name in VALUES}
    if seen_version is None:
        line_id = _insert(uow, membership_type_id, item_kind_id, new)
        before: dict[str, int | None] = {}
    else:
        line_id, before = _update(uow, membership_type_id, item_kind_id, new, seen_version)
    uow.bump(SUBJECT)
    record(
        uow, "policy.save", "policy_rule", line_id, membership_type_id=membership_type_id, item_kind_id=item_kind_id,
        before=before, after=new,
    )  # fmt: skip
    return line_id


def _check(type_id: int | None, kind_id: int | None, values: Mapping[str, int | None]) -> None:
    faults = [Fault(name, f"There is no value “{name}”.") for name in values if name not in BOUNDS]
    for name, (low, high) in BOUNDS.items():
        value = values.get(name)
        if value is None:
            if type_id is None and kind_id is None:
                faults.append(Fault(name, "The line for any member and any kind needs every value."))
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            faults.append(Fault(name, f"Give a whole number from {low} to {high}."))
    if faults:
        raise Invalid(*faults)


def _insert(uow: UnitOfWork, type_id: int | None, kind_id: int | None, new: Mapping[str, int | None]) -> int:
    statement = insert(PolicyRule).values(membership_type_id=type_id, item_kind_id=kind_id, version=1, **new)
    try:
        with uow.connection.begin_nested():
            return uow.connection.execute(statement.returning(PolicyRule.id)).scalar_one()
    except IntegrityError as error:
        if "uq_policy_rule_scope" in broken_constraint(error):
            raise LineExists from error
        raise NotFound("membership type or kind of item") from error


def _update(
    uow: UnitOfWork, type_id: int | None, kind_id: int | None, new: Mapping[str, int | None], seen: int
) -> tuple[int, dict[str, int | None]]:
    line = next((x for x in _load(uow) if (x.membership_type_id, x.item_kind_id) == (type_id, kind_id)), None)
    if line is None:
        raise NotFound("policy line")
    changed = uow.connection.execute(
        update(PolicyRule).where(PolicyRule.id == line.id, PolicyRule.version == seen).values(version=seen + 1, **new)
    ).rowcount
    if not changed:
        raise StaleEdit(thing="policy line", changed_by="somebody else", changed_at=uow.now)
    return line.id, dict(line.values)


def delete_line(uow: UnitOfWork, line_id: int, *, seen_version: int | None = None) -> None:
    """Takes a line out; what it set comes from the more general lines from now on.

    Raises:
        NotFound: no such line. LastLine: it is the any × any line. StaleEdit: saved by somebody else since.
    """
    uow.require(Permission.MANAGE_POLICY)
    line = next((line for line in _load(uow) if line.id == line_id), None)
    if line is None:
        raise NotFound("policy line")
    if line.membership_type_id is None and line.item_kind_id is None:
        raise LastLine
    if seen_version not in (None, line.version):
        raise StaleEdit(thing="policy line", changed_by="somebody else", changed_at=uow.now)
    uow.connection.execute(PolicyRule.__table__.delete().where(PolicyRule.id == line_id))  # type: ignore[attr-defined]
    uow.bump(SUBJECT)
    record(uow, "policy.delete", "policy_rule", line_id, before=dict(line.values), label=line.label)
