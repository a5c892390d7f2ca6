"""Days at the desk, to the second: over changes of the clocks, leap days and new years, in three zones.

A loan ends with the last second of its day where the library is; so do a place on the hold shelf, a suspension and an
exception. The special day is the one after which each of them is over.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group
from lib.circulation.checkout import consider_check_out
from lib.circulation.closure_entries import new_entries
from lib.circulation.exceptions import add_exception
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.models import ClosureKind
from lib.circulation.money import owes
from lib.closures.changes import apply_change
from lib.closures.reach import CalendarChange
from lib.desk.undo import desk_acts
from lib.kit.clock import SetClock
from tests.builders import a_copy, a_librarian, a_member, a_title, an_admin
from tests.circulation.hold_steps import hold, suspended
from tests.circulation.machine.house import next_change
from tests.circulation.money_steps import night
from tests.circulation.steps import hand_in, issue, rows, set_rule

ONE_DAY = timedelta(days=1)
# Zone, a day on which its clocks change or that is rare, and how many hours that day has.
DAYS = [
    ("Europe/Berlin", date(2026, 3, 29), 23),
    ("Europe/Berlin", date(2026, 10, 25), 25),
    ("America/St_Johns", date(2026, 3, 8), 23),
    ("America/St_Johns", date(2026, 11, 1), 25),
    ("Pacific/Auckland", date(2026, 9, 27), 23),
    ("Pacific/Auckland", date(2027, 4, 4), 25),
    *((zone, date(2028, 2, 29), 24) for zone in ("Europe/Berlin", "America/St_Johns", "Pacific/Auckland")),
    *((zone, date(2026, 12, 31), 24) for zone in ("Europe/Berlin", "America/St_Johns", "Pacific/Auckland")),
]
NAMES = [f"{zone.split('/')[1]} {day}" for zone, day, _ in DAYS]


@dataclass
class Place:
    """A library in a zone, with its clock in local time and rules whose days are easy to count."""

    library: Installation
    zone: ZoneInfo
    day: date
    hours: int

    def __post_init__(self) -> None:
        self.at(self.day - ONE_DAY, "12:00:00")
        with begin_work(self.library, an_admin(self.library)) as uow:
            change_group(uow, "library", {"time_zone": self.zone.key}, seen_version=0)
        set_rule(self.library, loan_days=1, grace_days=0, fine_per_day=10, fine_cap=500, hold_shelf_days=1)
        self.desk, self.reader = a_librarian(self.library), a_member(self.library)

    def at(self, day: date, time: str) -> None:
        """Sets the library's clock to a local day and time."""
        clock = self.library.clock
        assert isinstance(clock, SetClock)
        local = datetime.combine(day, datetime.strptime(time, "%H:%M:%S").time(), tzinfo=self.zone)
        clock.at = local.astimezone(UTC)

    def owed(self) -> int:
        with begin_reading(self.library, self.desk) as uow:
            return owes(uow, self.reader.account_id or 0)

    def close(self, day: date) -> None:
        with begin_work(self.library, an_admin(self.library)) as uow:
            apply_change(uow, CalendarChange(add=new_entries(ClosureKind.DAY, first=day)))


@pytest.fixture(params=DAYS, ids=NAMES)
def place(request: pytest.FixtureRequest, sqlite_library: Installation) -> Place:
    zone, day, hours = request.param
    return Place(sqlite_library, ZoneInfo(zone), day, hours)


def test_the_table_holds_real_changes_of_the_clocks() -> None:
    for name, day, hours in DAYS:
        zone = ZoneInfo(name)
        first, last = (datetime.combine(at, datetime.min.time(), tzinfo=zone) for at in (day, day + ONE_DAY))
        assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)
    assert {hours for _, _, hours in DAYS} == {23, 24, 25}


