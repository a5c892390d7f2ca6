"""Pages of rows: every list has a bound."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows `start`+1 … of `total`; `number` counts from 1."""

    rows: tuple[T, ...]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


def clamp(number: int, size: int) -> tuple[int, int]:
    """A page number and size within bounds: number from 1 to 100,000, size from 1 to 200."""
    return min(max(number, 1), 100_000), min(max(size, 1), LARGEST_PAGE)
