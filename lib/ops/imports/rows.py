"""One row of a file seen through its mapping: values by field, each fault noted with its column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lib.kit.clock import start_of
from lib.kit.errors import Invalid
from lib.kit.money import parse_money
from lib.ops.imports.columns import Column
from lib.ops.imports.looks import day_comes_first, moment_of
from lib.ops.imports.reading import Line
from lib.ops.safe_cells import plain_cell

_WHOLE = re.compile(r"[+-]?\d{1,12}(?:\.0+)?")
_CURRENCY = re.compile(r"^(?:[A-Za-z]{3}|[$€£¥])\s*|\s*(?:[A-Za-z]{3}|[$€£¥])$")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: "added", "merged", "unchanged" or "refused", and for the last (column, reason) each."""

    line: int
    outcome: str
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """Under which source a file's own ids, its titles and its members are known."""

    own: str
    titles: str
    members: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each field stands in a row, and how its dates are written."""

    places: Mapping[str, tuple[int, ...]]
    headers: tuple[str, ...]
    day_first: Mapping[str, bool]
    zone: ZoneInfo
    currency: str

    def has(self, name: str) -> bool:
        """Whether some column feeds this field."""
        return name in self.places

    def header(self, name: str) -> str:
        """The column of a field, for faults; the field's name where no column feeds it."""
        return self.headers[self.places[name][0]] if name in self.places else name


def layout_of(columns: Sequence[Column], sample: Sequence[Line], zone: ZoneInfo, currency: str) -> Layout:
    """The layout that a mapping makes."""
    places: dict[str, tuple[int, ...]] = {}
    for at, column in enumerate(columns):
        if column.field:
            places[column.field] = (*places.get(column.field, ()), at)
    dates = ("issued", "due", "returned", "joined", "ends_on", "acquired_on")
    together = [line.cells[places[name][0]] for name in dates if name in places for line in sample]
    first = day_comes_first(together)
    return Layout(places, tuple(column.header for column in columns), dict.fromkeys(dates, first), zone, currency)


@dataclass(slots=True)
class Row:
    """A row being read; `faults` fills while its values are asked for."""

    line: Line
    layout: Layout
    faults: list[tuple[str, str]] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The trimmed value of a field, "" where it is empty or has no column."""
        places = self.layout.places.get(name)
        return _bare(self.line.cells[places[0]]) if places else ""

    def texts(self, name: str) -> list[str]:
        """The non-empty values of a field that several columns may feed."""
        return [value for at in self.layout.places.get(name, ()) if (value := _bare(self.line.cells[at]))]

    def fault(self, name: str, reason: str) -> None:
        """Notes that a field cannot be used."""
        self.faults.append((self.layout.header(name), reason))

    def whole(self, name: str, low: int = 0, high: int = 10**12) -> int | None:
        """A whole number, None where empty or (noted) impossible."""
        text = self.text(name)
        if not text:
            return None
        number = int(float(text)) if _WHOLE.fullmatch(text) else None
        if number is None or not low <= number <= high:
            self.fault(name, f"“{text[:40]}” is not a whole number from {low} to {high}.")
            return None
        return number

    def money(self, name: str) -> int | None:
        """An amount in minor units, None where empty or (noted) impossible."""
        text = _CURRENCY.sub("", self.text(name))
        if not text:
            return None
        try:
            amount = parse_money(text, self.layout.currency)
        except Invalid as refusal:
            self.fault(name, str(refusal))
            return None
        if amount.minor < 0:
            self.fault(name, f"“{text[:40]}” is less than nothing.")
        return max(amount.minor, 0)

    def day(self, name: str) -> date | None:
        """A day (of the library), None where empty or (noted) impossible."""
        found = self._moment(name)
        if isinstance(found, datetime):
            return found.astimezone(self.layout.zone).date() if found.tzinfo else found.date()
        return found

    def instant(self, name: str) -> datetime | None:
        """An instant (UTC); a bare day counts from its first second. None where empty or (noted) impossible."""
        found = self._moment(name)
        if isinstance(found, datetime):
            return (found if found.tzinfo else found.replace(tzinfo=self.layout.zone)).astimezone(UTC)
        return start_of(found, self.layout.zone) if found else None

    def is_bare_day(self, name: str) -> bool:
        """Whether a field holds a day without a time."""
        return not isinstance(self._moment(name), datetime)

    def _moment(self, name: str) -> datetime | date | None:
        text = self.text(name)
        if not text:
            return None
        found = moment_of(text, day_first=self.layout.day_first.get(name, True))
        if found is None:
            self.fault(name, f"“{text[:40]}” is not a date; write it like 2024-04-03.")
        elif not 1 < found.year < 9999:
            self.fault(name, f"The year of “{text[:40]}” is not possible.")
            return None
        return found

    def result(self, outcome: str | None) -> RowResult:
        """What became of this row: refused where it has faults."""
        if self.faults or outcome is None:
            return RowResult(self.line.number, "refused", tuple(self.faults))
        return RowResult(self.line.number, outcome)


def _bare(cell: str) -> str:
    return plain_cell(cell.strip())


def split_list(text: str) -> list[str]:
    """The parts of "A; B", "A | B" or, where there is neither, "A, B"."""
    parts = re.split(r"[;|\n]", text) if re.search(r"[;|\n]", text) else text.split(",")
    return [part.strip() for part in parts if part.strip()]
