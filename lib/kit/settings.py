"""Settings of the library: typed groups, each kept as a row a version, so that history is never lost.

A room declares a group by subclassing `SettingsGroup` in its own settings.py; use cases read it with
`uow.settings(Group)`. Installation matters (ports, secrets, paths) are in config.py instead.
"""

import json
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped

from lib.kit.errors import Fault, Invalid, StaleEdit
from lib.kit.tables import Base, Id
from lib.kit.versions import bump

SUBJECT = "settings"
AMOUNT: dict[str, Any] = {"x-amount": True}  # money in minor units; people read and write it in the currency


class SettingsVersion(Base):
    """One saved state of a group of settings. The highest version is in force."""

    __tablename__ = "settings_version"
    __table_args__ = (UniqueConstraint("group_name", "version"),)

    id: Mapped[Id]
    group_name: Mapped[str]
    version: Mapped[int]
    values: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]


class SettingsGroup(BaseModel):
    """A typed group. Fields carry `title` and `description`, which the settings page shows."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    group: ClassVar[str]
    heading: ClassVar[str]


G = TypeVar("G", bound=SettingsGroup)


def in_words(**choices: str) -> dict[str, Any]:
    """What the choices of a field are called on screen, for its `json_schema_extra`."""
    return {"x-words": choices}


def all_groups() -> list[type[SettingsGroup]]:
    """Every group declared by the rooms that are loaded, by name."""
    return sorted(SettingsGroup.__subclasses__(), key=lambda kind: kind.group)


def load_group(connection: Connection, kind: type[G]) -> tuple[G, int]:
    """The group in force and its version (0: nothing saved yet, the defaults hold)."""
    row = connection.execute(
        select(SettingsVersion.values, SettingsVersion.version)
        .where(SettingsVersion.group_name == kind.group)
        .order_by(SettingsVersion.version.desc())
        .limit(1)
    ).first()
    return (kind.model_validate(row[0]), row[1]) if row else (kind(), 0)


def save_group(connection: Connection, group: SettingsGroup, *, seen_version: int, at: datetime, by: int | None) -> int:
    """Saves a new version of a group and returns its number.

    Raises:
        StaleEdit: somebody saved since `seen_version`.
    """
    _, current = load_group(connection, type(group))
    if current != seen_version:
        raise StaleEdit(thing=f"“{group.heading}” page of settings", changed_by="somebody else", changed_at=at)
    connection.execute(
        insert(SettingsVersion).values(
            group_name=group.group, version=current + 1, values=group.model_dump(mode="json"), changed_at=at,
            changed_by=by,
        )
    )  # fmt: skip
    bump(connection, SUBJECT)
    return current + 1


def checked(kind: type[G], values: dict[str, Any]) -> G:
    """Builds a group from raw values; a number that came as text, or a yes as 1, is not what was asked for.

    Raises:
        Invalid: listing each field that is not as it should be.
    """
    try:
        return kind.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        faults = [
            Fault(".".join(map(str, f["loc"])) or kind.group, f["msg"].removeprefix("Value error, "))
            for f in error.errors()
        ]
        raise Invalid(*faults) from error
