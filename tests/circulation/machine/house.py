"""Everything round the desk: calendar, policy, exceptions, settings, copies edited and withdrawn, nights, and time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.actor import SYSTEM
from lib.access.work import begin_reading, begin_work
from lib.accounts.jobs import lift_suspensions
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import Condition, CopyStatus
from lib.circulation.closure_entries import new_entries
from lib.circulation.copy_moves import edit_copy
from lib.circulation.exceptions import NAMES, add_exception, end_exception
from lib.circulation.history import erase_history, keep_history
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.jobs import accrue_fines, age_to_lost, auto_renew, set_off_credits, settle_history
from lib.circulation.models import ClosureKind
from lib.circulation.policy import VALUES
from lib.circulation.policy_changes import fold_changes
from lib.circulation.retention import cut_old_history, cut_old_holds
from lib.circulation.rules import delete_line, policy_lines, save_line
from lib.circulation.withdrawal import reinstate_copy, withdraw_copy
from lib.closures.changes import apply_change, take_back_change
from lib.closures.reach import CalendarChange
from tests.circulation.machine.desk import PICK, TALLY, Desk
from tests.circulation.machine.world import World
from tests.circulation.steps import rows

LINES: tuple[dict[str, int], ...] = (
    {"loan_days": 1, "max_renewals": 5},
    {"max_loans": 1, "max_holds": 1},
    {"fine_per_day": 70, "grace_days": 0, "fine_cap": 333},
    {"debt_block": 0},
    {"hold_shelf_days": 1, "max_loans": 2},
    {"fine_cap": 0, "loan_days": 40},
)
SETTINGS: tuple[dict[str, Any], ...] = (
    {"auto_renewal": True},
    {"auto_renewal": False, "lost_after_days": 5},
    {"hold_on_shelf": True},
    {"closed_day_mode": "skip"},
    {"closed_day_mode": "ignore", "lost_fee": 0},
    {"undo_minutes": 1440},
    {"refund_found_days": 2, "replacement_price": 0},
)
# Members with a credit and a debt at once; growing fines that were paid from a credit since.
BOTH = (
    "SELECT account_id FROM charge WHERE balance_minor < 0 AND {which} AND account_id IN"
    " (SELECT account_id FROM charge WHERE balance_minor > 0 AND {which})"
)
GROWING_PAID = (
    "SELECT e.id FROM ledger_entry e JOIN charge c ON c.id = e.charge_id"
    " WHERE e.id > {last} AND e.kind = 'set_off' AND c.state = 'accruing'"
)
WAITS = st.sampled_from([1, 5, 24, 24, 24 * 3, 24 * 9, 24 * 25, 24 * 60])


class House(Desk):
    """What is decided in the office, and what time does."""

    @rule(copy=PICK, back=st.booleans())
    def withdraws(self, copy: int, back: bool) -> None:
        copy_id = self.copies[copy % 7]
        if not back:
            self.act("withdraw", self.desk, withdraw_copy, copy_id, "Mould")
            return
        done = self.act("reinstate", self.desk, reinstate_copy, copy_id)
        if done is not None:
            first = done.before.first_for(self.title_of[copy_id], copy_id, self.today)
            assert (done.result.hold_id if done.result else None) == first

    @rule(copy=PICK, status=st.sampled_from(list(CopyStatus)), price=st.sampled_from([None, 0, 1200]))
    def edits_a_copy(self, copy: int, status: CopyStatus, price: int | None) -> None:
        copy_id = self.copies[copy % 7]
        version, barcode = rows(self.library, f"SELECT version, barcode FROM copy WHERE id = {copy_id}")[0]
        form = CopyForm(barcode=barcode, status=status, price_minor=price, condition=Condition.GOOD)
        self.act("edit-copy", self.desk, edit_copy, copy_id, form, seen_version=version)

    @rule(kind=st.sampled_from(["days", "days", "weekly", "yearly", "opening"]), ahead=st.integers(0, 30),
          length=st.sampled_from([1, 2, 9]))  # fmt: skip
    def closes(self, kind: str, ahead: int, length: int) -> None:
        first = self.today + timedelta(days=ahead)
        entries = {
            "days": lambda: new_entries(ClosureKind.DAY, first=first, last=first + timedelta(days=length - 1)),
            "weekly": lambda: new_entries(
                ClosureKind.WEEKLY, weekday=first.weekday(), first=first if length % 2 else None
            ),
            "yearly": lambda: new_entries(ClosureKind.YEARLY, month=first.month, day=first.day),
            "opening": lambda: new_entries(ClosureKind.DAY, first=first, is_open=True),
        }[kind]()
        done = self.act("close", self.admin, apply_change, CalendarChange(add=entries))
        if done is not None:
            self._check_calendar(done.before, done.after)

    def _check_calendar(self, before: World, after: World) -> None:
        """A change of the calendar moves days, and nothing else."""
        assert [row[:3] for row in before.loans] == [row[:3] for row in after.loans]
        assert (before.copies, before.waiting) == (after.copies, after.waiting)
        assert [row[:2] for row in before.ready] == [row[:2] for row in after.ready]

    @precondition(lambda self: self.ids("SELECT 1 FROM closure_change LIMIT 1"))
    @rule(pick=PICK)
    def takes_a_closure_back(self, pick: int) -> None:
        found = self.ids("SELECT id FROM closure_change ORDER BY id DESC")
        done = self.act("reopen", self.admin, take_back_change, found[pick % len(found)])
        if done is not None:
            self._check_calendar(done.before, done.after)

    @rule(line=PICK, scope=st.sampled_from(["all", "kind", "type", "drop"]))
    def changes_the_policy(self, line: int, scope: str) -> None:
        with begin_reading(self.library, self.admin) as uow:
            lines = policy_lines(uow)
        own = [one for one in lines if one.pair != (None, None)]
        if scope == "drop":
            if own:
                self.act("policy", self.admin, delete_line, own[line % len(own)].id)
            return
        values, whole = LINES[line % len(LINES)], next(one for one in lines if one.pair == (None, None))
        kind = self.ids("SELECT id FROM item_kind WHERE code = 'book'")[0] if scope == "kind" else None
        of_type = self.ids("SELECT id FROM membership_type WHERE code = 'public'")[0] if scope == "type" else None
        old = next((one for one in lines if one.pair == (of_type, kind)), None)
        wanted = {name: whole.values.get(name) for name in VALUES} | values if scope == "all" else dict(values)
        done = self.act(
            "policy", self.admin, save_line, of_type, kind, wanted, seen_version=old.version if old else None
        )
        if done is not None:
            assert done.after.same_as(done.before), "open loans and holds keep the numbers they were made under"

    @rule(person=PICK, name=st.sampled_from(NAMES), amount=st.sampled_from([0, 1, 7, 2000]), days=st.integers(0, 40))
    def excepts(self, person: int, name: str, amount: int, days: int) -> None:
        until = self.today + timedelta(days=days)
        self.act(
            "except", self.desk, add_exception, account_id=self.people[person % 5].account_id or 0, name=name,
            amount=amount, until=until, reason="By arrangement",
        )  # fmt: skip

    @precondition(lambda self: self.ids("SELECT 1 FROM member_exception LIMIT 1"))
    @rule(pick=PICK)
    def ends_an_exception(self, pick: int) -> None:
        found = self.ids("SELECT id FROM member_exception ORDER BY id")
        self.act("end-exception", self.desk, end_exception, found[pick % len(found)])

    @rule(pick=PICK)
    def chooses(self, pick: int) -> None:
        self.choose("circulation", **SETTINGS[pick % len(SETTINGS)])

    @rule(person=PICK, what=st.sampled_from(["erase", "keep", "keep not"]))
    def forgets(self, person: int, what: str) -> None:
        reader = self.people[person % 5]
        if what == "erase":
            self.act("forget", reader, erase_history)
        else:
            self.act("keep-history", reader, keep_history, what == "keep")

    @rule(small=st.booleans())
    def night_comes(self, small: bool) -> None:
        """The night jobs in their order; the second run of the same night changes nothing."""
        limit = 1 if small else 1000
        self._one_night(limit)
        after = self.look()
        self._night(limit)
        assert self.look() == after

    @rule(nights=st.integers(2, 4), days=st.sampled_from([1, 3, 8]))
    def weeks_pass(self, nights: int, days: int) -> None:
        """Nights with days between in which nobody comes: what is owed never depends on how often the night ran."""
        for _ in range(nights):
            self.clock.forward(timedelta(days=days))
            self._one_night(1000)

    def _one_night(self, limit: int) -> None:
        before = self.look()
        last = self.ids("SELECT coalesce(max(id), 0) FROM ledger_entry")[0]
        self._night(limit)
        TALLY["night", "done"] += 1
        after = self.look()
        assert (after.owed == before.owed) or after.loans != before.loans
        assert self.ids(BOTH.format(which="state = 'final'")) == [], "a credit pays what is owed"
        assert self.ids(GROWING_PAID.format(last=last)) == [], "fines that grow are left alone"

    def _night(self, limit: int) -> None:
        self.changed()
        self._until_none(lambda uow: fold_changes(uow))
        self._until_none(lambda uow: lift_suspensions(uow))
        self._until_none(lambda uow: expire_holds(uow, limit=limit))
        for job in (auto_renew, accrue_fines, age_to_lost, set_off_credits, settle_history):
            after: int | None = 0
            while after is not None:
                with begin_work(self.library, SYSTEM) as uow:
                    after = job(uow, after_id=after, limit=limit).last_id
        for forget in (cut_old_history, cut_old_holds):
            with begin_work(self.library, SYSTEM) as uow:
                forget(uow, after_id=0, limit=1000)

    def _until_none(self, work: Any) -> None:
        done = 1
        while done:
            with begin_work(self.library, SYSTEM) as uow:
                done = work(uow)

    @rule(hours=WAITS)
    def waits(self, hours: int) -> None:
        self.clock.forward(timedelta(hours=hours, seconds=1))

    @rule(change=st.booleans(), minutes=st.sampled_from([-70, -1, 1, 70]))
    def waits_for_the_clocks_or_the_year(self, change: bool, minutes: int) -> None:
        """On to just before or after the next change of the clocks, or the next midnight of a new year."""
        with begin_reading(self.library, SYSTEM) as uow:
            zone = uow.zone
        found = next_change(self.clock.at, zone) if change else next_year(self.clock.at, zone)
        self.clock.at = max(self.clock.at, found + timedelta(minutes=minutes))


def next_change(now: datetime, zone: ZoneInfo) -> datetime:
    """The next instant (to the hour) at which the zone's offset changes."""
    at, offset = now.replace(minute=0, second=0, microsecond=0), now.astimezone(zone).utcoffset()
    for _ in range(24 * 366):
        at += timedelta(hours=1)
        if at.astimezone(zone).utcoffset() != offset:
            return at
    return now


def next_year(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight with which the next year begins there."""
    first = date(now.astimezone(zone).year + 1, 1, 1)
    return datetime(first.year, 1, 1, tzinfo=zone).astimezone(UTC)
