"""The lending policy as a table of lines: read, saved, deleted, and found for one member and kind of item."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.errors import LastLine, LineExists
from lib.circulation.models import PolicyRule
from lib.circulation.policy import BOUNDS, VALUES, EffectiveRule, effective_rule
from lib.circulation.policy_sets import PolicyLineRow, as_lines, fold_arrived, lines_in_force, set_in_force, table_lines
from lib.kit.database import broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound, StaleEdit
from lib.kit.versions import POLICY

SUBJECT = POLICY


def policy_lines(uow: UnitOfWork) -> tuple[PolicyLineRow, ...]:
    """Every line that holds today, the general ones first."""
    uow.require(Permission.SEARCH)
    dated = set_in_force(uow)
    return uow.cached(SUBJECT, f"lines of {dated.id if dated else 'the table'}", lambda: lines_in_force(uow))


def rule_for(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> EffectiveRule:
    """The values in force today for a membership type and a kind of item."""
    dated = set_in_force(uow)
    key = f"rule {type_id} {kind_id} of {dated.id if dated else 'the table'}"
    return uow.cached(SUBJECT, key, lambda: _effective(uow, type_id, kind_id))


def _effective(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> EffectiveRule:
    return effective_rule(as_lines(lines_in_force(uow)), type_id, kind_id)


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
    if faults := line_faults(membership_type_id, item_kind_id, values):
        raise Invalid(*faults)
    fold_arrived(uow)
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


def line_faults(type_id: int | None, kind_id: int | None, values: Mapping[str, int | None]) -> list[Fault]:
    """What is wrong with the values of a line, all at once."""
    faults = [Fault(name, f"There is no value “{name}”.") for name in values if name not in BOUNDS]
    for name, (low, high) in BOUNDS.items():
        value = values.get(name)
        if value is None:
            if type_id is None and kind_id is None:
                faults.append(Fault(name, "The line for any member and any kind needs every value."))
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            faults.append(Fault(name, f"Give a whole number from {low} to {high}."))
    return faults


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
    line = next((x for x in table_lines(uow) if x.pair == (type_id, kind_id)), None)
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
    seen = next((line for line in lines_in_force(uow) if line.id == line_id), None)
    if seen is None:
        raise NotFound("policy line")
    if seen.pair == (None, None):
        raise LastLine
    fold_arrived(uow)
    line = next(line for line in table_lines(uow) if line.pair == seen.pair)
    wanted = line.version if seen_version is None else seen_version
    gone = uow.connection.execute(
        delete(PolicyRule).where(PolicyRule.id == line.id, PolicyRule.version == wanted)
    ).rowcount
    if not gone:
        raise StaleEdit(thing="policy line", changed_by="somebody else", changed_at=uow.now)
    uow.bump(SUBJECT)
    record(uow, "policy.delete", "policy_rule", line.id, before=dict(line.values), label=line.label)
