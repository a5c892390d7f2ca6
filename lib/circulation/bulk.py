"""Many loans at once, past ones and open ones, for imports: under the rules in force, checked against what is there.

Give batches of 500 to 2,000. A loan that would break an invariant is refused with its reason; the others go in.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.circulation.history import cut_link
from lib.circulation.models import Channel
from lib.circulation.policy import due_day, fine_cap
from lib.circulation.rules import rule_for
from lib.circulation.settings import CirculationSettings
from lib.kit.bulk import fetch_in, insert_many, reserve_ids, run_many
from lib.kit.clock import day_of
from lib.kit.tables import as_instant

_FAR = datetime.max.replace(tzinfo=UTC)
_COLUMNS = (
    "id", "copy_id", "title_id", "account_id", "issued_at", "issued_on", "due_on", "returned_at", "returned_on",
    "renewals", "channel", "issued_by", "returned_by", "loan_days", "max_renewals", "fine_per_day", "grace_days",
    "fine_cap", "fine_settled", "source", "source_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastLoan:
    """One loan as another system tells it. Instants are aware; `due_on` None: by the rule; `fine_minor`: what it
    cost in the end, in minor units."""

    copy_id: int
    account_id: int
    issued_at: datetime
    due_on: date | None
    returned_at: datetime | None
    renewals: int = 0
    fine_minor: int = 0
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class LoanPut:
    """What became of a loan: "added", "merged" (it was open here and is closed now), "unchanged" or "refused"."""

    outcome: str
    loan_id: int | None = None
    field: str = ""
    reason: str = ""


class Spans:
    """When each copy was out. Keys are copy ids, or anything else that stands for a copy not yet made."""

    def __init__(self) -> None:
        self._taken: dict[Hashable, list[tuple[datetime, datetime]]] = {}

    def load(self, uow: UnitOfWork, copy_ids: Iterable[int]) -> None:
        """Reads the loans of these copies, unless they are known already."""
        missing = [number for number in dict.fromkeys(copy_ids) if number not in self._taken]
        self._taken.update((number, []) for number in missing)
        query = "SELECT copy_id, issued_at, returned_at FROM loan WHERE undone_at IS NULL AND copy_id IN (:values)"
        for copy_id, issued, returned in fetch_in(uow.connection, query, missing):
            self.take(copy_id, _instant(issued), as_instant(returned))

    def clash(self, key: Hashable, start: datetime, end: datetime | None) -> tuple[datetime, datetime | None] | None:
        """A loan of this copy that overlaps, as (from, until); None where it was free."""
        last = end or _FAR
        for begun, ended in self._taken.get(key, ()):
            if start < ended and begun < last:
                return begun, None if ended == _FAR else ended
        return None

    def take(self, key: Hashable, start: datetime, end: datetime | None) -> None:
        """Notes that the copy was out from then to then, or still is."""
        self._taken.setdefault(key, []).append((start, end or _FAR))

    def end(self, key: Hashable, start: datetime, end: datetime) -> None:
        """Notes that the copy that went out then has come back."""
        self._taken[key] = [(begun, end if begun == start else ended) for begun, ended in self._taken.get(key, ())]

    def rename(self, key: Hashable, copy_id: int) -> None:
        """Gives the loans of a stand-in to the copy that was made for it."""
        self._taken[copy_id] = self._taken.pop(key, [])


def _instant(value: Any) -> datetime:
    found = as_instant(value)
    assert found is not None
    return found


def put_loans(uow: UnitOfWork, loans: Sequence[PastLoan], *, source: str | None = None) -> list[LoanPut]:
    """Puts loans in, each under a snapshot of the rule now in force for its member and kind of item; what it did
    cost may lift its cap. Keeps the status of the copies and the loan counts of the titles in step.

    A loan that is known by (source, source id) is left as it is, unless it was open here and is closed there: then it
    is closed. Refused: unknown copy or member; copy out at that time, or not to be lent; dates against their order or
    in the future. The member of a closed loan is left out where the member keeps no history.
    """
    uow.require(Permission.IMPORT)
    copies = _copies(uow, [loan.copy_id for loan in loans])  # first: it locks them
    known = _known(uow, source, [loan.source_id for loan in loans if loan.source_id])
    members = {row[0]: row for row in fetch_in(
        uow.connection, "SELECT id, membership_type_id, keep_history FROM account WHERE id IN (:values)",
        [loan.account_id for loan in loans],
    )}  # fmt: skip
    spans = Spans()
    spans.load(uow, copies)
    results: list[LoanPut] = []
    fresh: list[tuple[int, PastLoan]] = []
    seen: set[str] = set()
    for at, loan in enumerate(loans):
        if loan.source_id in known:
            results.append(met := _meet(uow, loan, known[loan.source_id]))
            if met.outcome == "merged":
                _note_back(known[loan.source_id], loan, copies, spans)
        elif loan.source_id in seen:
            results.append(LoanPut("unchanged"))
        elif fault := _fault(uow, loan, copies.get(loan.copy_id), members, spans):
            results.append(fault)
        else:
            results.append(LoanPut("added"))
            spans.take(loan.copy_id, loan.issued_at, loan.returned_at)
            fresh.append((at, loan))
            seen |= {loan.source_id} if loan.source_id else set()
    for (at, _), number in zip(fresh, _insert(uow, [loan for _, loan in fresh], copies, members, source), strict=True):
        results[at] = LoanPut("added", number)
    return results


def _known(uow: UnitOfWork, source: str | None, ids: Sequence[str]) -> dict[str | None, Any]:
    if source is None:
        return {}
    query = (
        "SELECT l.source_id, l.id, l.returned_at, l.copy_id, l.issued_at, l.account_id, a.keep_history FROM loan l"
        " LEFT JOIN account a ON a.id = l.account_id WHERE l.source = ? AND l.source_id IN (:values)"
    )
    return {row[0]: row for row in fetch_in(uow.connection, query, ids, source)}


def _copies(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, Any]:
    lock = "" if uow.installation.is_sqlite else " ORDER BY c.id FOR NO KEY UPDATE OF c"
    query = (
        "SELECT c.id, c.title_id, t.kind_id, c.status, c.price_minor FROM copy c JOIN title t ON t.id = c.title_id"
        f" WHERE c.id IN (:values){lock}"
    )
    return {row[0]: row for row in fetch_in(uow.connection, query, ids)}


def _meet(uow: UnitOfWork, loan: PastLoan, row: Any) -> LoanPut:
    _, loan_id, returned, copy_id, issued_at, account_id, keeps_history = row
    if returned is not None or loan.returned_at is None:
        return LoanPut("unchanged", loan_id)
    if not _instant(issued_at) <= loan.returned_at <= uow.now:
        return LoanPut("refused", loan_id, "returned", "It comes back before it was issued, or in the future.")
    day = day_of(loan.returned_at, uow.zone)
    run_many(uow.connection, "UPDATE loan SET returned_at = ?, returned_on = ?, fine_settled = ? WHERE id = ?",
             [(loan.returned_at, day, loan.fine_minor, loan_id)])  # fmt: skip
    run_many(uow.connection, "UPDATE copy SET status = 'available' WHERE id = ? AND status = 'on_loan'", [(copy_id,)])
    if account_id is not None and not keeps_history and not loan.fine_minor:
        cut_link(uow, loan_id=loan_id, account_id=account_id)
    return LoanPut("merged", loan_id)


def _note_back(row: Any, loan: PastLoan, copies: dict[int, Any], spans: Spans) -> None:
    """The copy of a loan that was closed may be out again in a later row."""
    copy_id, issued_at = row[3:5]
    assert loan.returned_at is not None
    spans.end(copy_id, _instant(issued_at), loan.returned_at)
    if copy_id in copies:
        number, title_id, kind_id, status, price = copies[copy_id]
        copies[copy_id] = (number, title_id, kind_id, "available" if status == "on_loan" else status, price)


def _fault(
    uow: UnitOfWork, loan: PastLoan, copy: Any, members: dict[int, Any], spans: Spans
) -> LoanPut | None:  # fmt: skip
    if copy is None:
        return LoanPut("refused", None, "copy_no", "There is no such copy.")
    if loan.account_id not in members:
        return LoanPut("refused", None, "member_id", "There is no such member.")
    if loan.issued_at > uow.now:
        return LoanPut("refused", None, "issued", "It was issued in the future.")
    if loan.returned_at is not None and loan.returned_at < loan.issued_at:
        return LoanPut("refused", None, "returned", "It came back before it was issued.")
    if loan.returned_at is not None and loan.returned_at > uow.now:
        return LoanPut("refused", None, "returned", "It comes back in the future.")
    if loan.due_on is not None and loan.due_on < day_of(loan.issued_at, uow.zone):
        return LoanPut("refused", None, "due", "It was due before it was issued.")
    if clash := spans.clash(loan.copy_id, loan.issued_at, loan.returned_at):
        since, until = (uow.words.day(day_of(at, uow.zone)) if at else "" for at in clash)
        then = f"until {until}" if until else "and is still out"
        return LoanPut("refused", None, "issued", f"This copy was on loan from {since} {then}.")
    if loan.returned_at is None and copy[3] != "available":
        return LoanPut("refused", None, "copy_no", f"This copy is {copy[3].replace('_', ' ')} and cannot be on loan.")
    return None


def _insert(
    uow: UnitOfWork, loans: Sequence[PastLoan], copies: dict[int, Any], members: dict[int, Any], source: str | None
) -> list[int]:
    ids = reserve_ids(uow.connection, "loan", len(loans))
    rows, lent = [], []
    titles: dict[int, int] = {}
    for number, loan in zip(ids, loans, strict=True):
        copy, member = copies[loan.copy_id], members[loan.account_id]
        rows.append(_row(uow, number, loan, copy, member, source))
        titles[copy[1]] = titles.get(copy[1], 0) + 1
        if loan.returned_at is None:
            lent.append((loan.copy_id,))
    insert_many(uow.connection, "loan", _COLUMNS, rows)
    run_many(uow.connection, "UPDATE copy SET status = 'on_loan' WHERE id = ?", lent)
    run_many(uow.connection, "UPDATE title SET loan_count = loan_count + ? WHERE id = ?",
             [(count, title) for title, count in sorted(titles.items())])  # fmt: skip
    return ids


def _row(uow: UnitOfWork, number: int, loan: PastLoan, copy: Any, member: Any, source: str | None) -> tuple[Any, ...]:
    rule = rule_for(uow, member[1], copy[2])
    zone = uow.zone
    issued_on = day_of(loan.issued_at, zone)
    returned_on = day_of(loan.returned_at, zone) if loan.returned_at else None
    mode = uow.settings(CirculationSettings).closed_day_mode
    due_on = loan.due_on or due_day(issued_on, rule.loan_days, calendar_of(uow), mode)
    owner = loan.account_id if member[2] or loan.returned_at is None else None
    settled = loan.fine_minor if loan.returned_at else 0
    return (
        number, loan.copy_id, copy[1], owner, loan.issued_at, issued_on, due_on, loan.returned_at, returned_on,
        loan.renewals, str(Channel.IMPORT), None, None, rule.loan_days, max(rule.max_renewals, loan.renewals),
        rule.fine_per_day, rule.grace_days, max(fine_cap(rule.fine_cap, copy[4]), settled), settled,
        source if loan.source_id else None, loan.source_id,
    )  # fmt: skip
