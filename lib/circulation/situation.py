"""What a decision about a loan looks at, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from lib.circulation.calendar import OpenDays
from lib.circulation.hold_policy import Claim, in_want_of
from lib.circulation.policy import EffectiveRule, due_day, fine
from lib.circulation.settings import CirculationSettings
from lib.kit.wording import Wording

OVERDUE_BLOCKS = "overdue_blocks"


@dataclass(frozen=True, slots=True)
class Exempt:
    """A value of the policy that holds otherwise for one member, up to and including `until`."""

    name: str
    amount: int
    until: date


@dataclass(frozen=True, slots=True)
class Borrower:
    """Who wants to borrow. `loans` are the open ones; `balance_minor` is what the ledger says they owe, below nought
    what the library owes them; `exceptions` hold today."""

    id: int
    name: str
    status: str
    status_reason: str | None
    suspended_until: date | None
    type_id: int | None
    membership_ends_on: date | None
    loans: "tuple[OpenLoan, ...]" = ()
    balance_minor: int = 0
    exceptions: tuple[Exempt, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """A loan that is out, with the numbers it was made under. `accrued_minor`: what of its running fine is in the
    ledger already; `claimed_on`: the day on which the member says they returned it."""

    id: int
    title_id: int
    title: str
    kind_id: int
    due_on: date
    fine_per_day: int
    grace_days: int
    fine_cap: int
    fine_settled: int
    accrued_minor: int = 0
    claimed_on: date | None = None

    def fine_on(self, day: date, calendar: OpenDays) -> int:
        """The fine if it came back on this day, with what earlier renewals settled; never above the cap.

        It stands still from the day on which the member says they returned it.
        """
        last = day if self.claimed_on is None else min(day, self.claimed_on)
        late = calendar.days_late(self.due_on, last)
        running = fine(late, per_day=self.fine_per_day, grace_days=self.grace_days, cap=self.fine_cap)
        return min(self.fine_settled + running, max(self.fine_cap, self.fine_settled))


@dataclass(frozen=True, slots=True)
class Queue:
    """What holds say of a copy, seen from one member.

    `own_id`: their live hold on the title, `own_ready`: it waits for them on the shelf. `shelf_id`, `shelf_for`: the
    hold for which this copy lies on the hold shelf, and whose it is. `waiting`: how many holds of others this copy
    could serve now. Where a copy is to stay out, also `claims`: all holds of others on the title that may be served
    now, in their order, and `free`: the copies of the title on the shelf.
    """

    own_id: int | None = None
    own_ready: bool = False
    shelf_id: int | None = None
    shelf_for: int | None = None
    waiting: int = 0
    claims: tuple[Claim, ...] = ()
    free: tuple[int, ...] = ()


NOBODY = Queue()


@dataclass(frozen=True, slots=True)
class Item:
    """The copy in question, the open loan it is on, if any, and what holds say of it."""

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
    queue: Queue = field(default=NOBODY)

    @property
    def missed_by(self) -> int:
        """How many of those who wait go without as long as this copy is out."""
        return in_want_of(self.queue.claims, self.id, self.queue.free)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a decision is made: the day, the calendar, the settings, the rule, and how
    days and money are written."""

    today: date
    calendar: OpenDays
    settings: CirculationSettings
    rule: EffectiveRule
    currency: str
    locale: str

    @property
    def words(self) -> Wording:
        return Wording(self.locale, self.currency)

    def money(self, minor: int) -> str:
        return self.words.money(minor)

    def day(self, day: date) -> str:
        return self.words.day(day)

    def due(self, start: date, days: int, membership_ends_on: date | None) -> date:
        """When a loan of so many days would end."""
        ends = membership_ends_on if self.settings.membership_caps_due else None
        return due_day(start, days, self.calendar, self.settings.closed_day_mode, membership_ends_on=ends)

    def is_overdue(self, due_on: date) -> bool:
        return due_on < self.today and due_on <= self.calendar.missed_until(self.today)


def owed(borrower: Borrower, terms: Terms) -> int:
    """What a member owes as of today, in minor units: the ledger, and what it does not yet hold of running fines."""
    return borrower.balance_minor + sum(
        loan.fine_on(terms.today, terms.calendar) - loan.fine_settled - loan.accrued_minor
        for loan in borrower.loans
        if loan.due_on < terms.today or loan.accrued_minor
    )  # fmt: skip


def except_for(terms: Terms, exceptions: Iterable[Exempt]) -> Terms:
    """The same terms with what holds otherwise for one member. An exception counts whatever the kind of item."""
    rule, settings = terms.rule, terms.settings
    for found in exceptions:
        if found.name == OVERDUE_BLOCKS:
            settings = settings.model_copy(update={OVERDUE_BLOCKS: bool(found.amount)})
        else:
            lines = {**rule.lines, found.name: f"exception until {terms.day(found.until)}"}
            changed: dict[str, Any] = {found.name: found.amount}
            apart = {limit: kinds for limit, kinds in rule.apart.items() if limit != found.name}
            excepted = rule.excepted | {found.name}
            rule = replace(
                rule, lines=lines, per_kind=rule.per_kind - {found.name}, apart=apart, excepted=excepted, **changed
            )  # fmt: skip
    return replace(terms, rule=rule, settings=settings)
