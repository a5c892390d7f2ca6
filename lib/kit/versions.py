"""Version marks: one number a subject (settings, policy, closures, catalogue) that says when a cache is stale."""

from sqlalchemy import Connection
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.database import Statement
from lib.kit.tables import Base

POLICY = "policy"  # the lending policy, and the names of the membership types and kinds of item it is made for


class VersionMark(Base):
    """How often a subject has changed."""

    __tablename__ = "version_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


_READ = Statement("SELECT name, version FROM version_mark")
_BUMP = Statement(
    "INSERT INTO version_mark (name, version) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET version = version_mark.version + 1"
)


def read_versions(connection: Connection) -> dict[str, int]:
    """Every mark; a subject without one has never changed."""
    return dict(_READ.rows(connection))


def bump(connection: Connection, name: str) -> None:
    """Marks a subject as changed, in the caller's transaction."""
    _BUMP.count(connection, name=name)
