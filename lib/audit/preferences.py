"""Reading and changing the library's settings, each change in the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.settings import SUBJECT, SettingsGroup, SettingsVersion, all_groups, checked, load_group, save_group


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group of settings as it is in force. `fields` tell each value's title, description and kind."""

    group: str
    heading: str
    version: int
    values: dict[str, Any]
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GroupChange:
    """One saved version of a group: when, by whom, and which values it changed (before, after)."""

    version: int
    changed_at: datetime
    changed_by: int | None
    changes: dict[str, tuple[Any, Any]]


def groups(uow: UnitOfWork) -> tuple[GroupState, ...]:
    """Every group of settings."""
    uow.require(Permission.MANAGE_SETTINGS)
    return tuple(_state(uow, kind) for kind in all_groups())


def group_state(uow: UnitOfWork, group: str) -> GroupState:
    """One group of settings.

    Raises:
        NotFound: there is no such group.
    """
    uow.require(Permission.MANAGE_SETTINGS)
    return _state(uow, _kind(group))


def change_group(uow: UnitOfWork, group: str, values: dict[str, Any], *, seen_version: int) -> int:
    """Saves a new version; values left out keep what they are. Returns the new version.

    Raises:
        NotFound: no such group. Invalid: naming each field. StaleEdit: somebody saved since `seen_version`.
    """
    uow.require(Permission.MANAGE_SETTINGS)
    kind = _kind(group)
    if strange := sorted(set(values) - set(kind.model_fields)):
        raise Invalid(*(Fault(name, f"There is no setting “{name}”.") for name in strange))
    old, _ = load_group(uow.connection, kind)
    new = checked(kind, old.model_dump() | values)
    version = save_group(uow.connection, new, seen_version=seen_version, at=uow.now, by=uow.actor.account_id)
    uow.bump(SUBJECT)
    record(uow, "settings.change", "settings", None, group=group, **_differences(old, new))
    return version


def group_history(uow: UnitOfWork, group: str, *, limit: int = 20) -> tuple[GroupChange, ...]:
    """The last saved versions of a group, newest first, each against the one before."""
    uow.require(Permission.MANAGE_SETTINGS)
    kind = _kind(group)
    rows = uow.connection.execute(
        select(SettingsVersion.version, SettingsVersion.changed_at, SettingsVersion.changed_by, SettingsVersion.values)
        .where(SettingsVersion.group_name == group)
        .order_by(SettingsVersion.version.desc())
        .limit(min(limit, 100) + 1)
    ).all()
    states = [kind.model_validate(row[3]) for row in rows] + [kind()]
    return tuple(
        GroupChange(row[0], row[1], row[2], _pairs(states[place + 1], states[place]))
        for place, row in enumerate(rows[: min(limit, 100)])
    )


def _kind(group: str) -> type[SettingsGroup]:
    found = next((kind for kind in all_groups() if kind.group == group), None)
    if found is None:
        raise NotFound("group of settings")
    return found


def _state(uow: UnitOfWork, kind: type[SettingsGroup]) -> GroupState:
    values, version = load_group(uow.connection, kind)
    schema = kind.model_json_schema()
    shared = schema.get("$defs", {})
    fields = {name: _whole(spec, shared) for name, spec in schema["properties"].items()}
    return GroupState(kind.group, kind.heading, version, values.model_dump(mode="json"), fields)


def _whole(spec: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """A field's description with what it refers to put in."""
    name = str(spec.get("$ref", "")).rpartition("/")[2]
    whole: dict[str, Any] = dict(shared.get(name, {}))
    return whole | {key: value for key, value in spec.items() if key != "$ref"}


def _pairs(old: SettingsGroup, new: SettingsGroup) -> dict[str, tuple[Any, Any]]:
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    return {name: (before[name], after[name]) for name in after if before[name] != after[name]}


def _differences(old: SettingsGroup, new: SettingsGroup) -> dict[str, Any]:
    return {"changes": {name: list(pair) for name, pair in _pairs(old, new).items()}}
