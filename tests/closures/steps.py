"""Steps that tests of the calendar take."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group, group_state
from lib.catalogue.models import Copy
from lib.circulation.closure_entries import new_entries
from lib.circulation.hold_models import Hold, HoldState
from lib.circulation.models import ClosureKind
from lib.circulation.settings import ClosedDayMode
from lib.closures.changes import TakenBack, apply_change, preview_change, take_back_change
from lib.closures.opening_days import add_closure
from lib.closures.preview import Effect
from lib.closures.reach import CalendarChange
from lib.kit.clock import SetClock
from tests.builders import a_copy, a_librarian, a_title
from tests.circulation.steps import rows

WEEKLY, YEARLY, DAY = ClosureKind.WEEKLY, ClosureKind.YEARLY, ClosureKind.DAY
ROLL, SKIP, IGNORE = ClosedDayMode.ROLL, ClosedDayMode.SKIP, ClosedDayMode.IGNORE
TODAY = date(2026, 3, 10)  # a Tuesday


def closing(first: date, last: date | None = None, *, is_open: bool = False) -> CalendarChange:
    """A day, or the days from first to last, closed (or open)."""
    return CalendarChange(add=new_entries(DAY, first=first, last=last, is_open=is_open, reason="Stock-taking"))


def every(weekday: int) -> CalendarChange:
    """Every such weekday closed; 0 is Monday."""
    return CalendarChange(add=new_entries(WEEKLY, weekday=weekday, reason="Day of rest"))


def previewed(library: Installation, change: CalendarChange, who: Actor | None = None) -> Effect:
    with begin_reading(library, who or a_librarian(library)) as uow:
        return preview_change(uow, change)


def applied(library: Installation, change: CalendarChange, who: Actor | None = None, *, key: str | None = None) -> int:
    with begin_work(library, who or a_librarian(library)) as uow:
        return apply_change(uow, change, key=key)


def taken_back(library: Installation, change_id: int, who: Actor | None = None) -> TakenBack:
    with begin_work(library, who or a_librarian(library)) as uow:
        return take_back_change(uow, change_id)


def due_days(library: Installation) -> list[date]:
    """The due days of all loans, in the order in which they were made."""
    return [date.fromisoformat(str(row[0])) for row in rows(library, "SELECT due_on FROM loan ORDER BY id")]


def shelf_days(library: Installation) -> list[date]:
    """The last days of all holds on the shelf, in the order in which they were made."""
    found = rows(library, "SELECT shelf_until FROM hold WHERE state = 'ready' ORDER BY id")
    return [date.fromisoformat(str(row[0])) for row in found]


def on_the_shelf(library: Installation, member: Actor, until: date, *, ready_days_ago: int = 0) -> int:
    """A copy on the hold shelf for a member; returns the hold's id."""
    title = a_title(library)
    code = a_copy(library, title, status="on_hold_shelf")
    with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
        copy = uow.connection.execute(select(Copy.id).where(Copy.barcode == code)).scalar_one()
        ready = uow.now - timedelta(days=ready_days_ago)
        values: dict[str, Any] = {
            "title_id": title, "account_id": member.account_id, "state": HoldState.READY, "placed_at": ready,
            "shelf_days": 7, "shelf_copy_id": copy, "ready_at": ready, "shelf_until": until,
        }  # fmt: skip
        return uow.connection.execute(insert(Hold).values(**values).returning(Hold.id)).scalar_one()


def choose(library: Installation, group: str, **values: Any) -> None:
    """Saves settings of a group as an admin does."""
    with begin_work(library, Actor(1, Role.ADMIN)) as uow:
        state = group_state(uow, group)
        change_group(uow, group, values, seen_version=state.version)


def set_clock(library: Installation, *at: int) -> None:
    """Puts the library's clock to an instant, UTC."""
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.at = datetime(*at, tzinfo=UTC)  # type: ignore[arg-type,misc]


def day(number: int, month: int = 3) -> date:
    return date(2026, month, number)


def added(library: Installation, **given: Any) -> tuple[int, ...]:
    with begin_work(library, a_librarian(library)) as uow:
        return add_closure(uow, **given)
