"""Alembic's entry: runs the steps on the connection (and in the transaction) that lib/ops/schema.py hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Connection

from lib.kit.tables import Instant
from lib.ops.migrations.scope import in_scope
from lib.ops.tables import METADATA


def render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Scripts must not change when our own column types do: an Instant is written as what databases keep."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True).with_variant(sa.String(26), 'sqlite')"
    if kind == "type" and isinstance(thing, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(thing, sa.Enum):
        values = ", ".join(repr(value) for value in thing.enums)
        return f"sa.Enum({values}, name={thing.name!r}, native_enum=False, create_constraint=True, length=40)"
    return False


def run() -> None:
    """Runs the steps asked for; the caller commits."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=render,
        include_name=in_scope,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
    )
    context.run_migrations()


run()
