"""Night work on loans: running fines, losses by age, renewals by themselves, and links of settled loans that are cut.

Each job works in bounded batches: give it the `last_id` of the step before as `after_id`, until that is None. A second
run of the same night changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.accruals import Accrual, accrue_all, settled_of
from lib.billing.set_offs import settle_credits
from lib.circulation.calendar import OpenDays
from lib.circulation.closure_entries import calendar_of
from lib.circulation.fines import FINE
from lib.circulation.history import cut_damage, cut_links, settled_loans
from lib.circulation.hold_history import cut_holds
from lib.circulation.losses import lose
from lib.circulation.open_loans import hold_loan
from lib.circulation.policy import fine
from lib.circulation.renewals import renew_for_night
from lib.circulation.settings import CirculationSettings
from lib.kit.database import Statement
from lib.kit.errors import Refusal
from lib.kit.tables import as_day

BATCH, LARGEST = 1000, 10_000
_NO_END = 2**62
_LATE_COLUMNS = (
    "SELECT l.id, l.account_id, l.copy_id, l.due_on, l.fine_per_day, l.grace_days, l.fine_cap, l.fine_settled,"
    " l.claimed_on, g.id, g.balance_minor, l.returned_at"
)
_LATE = " FROM loan l LEFT JOIN charge g ON g.loan_id = l.id AND g.state = 'accruing'"
_LATE_NEXT = Statement(
    f"{_LATE_COLUMNS}{_LATE} WHERE l.returned_at IS NULL AND l.due_on < :today AND l.id > :after ORDER BY l.id"
    " LIMIT :limit"
)
_NOT_LATE = Statement(
    "SELECT g.loan_id FROM charge g JOIN loan l ON l.id = g.loan_id WHERE g.loan_id > :after AND g.loan_id <= :last"
    " AND g.state = 'accruing' AND g.balance_minor <> 0 AND l.returned_at IS NULL AND l.due_on >= :today"
    " ORDER BY g.loan_id LIMIT :limit"
)
_LATE_OF = Statement(f"{_LATE_COLUMNS}{_LATE} WHERE l.id IN (:*ids) ORDER BY l.id")
_LATE_SINCE = Statement(
    f"{_LATE_COLUMNS}, EXISTS (SELECT 1 FROM ledger_entry e WHERE e.charge_id = g.id AND e.id > :last_entry){_LATE}"
    " WHERE l.id IN (:*ids) ORDER BY l.id"
)
_LAST_ENTRY = Statement("SELECT coalesce(max(id), 0) FROM ledger_entry")
_LOCK_LOANS = Statement("SELECT id FROM loan WHERE returned_at IS NULL AND id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_OLD = Statement(
    "SELECT id, due_on, account_id, copy_id FROM loan WHERE returned_at IS NULL AND due_on <= :latest"
    " AND claimed_on IS NULL AND id > :after ORDER BY id LIMIT :limit"
)
_LOCK_MEMBERS = Statement("SELECT id FROM account WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_COPIES = Statement("SELECT id FROM copy WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_DUE_OF = Statement(
    "SELECT DISTINCT account_id FROM loan WHERE returned_at IS NULL AND due_on >= :first AND due_on <= :last"
    " AND claimed_on IS NULL AND account_id > :after ORDER BY account_id LIMIT :limit"
)
_DUE = Statement(
    "SELECT id, account_id FROM loan WHERE account_id IN (:*ids) AND returned_at IS NULL AND due_on >= :first"
    " AND due_on <= :last AND claimed_on IS NULL ORDER BY account_id, due_on, id"
)
_CREDITED = Statement(
    "SELECT DISTINCT c.account_id FROM charge c WHERE c.balance_minor <> 0 AND c.balance_minor < 0"
    " AND c.state = 'final' AND c.account_id > :after AND EXISTS (SELECT 1 FROM charge d WHERE d.balance_minor <> 0"
    " AND d.balance_minor > 0 AND d.state = 'final' AND d.account_id = c.account_id) ORDER BY c.account_id LIMIT :limit"
)
_FORGETFUL = Statement(
    "SELECT id FROM account WHERE NOT keep_history AND id > :after ORDER BY id LIMIT :limit"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobStep:
    """One batch: where the next begins (None: nothing is left), and what it counted."""

    last_id: int | None
    counts: dict[str, int] = field(default_factory=dict)


def _step(ids: list[int], limit: int, **counts: int) -> JobStep:
    return JobStep(ids[-1] if len(ids) == limit else None, counts)


def set_off_credits(uow: UnitOfWork, *, after_id: int = 0, limit: int = BATCH) -> JobStep:
    """Pays what members owe from what the library owes them; fines that still grow are left alone."""
    uow.require(Permission.RUN_JOBS)
    most = _clamp(limit)
    ids = [row[0] for row in _CREDITED.rows(uow.connection, after=after_id, limit=most)]
    if ids and not uow.installation.is_sqlite:
        _LOCK_MEMBERS.rows(uow.connection, ids=ids)
    done = [one for one in ids if settle_credits(uow, one, running=False)]
    return _step(ids, most, members=len(done))


def _clamp(limit: int) -> int:
    return max(1, min(limit, LARGEST))


class Change(NamedTuple):
    """A loan, as it was read, whose running fine is not what it should be, and what makes it so."""

    row: Any
    accrual: Accrual


@dataclass(frozen=True, slots=True)
class FinesSeen:
    """What was read and counted of a window of loans, and as of when. `last_id`: where the next one begins; None:
    nothing is left. `state` is that of the whole database."""

    last_id: int | None
    counts: dict[str, int]
    changes: tuple[Change, ...]
    last_entry: int
    calendar: OpenDays
    today: date
    state: tuple[Any, ...]


def accrue_fines(uow: UnitOfWork, *, after_id: int = 0, limit: int = BATCH) -> JobStep:
    """Brings the running fines of overdue loans up to today, in a few statements a batch; and those of loans that a
    closure moved, so that they are not late any more."""
    uow.require(Permission.RUN_JOBS)
    rows, looked_at, end = _window(uow, after_id, _clamp(limit))
    if rows and not uow.installation.is_sqlite:
        held = [row[0] for row in _LOCK_LOANS.rows(uow.connection, ids=[row[0] for row in rows])]
        rows = _LATE_OF.rows(uow.connection, ids=held)
    return JobStep(end, {"looked_at": looked_at, "changed": _post(uow, _changes(uow, rows))})


def look_at_fines(uow: UnitOfWork, *, after_id: int = 0, limit: int = BATCH) -> FinesSeen:
    """Reads and counts what `accrue_fines` would write, for `write_fines`. On SQLite: there entries of the ledger are
    numbered in the order of their commits."""
    uow.require(Permission.RUN_JOBS)
    rows, looked_at, end = _window(uow, after_id, _clamp(limit))
    (last_entry,) = _LAST_ENTRY.row(uow.connection)
    changes = tuple(_changes(uow, rows))
    return FinesSeen(end, {"looked_at": looked_at}, changes, last_entry, calendar_of(uow), uow.today, _state(uow))


def write_fines(uow: UnitOfWork, seen: FinesSeen, changes: Sequence[Change]) -> dict[str, int]:
    """Writes some of the changes that were seen. What is not as it was read is counted anew; loans that ended
    meanwhile have their last fine already."""
    uow.require(Permission.RUN_JOBS)
    same = uow.today == seen.today and calendar_of(uow) is seen.calendar
    if same and _state(uow) == seen.state:
        return {"changed": _post(uow, changes)}
    read = {change.row[0]: change for change in changes}
    now = _LATE_SINCE.rows(uow.connection, ids=list(read), last_entry=seen.last_entry)
    stand, other = [], []
    for row in now:
        change, as_it_is, posted_since = read[row[0]], row[:-1], row[-1]
        if same and not posted_since and as_it_is == change.row:
            stand.append(change)
        elif as_it_is[-1] is None:
            other.append(as_it_is)
    return {"changed": _post(uow, [*stand, *_changes(uow, other)])}


def _state(uow: UnitOfWork) -> tuple[Any, ...]:
    """SQLite's: the same once more, and nobody has written since, through this connection or through another one."""
    driver: Any = uow.connection.connection.dbapi_connection
    (others,) = driver.execute("PRAGMA data_version").fetchone()
    return driver, others, driver.total_changes


