"""Several small numbers for each title (its genres, sections, places), countable and changeable in place."""

import numpy as np
from numpy.typing import NDArray

from lib.catalogue.search_engine import Ids

WIDTH = 3
_LARGEST = 1 << 31


class Slots:
    """Row `id` of a matrix holds the first values of a title, zeros after them; the few more lie in a dictionary."""

    def __init__(self, size: int) -> None:
        self.matrix: NDArray[np.int32] = np.zeros((size, WIDTH), dtype=np.int32)
        self.more: dict[int, tuple[int, ...]] = {}
        self._numbers: Ids | None = None  # the keys of `more`, ascending

    def copy(self) -> "Slots":
        twin = Slots(0)
        twin.matrix, twin.more = self.matrix.copy(), dict(self.more)
        return twin

    def grow(self, size: int) -> None:
        """Makes room for ids below `size`."""
        if size > len(self.matrix):
            grown = np.zeros((size, WIDTH), dtype=np.int32)
            grown[: len(self.matrix)] = self.matrix
            self.matrix = grown

    def put(self, ids: Ids, titles: Ids, values: Ids) -> None:
        """Replaces the values of all `ids` with those of the pairs (titles[i], values[i])."""
        self.matrix[ids] = 0
        if self.more:
            for number in ids.tolist():
                self.more.pop(number, None)
        self._numbers = None
        if not len(titles):
            return
        order = np.argsort(titles, kind="stable")
        titles, values = titles[order], values[order]
        starts = np.flatnonzero(np.diff(titles, prepend=-1))
        place = np.arange(len(titles)) - np.repeat(starts, np.diff(np.append(starts, len(titles))))
        fits = place < WIDTH
        self.matrix[titles[fits], place[fits]] = values[fits]
        for number, value in zip(titles[~fits].tolist(), values[~fits].tolist(), strict=True):
            self.more[number] = (*self.more.get(number, ()), value)
        self._numbers = None

    def counts(self, hits: Ids) -> dict[int, int]:
        """How many of these titles have each value."""
        counted = np.bincount(np.take(self.matrix, hits, axis=0).ravel())
        counted[:1] = 0
        found = {int(value): int(counted[value]) for value in np.flatnonzero(counted)}
        for number in self._more_among(hits):
            for value in self.more.get(number, ()):
                found[value] = found.get(value, 0) + 1
        return found

    def among(self, hits: Ids, wanted: tuple[int, ...]) -> NDArray[np.bool_]:
        """Which of these titles have at least one of the wanted values."""
        possible = [value for value in wanted if 0 < value < _LARGEST]
        mask = np.asarray(np.isin(self.matrix[hits], possible).any(axis=1), dtype=np.bool_)
        for number in self._more_among(hits):
            if not set(wanted).isdisjoint(self.more.get(number, ())):
                mask[np.searchsorted(hits, number)] = True
        return mask

    def some(self, hits: Ids) -> NDArray[np.bool_]:
        """Which of these titles have any value at all."""
        filled: NDArray[np.bool_] = self.matrix[hits, 0].astype(np.bool_)
        return filled

    def _more_among(self, hits: Ids) -> list[int]:
        if not self.more or not len(hits):
            return []
        numbers = self._numbers
        if numbers is None:
            numbers = self._numbers = np.array(sorted(self.more), dtype=np.int64)
        few, many = (numbers, hits) if len(numbers) < len(hits) else (hits, numbers)
        places = np.minimum(np.searchsorted(many, few), len(many) - 1)
        found: list[int] = few[many[places] == few].tolist()
        return found
