"""Entries of the calendar as values: what a weekly, a yearly and a single closure are, checked, read and written."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from lib.access.work import UnitOfWork
from lib.circulation.calendar import ONE_DAY, OpenDays
from lib.circulation.models import Closure, ClosureKind
from lib.kit.errors import Fault, Invalid
from lib.kit.text import one_line

CALENDAR = "closures"  # the subject under which caches of the calendar live
LONGEST_DAYS = 366
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the calendar; only the fields of its kind are set. `weekday` 0 is Monday. `since`: the first day on
    which a pattern holds; None: it always did, so that it counts for the fines of past days too."""

    kind: ClosureKind
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    on_date: date | None = None
    is_open: bool = False
    reason: str = ""
    since: date | None = None

    @property
    def place(self) -> tuple[Any, ...]:
        """What two entries must not share."""
        return (self.kind, self.weekday, self.month, self.day, self.on_date)

    @property
    def words(self) -> str:
        """The entry as people say it: "every Sunday from 4 May 2026 on", "25 December of every year", "4 May 2026"."""
        if self.kind is ClosureKind.WEEKLY:
            return f"every {WEEKDAYS[self.weekday or 0]}{self._beginning}"
        if self.kind is ClosureKind.YEARLY:
            written = date(2000, self.month or 1, self.day or 1)
            return f"{written.day} {written:%B} of every year{self._beginning}"
        assert self.on_date is not None
        return f"{self.on_date.day} {self.on_date:%B %Y}"

    @property
    def _beginning(self) -> str:
        return f" from {self.since.day} {self.since:%B %Y} on" if self.since else ""

    def kept(self) -> dict[str, Any]:
        """In JSON's types."""
        return asdict(self) | {name: (at := getattr(self, name)) and at.isoformat() for name in ("on_date", "since")}


@dataclass(frozen=True, slots=True)
class ClosureRow(Entry):
    """An entry as it stands in the calendar; `change_id`: the change that put it there."""

    id: int = 0
    change_id: int | None = None


def entry_of(kept: dict[str, Any]) -> Entry:
    """An entry from what `Entry.kept` gave."""
    values = {name: kept.get(name) for name in ("weekday", "month", "day")}
    on_date, since = (date.fromisoformat(at) if (at := kept.get(name)) else None for name in ("on_date", "since"))
    return Entry(
        ClosureKind(kept["kind"]), **values, on_date=on_date, is_open=bool(kept["is_open"]), reason=kept["reason"],
        since=since,
    )  # fmt: skip


def new_entries(
    kind: ClosureKind,
    *,
    weekday: int | None = None,
    month: int | None = None,
    day: int | None = None,
    first: date | None = None,
    last: date | None = None,
    is_open: bool = False,
    reason: str = "",
) -> tuple[Entry, ...]:
    """The entries of a weekly (`weekday`), yearly (`month`, `day`) or single closure (`first`, or all of `first` to
    `last`, at most 366 days). A pattern holds from `first` on, or always. `is_open` makes single days openings that
    beat a pattern.

    Raises:
        Invalid: fields that do not fit the kind.
    """
    kind, why = ClosureKind(kind), one_line(reason, "reason")[:200]
    if is_open and kind is not ClosureKind.DAY:
        raise Invalid(Fault("is_open", "Only a single day can be an opening that beats the patterns."))
    if kind is ClosureKind.WEEKLY:
        if weekday is None or not 0 <= weekday <= 6:
            raise Invalid(Fault("weekday", "Choose a weekday."))
        return (Entry(kind, weekday=weekday, reason=why, since=first),)
    if kind is ClosureKind.YEARLY:
        if not _is_day_of_year(month, day):
            raise Invalid(Fault("day", "There is no such day of the year."))
        return (Entry(kind, month=month, day=day, reason=why, since=first),)
    last = last or first
    if first is None or last is None or not 0 <= (last - first).days < LONGEST_DAYS:
        raise Invalid(Fault("first", "Give a first and a last day, at most a year apart."))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(Entry(kind, on_date=on, is_open=is_open, reason=why) for on in days)


