"""What a decision about a loan looks at, as plain values."""

from dataclasses import dataclass
from datetime import date

from lib.circulation.calendar import OpenDays
from lib.circulation.policy import EffectiveRule, due_day, fine
from lib.circulation.settings import CirculationSettings
from lib.kit.money import Money


@dataclass(frozen=True, slots=True)
class Borrower:
    """Who wants to borrow. `loans` are the open ones."""

    id: int
    name: str
    status: str
    status_reason: str | None
    suspended_until: date | None
    type_id: int | None
    membership_ends_on: date | None
    loans: "tuple[OpenLoan, ...]" = ()


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """A loan that is out, with the numbers it was made under."""

    id: int
    title_id: int
    title: str
    kind_id: int
    due_on: date
    fine_per_day: int
    grace_days: int
    fine_cap: int
    fine_settled: int

    def fine_on(self, day: date, calendar: OpenDays) -> int:
        """The fine if it came back on this day, with what earlier renewals settled; never above the cap."""
        late = calendar.days_late(self.due_on, day)
        running = fine(late, per_day=self.fine_per_day, grace_days=self.grace_days, cap=self.fine_cap)
        return min(self.fine_settled + running, max(self.fine_cap, self.fine_settled))


@dataclass(frozen=True, slots=True)
class Item:
    """The copy in question, and the open loan it is on, if any."""

    id: int
    barcode: str
    title_id: int
    title: str
    kind_id: int
    status: str
    price_minor: int | None
    location: str
    shelf: str
    loan_id: int | None = None
    loan_account_id: int | None = None
    loan_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a decision is made: the day, the calendar, the settings, the rule, and how money is written."""

    today: date
    calendar: OpenDays
    settings: CirculationSettings
    rule: EffectiveRule
    currency: str
    locale: str

    def money(self, minor: int) -> str:
        return Money(minor, self.currency).text(self.locale)

    def due(self, start: date, days: int, membership_ends_on: date | None) -> date:
        """When a loan of so many days would end."""
        ends = membership_ends_on if self.settings.membership_caps_due else None
        return due_day(start, days, self.calendar, self.settings.closed_day_mode, membership_ends_on=ends)

    def is_overdue(self, due_on: date) -> bool:
        return due_on < self.today and due_on <= self.calendar.missed_until(self.today)


def owed(loans: "tuple[OpenLoan, ...]", terms: Terms) -> int:
    """What the open loans cost as of today, in minor units."""
    return sum(
        loan.fine_on(terms.today, terms.calendar)
        for loan in loans
        if loan.due_on < terms.today or loan.fine_settled
    )  # fmt: skip