def _a_loan_ends_with_the_last_second_of_its_day(place: Place) -> None:
    library, day = place.library, place.day
    copies = [a_copy(library) for _ in range(3)]
    place.at(day - ONE_DAY, "23:30:00")
    assert {issue(library, place.desk, code, place.reader).due_on for code in copies} == {day}
    place.at(day, "23:59:59")
    assert place.owed() == 0
    back = hand_in(library, place.desk, copies[0])
    assert (back.days_late, back.fine_minor) == (0, 0)
    place.at(day + ONE_DAY, "00:00:00")
    assert place.owed() == 20
    back = hand_in(library, place.desk, copies[1])
    assert (back.days_late, back.fine_minor) == (1, 10)
    place.at(day + 3 * ONE_DAY, "23:59:59")
    back = hand_in(library, place.desk, copies[2])
    assert (back.days_late, back.fine_minor) == (3, 30)
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_on IS NULL") == [(0,)]


def test_a_loan_ends_with_the_last_second_of_its_day(place: Place) -> None:
    _a_loan_ends_with_the_last_second_of_its_day(place)


def test_a_loan_made_in_every_hour_of_the_day_is_due_the_next_day(place: Place) -> None:
    """Also in the hour that comes twice, and in the first after the one that is left out."""
    clock = place.library.clock
    assert isinstance(clock, SetClock)
    set_rule(place.library, max_loans=100)
    place.at(place.day, "00:00:00")
    days = set()
    for _ in range(place.hours):
        days.add(issue(place.library, place.desk, a_copy(place.library), place.reader).due_on)
        clock.forward(timedelta(hours=1))
    assert days == {place.day + ONE_DAY}
    assert issue(place.library, place.desk, a_copy(place.library), place.reader).due_on == place.day + 2 * ONE_DAY


def test_an_overdue_loan_blocks_from_midnight_on_and_not_before(place: Place) -> None:
    library, day, another = place.library, place.day, a_copy(place.library)
    issue(library, place.desk, a_copy(library), place.reader)

    def overdue() -> bool:
        with begin_reading(library, place.desk) as uow:
            found = consider_check_out(uow, barcode=another, member_id=place.reader.account_id or 0)
        return "has-overdue" in {reason.code for reason in found.reasons}

    place.at(day, "23:59:59")
    assert not overdue()
    place.at(day + ONE_DAY, "00:00:00")
    assert overdue()


def test_a_fine_grows_once_a_day_whatever_the_length_of_the_day(place: Place) -> None:
    library, day = place.library, place.day
    place.at(day - 3 * ONE_DAY, "10:00:00")
    issue(library, place.desk, a_copy(library), place.reader)  # due two days before the special day
    charged = []
    for ahead, time in ((-1, "03:00:00"), (0, "00:00:00"), (0, "23:59:59"), (1, "00:00:00"), (1, "03:30:00")):
        place.at(day + ahead * ONE_DAY, time)
        night(library)
        night(library)
        charged.append(rows(library, "SELECT balance_minor FROM charge")[0][0])
    assert charged == [10, 20, 20, 30, 30]
    assert rows(library, "SELECT count(DISTINCT on_date), count(*) FROM ledger_entry") == [(3, 3)]


def test_closed_days_move_what_is_due_and_cost_nothing(place: Place) -> None:
    library, day = place.library, place.day
    late, moved = a_copy(library), a_copy(library)
    issue(library, place.desk, late, place.reader)
    place.at(day, "08:00:00")
    issue(library, place.desk, moved, place.reader)
    place.close(day + ONE_DAY)  # the second loan's day
    dues = [str(row[0]) for row in rows(library, "SELECT due_on FROM loan ORDER BY id")]
    assert dues == [str(day), str(day + 2 * ONE_DAY)]
    place.at(day + ONE_DAY, "23:59:59")
    assert place.owed() == 0
    place.at(day + 2 * ONE_DAY, "00:00:00")
    assert hand_in(library, place.desk, late).fine_minor == 10
    place.at(day + 2 * ONE_DAY, "23:59:59")
    assert hand_in(library, place.desk, moved).fine_minor == 0