def _window(uow: UnitOfWork, after_id: int, most: int) -> tuple[list[Any], int, int | None]:
    """The next late loans and those between them that have a running fine but are not late any more; how many are late,
    and where the next window begins."""
    late = _LATE_NEXT.rows(uow.connection, today=uow.today, after=after_id, limit=most)
    end = late[-1][0] if len(late) == most else None
    last = _NO_END if end is None else end
    moved = [row[0] for row in _NOT_LATE.rows(
        uow.connection, today=uow.today, after=after_id, last=last, limit=most
    )]  # fmt: skip
    if len(moved) == most:
        end = moved[-1]
        late = [row for row in late if row[0] <= end]
    return late + (_LATE_OF.rows(uow.connection, ids=moved) if moved else []), len(late), end


def _post(uow: UnitOfWork, changes: Sequence[Change]) -> int:
    changed = accrue_all(uow, [change.accrual for change in changes], FINE)
    if changed:
        loans = [change.row[0] for change in changes]
        record(uow, "fine.accrue", "loan", None, loans=changed, first=min(loans), last=max(loans))
    return changed


def _changes(uow: UnitOfWork, rows: Iterable[Any]) -> list[Change]:
    """What has to change. A charge whose balance is what it should be is left alone unread: nobody paid of it, or it
    does not matter until the return, which makes it exact."""
    late = _Lateness(uow)
    wanted = [
        (row, running) for row in rows
        if (running := late.running(row)) != (row[10] or 0) or (row[9] is None and running)
    ]  # fmt: skip
    settled = settled_of(uow, [row[9] for row, _ in wanted if row[9] is not None])
    changes = (
        Change(row, Accrual(row[9], row[1], row[0], row[2], running - (row[10] or 0) + settled.get(row[9], 0)))
        for row, running in wanted
    )
    return [change for change in changes if change.accrual.delta_minor]


