"""Which tables and indexes the models describe; the rest belong to the search index or to other software."""

from collections.abc import MutableMapping
from typing import Any

from lib.ops.tables import METADATA


def in_scope(name: str | None, kind: str, parents: MutableMapping[Any, Any]) -> bool:
    """For Alembic's `include_name`: only tables of ours, and no index that the models do not have."""
    if kind == "table":
        return name in METADATA.tables
    return True
