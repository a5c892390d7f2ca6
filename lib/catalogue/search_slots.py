"""Several small numbers for each title (its genres, sections, places), countable and changeable in place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.catalogue.search_engine import Ids

WIDTH = 3
_LARGEST = 1 << 31


@dataclass(slots=True)
class _More:
    """What did not fit, in arrays: of the title `ids[i]` the values from `starts[i]` up to `starts[i + 1]`."""

    ids: Ids
    starts: Ids
    values: Ids
    flags: NDArray[np.bool_]
    source: dict[int, tuple[int, ...]]

    def of(self, hits: Ids) -> tuple[Ids, Ids]:
        """The values of those of the hits that have some here: (title, value) pairs."""
        places = np.searchsorted(self.ids, hits[self.flags[hits]])
        lengths = self.starts[places + 1] - self.starts[places]
        before = np.cumsum(lengths) - lengths
        flat = np.arange(int(lengths.sum())) + np.repeat(self.starts[places] - before, lengths)
        return np.repeat(self.ids[places], lengths), self.values[flat]


class Slots:
    """Row `id` of a matrix holds the first values of a title, zeros after them; the few more lie in a dictionary."""

    def __init__(self, size: int) -> None:
        self.matrix: NDArray[np.int32] = np.zeros((size, WIDTH), dtype=np.int32)
        self.more: dict[int, tuple[int, ...]] = {}
        self._packed: _More | None = None

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
        rows = np.zeros((len(ids), WIDTH), dtype=np.int32)
        order = np.argsort(titles, kind="stable")
        titles, values = titles[order], values[order]
        starts = np.flatnonzero(np.diff(titles, prepend=-1))
        place = np.arange(len(titles)) - np.repeat(starts, np.diff(np.append(starts, len(titles))))
        fits = place < WIDTH
        rows[np.searchsorted(ids, titles[fits]), place[fits]] = values[fits]
        self.matrix[ids] = rows
        more: dict[int, tuple[int, ...]] = {}
        for number, value in zip(titles[~fits].tolist(), values[~fits].tolist(), strict=True):
            more[number] = (*more.get(number, ()), value)
        before = {number: self.more[number] for number in ids.tolist() if number in self.more} if self.more else {}
        if before != more:
            self.more = {number: kept for number, kept in self.more.items() if number not in before} | more

    def counts(self, hits: Ids) -> dict[int, int]:
        """How many of these titles have each value."""
        values = np.take(self.matrix, hits, axis=0).ravel()
        if self.more:
            values = np.concatenate([values, self._more().of(hits)[1]])
        counted = np.bincount(values)
        counted[:1] = 0
        return {int(value): int(counted[value]) for value in np.flatnonzero(counted)}

    def among(self, hits: Ids, wanted: tuple[int, ...]) -> NDArray[np.bool_]:
        """Which of these titles (ascending) have at least one of the wanted values."""
        possible = [value for value in wanted if 0 < value < _LARGEST]
        mask = np.asarray(np.isin(self.matrix[hits], possible).any(axis=1), dtype=np.bool_)
        if self.more:
            titles, values = self._more().of(hits)
            mask[np.searchsorted(hits, titles[np.isin(values, possible)])] = True
        return mask

    def some(self, hits: Ids) -> NDArray[np.bool_]:
        """Which of these titles have any value at all."""
        filled: NDArray[np.bool_] = self.matrix[hits, 0].astype(np.bool_)
        return filled

    def _more(self) -> _More:
        packed, more, size = self._packed, self.more, len(self.matrix)
        # Another thread may have packed what was changed meanwhile: the packed arrays say what they were made of.
        if packed is None or packed.source is not more or len(packed.flags) < size:
            ids = np.array(sorted(more), dtype=np.int64)
            lengths = [len(more[number]) for number in ids.tolist()]
            values = np.array([value for number in ids.tolist() for value in more[number]], dtype=np.int64)
            flags = np.zeros(size, dtype=np.bool_)
            flags[ids] = True
            packed = self._packed = _More(ids, np.concatenate([[0], np.cumsum(lengths)]), values, flags, more)
        return packed
