"""What a repair is, and how repairs take their rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.access.work import UnitOfWork
from lib.kit.database import Statement


@dataclass(frozen=True, slots=True)
class Repair:
    """One safe way to mend a broken invariant. `says` tells what it will do with so many rows; `apply` does it, given
    the ids of the broken rows (the first column of the invariant's question). Running it again changes nothing."""

    says: Callable[[int], str]
    apply: Callable[[UnitOfWork, Sequence[int]], None]


def counted(number: int, one: str, many: str) -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many}"


def lock_rows(uow: UnitOfWork, table: str, ids: Sequence[int]) -> None:
    """Keeps others from changing these rows until the commit; the next statement sees what they did before."""
    if not uow.installation.is_sqlite:
        Statement(f"SELECT id FROM {table} WHERE id IN (:*ids) ORDER BY id FOR UPDATE").rows(uow.connection, ids=ids)