class _Lateness:
    """What late loans cost so far, counted once for all that are alike; thousands are."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._calendar, self._today = calendar_of(uow), uow.today
        self._known: dict[Any, int] = {}

    def running(self, row: Any) -> int:
        """As `OpenLoan.fine_on` says, without what is fixed already."""
        alike = row[3:9]
        found = self._known.get(alike)
        if found is None:
            found = self._known[alike] = self._count(*alike)
        return found

    def _count(self, due: Any, per_day: int, grace: int, cap: int, settled: int, claimed: Any) -> int:
        due_on, claimed_on = _day(due), as_day(claimed)
        last = min(self._today, claimed_on) if claimed_on else self._today
        late = self._calendar.days_late(due_on, last)
        return max(0, min(fine(late, per_day=per_day, grace_days=grace, cap=cap), cap - settled))


def age_to_lost(uow: UnitOfWork, *, after_id: int = 0, limit: int = 100) -> JobStep:
    """Declares copies lost whose loans have been overdue for `lost_after_days` open days; claimed ones are spared."""
    uow.require(Permission.RUN_JOBS)
    days, most = uow.settings(CirculationSettings).lost_after_days, _clamp(limit)
    if not days:
        return JobStep(None, {"lost": 0})
    rows = _OLD.rows(uow.connection, latest=uow.today - timedelta(days=days), after=after_id, limit=most)
    calendar = calendar_of(uow)
    old = [row for row in rows if calendar.days_late(_day(row[1]), uow.today) >= days]
    _lock(uow, [row[2] for row in old], [row[3] for row in old])
    lost = sum(_lose(uow, row[0], days) for row in old)
    return _step([row[0] for row in rows], most, lost=lost)


def _day(value: Any) -> date:
    day = as_day(value)
    assert day is not None
    return day


def _lock(uow: UnitOfWork, member_ids: list[int], copy_ids: list[int]) -> None:
    """Every member before every copy, each kind in the order of its ids, as a desk takes one of each."""
    if uow.installation.is_sqlite:
        return
    _LOCK_MEMBERS.rows(uow.connection, ids=sorted(set(member_ids)))
    _LOCK_COPIES.rows(uow.connection, ids=sorted(set(copy_ids)))


def _lose(uow: UnitOfWork, loan_id: int, days: int) -> bool:
    """Whether the loan was still as it was when the list was read."""
    try:
        found = hold_loan(uow, loan_id)
    except Refusal:
        return False
    loan = found.loan
    if loan.claimed_on or calendar_of(uow).days_late(loan.due_on, uow.today) < days:
        return False
    lose(uow, found, days_late=calendar_of(uow).days_late(loan.due_on, uow.today))
    return True


def auto_renew(uow: UnitOfWork, *, after_id: int = 0, limit: int = 100) -> JobStep:
    """Renews what is due today or tomorrow and may be renewed, where the setting says so, and tells each member once.
    Batches are of members."""
    uow.require(Permission.RUN_JOBS)
    if not uow.settings(CirculationSettings).auto_renewal:
        return JobStep(None, {"renewed": 0, "left": 0})
    most, span = _clamp(limit), {"first": uow.today, "last": uow.today + timedelta(days=1)}
    members = [row[0] for row in _DUE_OF.rows(uow.connection, after=after_id, limit=most, **span)]
    _lock(uow, members, [])
    loans: dict[int, list[int]] = {}
    for loan_id, account_id in _DUE.rows(uow.connection, ids=members, **span) if members else ():
        loans.setdefault(account_id, []).append(loan_id)
    renewed = sum(renew_for_night(uow, account_id, ids) for account_id, ids in loans.items())
    return _step(members, most, renewed=renewed, left=sum(map(len, loans.values())) - renewed)


def settle_history(uow: UnitOfWork, *, after_id: int = 0, limit: int = 500) -> JobStep:
    """Forgets who had a loan, a day after its money is settled, for members who keep no history. A lost copy's loan
    keeps its member as long as its replacement could be given back. Batches are of members."""
    uow.require(Permission.RUN_JOBS)
    most = _clamp(limit)
    members = [row[0] for row in _FORGETFUL.rows(uow.connection, after=after_id, limit=most)]
    loans = settled_loans(uow, members) if members else []
    if loans:
        cut_links(uow, loans)
        record(uow, "history.settle", "loan", None, loans=len(loans))
    if members:
        cut_damage(uow, members)
        cut_holds(uow, members)
    return _step(members, most, cut=len(loans))