def test_a_copy_lies_on_the_hold_shelf_until_the_last_second_of_its_day(place: Place) -> None:
    library, day, title = place.library, place.day, a_title(place.library)
    barcode = a_copy(library, title)
    issue(library, place.desk, barcode, place.reader)
    waits = a_member(library)
    hold(library, waits, title)
    place.at(day - ONE_DAY, "23:30:00")
    back = hand_in(library, place.desk, barcode)
    assert back.hold is not None
    assert back.hold.shelf_until == day
    assert [_expired(library, place, *at) for at in ((day, "23:59:59"), (day + ONE_DAY, "00:00:00"))] == [0, 1]
    assert rows(library, "SELECT state FROM hold") == [("expired",)]


def _expired(library: Installation, place: Place, day: date, time: str) -> int:
    place.at(day, time)
    with begin_work(library, SYSTEM) as uow:
        return expire_holds(uow)


def test_closed_days_do_not_count_on_the_hold_shelf(place: Place) -> None:
    library, day, title = place.library, place.day, a_title(place.library)
    barcode = a_copy(library, title)
    issue(library, place.desk, barcode, place.reader)
    hold(library, a_member(library), title)
    place.close(day)
    back = hand_in(library, place.desk, barcode)
    assert back.hold is not None
    assert back.hold.shelf_until == day + ONE_DAY
    assert _expired(library, place, day + ONE_DAY, "23:59:59") == 0
    assert _expired(library, place, day + 2 * ONE_DAY, "00:00:00") == 1


@pytest.mark.parametrize(("ahead", "time", "served"), [(0, "23:59:59", False), (1, "00:00:00", True)])
def test_a_suspended_hold_is_passed_over_until_the_last_second_of_its_day(
    place: Place, ahead: int, time: str, served: bool
) -> None:
    library, day, title = place.library, place.day, a_title(place.library)
    barcode = a_copy(library, title)
    issue(library, place.desk, barcode, place.reader)
    first, second = a_member(library), a_member(library)
    mine = hold(library, first, title).hold_id
    hold(library, second, title)
    suspended(library, first, mine, day)
    place.at(day + ahead * ONE_DAY, time)
    back = hand_in(library, place.desk, barcode)
    assert back.hold is not None
    assert back.hold.account_id == (first if served else second).account_id


def test_an_exception_holds_until_the_last_second_of_its_day(place: Place) -> None:
    library, day = place.library, place.day
    set_rule(library, max_loans=0)
    with begin_work(library, place.desk) as uow:
        add_exception(
            uow, account_id=place.reader.account_id or 0, name="max_loans", amount=1, until=day, reason="A trip"
        )
    barcode = a_copy(library)

    def may(who: Actor) -> bool:
        with begin_reading(library, place.desk) as uow:
            return consider_check_out(uow, barcode=barcode, member_id=who.account_id or 0).may

    place.at(day, "23:59:59")
    assert may(place.reader)
    place.at(day + ONE_DAY, "00:00:00")
    assert not may(place.reader)


def test_undoing_is_a_matter_of_real_minutes_where_the_wall_clock_jumps(place: Place) -> None:
    """Undo lasts thirty minutes, also over the hour that is left out or comes twice."""
    clock = place.library.clock
    assert isinstance(clock, SetClock)
    zone_jumps = next_change(clock.at, place.zone)
    for minutes, may in ((29, True), (31, False)):
        clock.at = zone_jumps - timedelta(minutes=10)
        receipt = issue(place.library, place.desk, a_copy(place.library), a_member(place.library))
        clock.forward(timedelta(minutes=minutes))
        with begin_reading(place.library, place.desk) as uow:
            shown = next(row for row in desk_acts(uow) if row.id == receipt.act_id)
        assert shown.can_undo is may


@pytest.mark.parametrize("which", range(0, len(DAYS), 2), ids=NAMES[::2])
def test_it_is_the_same_on_postgresql(postgres_library: Installation, which: int) -> None:
    zone, day, hours = DAYS[which]
    _a_loan_ends_with_the_last_second_of_its_day(Place(postgres_library, ZoneInfo(zone), day, hours))
