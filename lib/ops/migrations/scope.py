"""Which tables and indexes the models describe; the rest belong to the search index or to other software."""

import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from lib.ops.tables import METADATA

OF_THE_SEARCH_INDEX = {"ix_title_sort_bytes", "ix_title_match_bytes"}


def in_scope(name: str | None, kind: str, parents: MutableMapping[Any, Any]) -> bool:
    """For Alembic's `include_name`: only tables and indexes of ours."""
    return name in METADATA.tables if kind == "table" else name not in OF_THE_SEARCH_INDEX


@contextmanager
def quietly() -> Iterator[None]:
    """Without the warnings that SQLite cannot reflect an index by expression; a test compares those as text."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index.*")
        yield