def _is_day_of_year(month: int | None, day: int | None) -> bool:
    try:
        date(2000, month or 0, day or 0)  # a leap year
    except ValueError:
        return False
    return True


def read_entries(uow: UnitOfWork) -> list[ClosureRow]:
    """Every entry, the oldest first."""
    rows = uow.connection.execute(
        select(
            Closure.kind, Closure.weekday, Closure.month, Closure.day, Closure.on_date, Closure.is_open,
            Closure.reason, Closure.since, Closure.id, Closure.change_id,
        ).order_by(Closure.id)
    )  # fmt: skip
    return [ClosureRow(*tuple(row)) for row in rows]


def made_at(uow: UnitOfWork, rows: Sequence[ClosureRow]) -> dict[int, datetime]:
    """When these entries were entered, by id."""
    found = select(Closure.id, Closure.created_at).where(Closure.id.in_([row.id for row in rows]))
    return {row[0]: row[1] for row in uow.connection.execute(found)} if rows else {}


def calendar_from(entries: Iterable[Entry]) -> OpenDays:
    """The calendar that entries make."""
    kept = list(entries)
    return OpenDays(
        frozenset(row.weekday for row in kept if row.kind is ClosureKind.WEEKLY and row.weekday is not None),
        frozenset((row.month, row.day) for row in kept if row.kind is ClosureKind.YEARLY and row.month and row.day),
        {row.on_date: row.is_open for row in kept if row.kind is ClosureKind.DAY and row.on_date},
        {_pattern(row): row.since for row in kept if row.since},
    )


def _pattern(entry: Entry) -> Any:
    return entry.weekday if entry.kind is ClosureKind.WEEKLY else (entry.month, entry.day)


def calendar_of(uow: UnitOfWork) -> OpenDays:
    """The calendar in force, past closures included."""
    return uow.cached(CALENDAR, "calendar", lambda: calendar_from(read_entries(uow)))


def closed_past(before: OpenDays, after: OpenDays, first: date, today: date, reason: str) -> tuple[Entry, ...]:
    """The days from `first` until yesterday that were closed and would be open: as single closures, so that the
    past stays as it was and the fines of that time with it."""
    days = (first + n * ONE_DAY for n in range(max(0, (today - first).days)))
    return tuple(
        Entry(ClosureKind.DAY, on_date=day, reason=reason)
        for day in days if after.is_open(day) and not before.is_open(day)
    )  # fmt: skip


def in_words(entries: Sequence[Entry]) -> str:
    """Entries as people say them; days that follow one another as a range: "4 May 2026 to 8 May 2026"."""
    parts: list[list[Entry]] = []
    for entry in entries:
        last = parts[-1][-1] if parts else None
        if last and last.on_date and entry.on_date == last.on_date + ONE_DAY and entry.is_open == last.is_open:
            parts[-1].append(entry)
        else:
            parts.append([entry])
    said = [run[0].words + (f" to {run[-1].words}" if len(run) > 1 else "") for run in parts]
    return ", ".join(said[:5]) + (f" and {len(said) - 5} more" if len(said) > 5 else "")


def what_of(added: Sequence[Entry], removed: Sequence[Entry]) -> str:
    """A change in words: "closed: 4 May 2026 to 8 May 2026; taken out: every Sunday"."""
    parts = (
        ("closed", [entry for entry in added if not entry.is_open]), ("open", [e for e in added if e.is_open]),
        ("taken out", list(removed)),
    )  # fmt: skip
    return "; ".join(f"{word}: {in_words(entries)}" for word, entries in parts if entries)


def row_values(entry: Entry, created_at: datetime, change_id: int | None) -> dict[str, Any]:
    """The entry as a row of the table."""
    return asdict(Entry(*(getattr(entry, name) for name in Entry.__slots__))) | {
        "created_at": created_at, "change_id": change_id,
    }  # fmt: skip
