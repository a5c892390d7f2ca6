"""Reads of lending: a member's loans and standing, a title's life."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.queries import TitleCard, cards, kinds
from lib.circulation.decision import Decision, Reason, blocking_reasons
from lib.circulation.facts import LOANS_AT_MEMBER, MEMBER, WAITING, borrower_of, terms_of, times_of, with_claims
from lib.circulation.policy import EffectiveRule
from lib.circulation.renewal_decision import Times, decide_renewal
from lib.circulation.situation import Borrower, Item, OpenLoan, Queue, owed
from lib.kit.database import Statement
from lib.kit.errors import Forbidden, NotFound
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day

PAGE = 50
FEWEST_READERS = 3
_LOANS = Statement(
    "SELECT l.id, c.barcode, l.issued_on, l.renewals, l.max_renewals, l.loan_days, c.id, c.status, p.name, c.shelf,"
    f" {WAITING}"
    " FROM loan l JOIN copy c ON c.id = l.copy_id JOIN location p ON p.id = c.location_id"
    " JOIN account a ON a.id = l.account_id"
    " WHERE l.account_id = :account_id AND l.returned_at IS NULL"
)
AUTHORS = Statement(
    "SELECT ta.title_id, a.name FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id IN (:*ids) ORDER BY ta.title_id, ta.position"
)
_PAST = Statement(
    "SELECT l.id, l.title_id, t.title, c.barcode, l.issued_on, l.due_on, l.returned_on, l.renewals, l.fine_settled"
    " FROM loan l JOIN title t ON t.id = l.title_id JOIN copy c ON c.id = l.copy_id"
    " WHERE l.account_id = :account_id AND l.returned_at IS NOT NULL AND l.undone_at IS NULL"
    " ORDER BY l.issued_at DESC, l.id DESC LIMIT :size OFFSET :skip"
)
_PAST_COUNT = Statement(
    "SELECT count(*) FROM loan WHERE account_id = :account_id AND returned_at IS NOT NULL AND undone_at IS NULL"
)
_LIFE = Statement(
    "SELECT count(*), count(*) - count(returned_at), max(issued_on) FROM loan"
    " WHERE title_id = :title_id AND undone_at IS NULL"
)
_DAYS = Statement(
    "SELECT issued_on, count(*) FROM loan WHERE title_id = :title_id AND undone_at IS NULL AND issued_on >= :since"
    " GROUP BY issued_on ORDER BY issued_on"
)
_TOGETHER = Statement(
    "SELECT o.title_id, count(DISTINCT o.account_id) AS readers FROM"
    " (SELECT account_id FROM loan WHERE title_id = :title_id AND account_id IS NOT NULL ORDER BY id DESC LIMIT 300) s"
    " JOIN loan o ON o.account_id = s.account_id JOIN title t ON t.id = o.title_id"
    " WHERE o.title_id <> :title_id AND o.undone_at IS NULL AND t.archived_at IS NULL"
    " GROUP BY o.title_id HAVING count(DISTINCT o.account_id) >= :fewest"
    " ORDER BY count(DISTINCT o.account_id) DESC, o.title_id LIMIT :size"
)


@dataclass(frozen=True, slots=True)
class LoanRow:
    """An open loan. `overdue_days` counts open days; `fine_minor` is the fine as of today, in minor units;
    `why_not` has the reasons against a renewal; `claimed_on`: the day on which the member says they returned it."""

    loan_id: int
    title_id: int
    title: str
    authors: str
    barcode: str
    issued_on: date
    due_on: date
    overdue: bool
    overdue_days: int
    fine_minor: int
    renewals: int
    renewals_left: int
    may_renew: bool
    why_not: tuple[Reason, ...]
    claimed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PastLoanRow:
    """A loan that came back. `fine_minor` is the fine as settled, in minor units."""

    loan_id: int
    title_id: int
    title: str
    authors: str
    barcode: str
    issued_on: date
    due_on: date
    returned_on: date
    renewals: int
    fine_minor: int


@dataclass(frozen=True, slots=True)
class KindLimit:
    """A kind of item of which the member has some, and which has a limit of its own: how many, and how many may be."""

    kind: str
    open_loans: int
    max_loans: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands: counts, what the open loans cost as of today (minor units), what blocks any further
    loan, and the values of the rule for their membership type. `apart`: what of the open loans does not count towards
    its `max_loans`, by kind."""

    open_loans: int
    overdue: int
    owed_minor: int
    blocks: tuple[Reason, ...]
    limits: EffectiveRule
    apart: tuple[KindLimit, ...] = ()

    @property
    def counted(self) -> int:
        """How many loans count towards the general limit."""
        return self.open_loans - sum(one.open_loans for one in self.apart)


@dataclass(frozen=True, slots=True)
class TitleActivity:
    """How a title is used. `months` holds the loans of the last twelve months, oldest first, by first of month."""

    loans_ever: int
    out_now: int
    last_issued_on: date | None
    months: tuple[tuple[date, int], ...]


def require_own_or_desk(uow: UnitOfWork, account_id: int) -> None:
    """One's own needs an account; anybody else's the desk's permission.

    Raises:
        NotSignedIn, Forbidden.
    """
    uow.require(Permission.USE_ACCOUNT if account_id == uow.actor.account_id else Permission.CIRCULATE)


def borrower(uow: UnitOfWork, account_id: int) -> Borrower:
    """A member with their open loans.

    Raises:
        NotFound: no such member.
    """
    rows = MEMBER.rows(uow.connection, member_id=account_id)
    if not rows:
        raise NotFound("member")
    return borrower_of(uow, rows, LOANS_AT_MEMBER)


def loans_of(uow: UnitOfWork, account_id: int, *, page: int = 1, size: int = PAGE) -> Page[LoanRow]:
    """A member's open loans, what is due first first.

    Raises:
        NotFound: no such member.
    """
    require_own_or_desk(uow, account_id)
    return loans_of_borrower(uow, borrower(uow, account_id), page=page, size=size)


def loans_of_borrower(uow: UnitOfWork, who: Borrower, *, page: int = 1, size: int = PAGE) -> Page[LoanRow]:
    """`loans_of` somebody who was read already."""
    number, most = clamp(page, size)
    rest = {row[0]: row for row in _LOANS.rows(uow.connection, account_id=who.id, today=uow.today)}
    loans = sorted((x for x in who.loans if x.id in rest), key=lambda loan: (loan.due_on, loan.id))
    shown = loans[(number - 1) * most : number * most]
    authors = authors_of(uow, [loan.title_id for loan in shown])
    rows = tuple(_loan_row(uow, who, loan, rest[loan.id], authors.get(loan.title_id, "")) for loan in shown)
    return Page(rows, len(loans), number, most)


def _loan_row(uow: UnitOfWork, who: Borrower, loan: OpenLoan, rest: Any, authors: str) -> LoanRow:
    terms = terms_of(uow, who, loan.kind_id)
    times = times_of(uow, who, rest[3], rest[4], rest[5])
    decision = _renewal(who, loan, rest, times, uow)
    issued_on = as_day(rest[2])
    assert issued_on is not None
    return LoanRow(
        loan.id, loan.title_id, loan.title, authors, rest[1], issued_on, loan.due_on, terms.is_overdue(loan.due_on),
        terms.calendar.days_late(loan.due_on, terms.today), loan.fine_on(terms.today, terms.calendar),
        times.renewals, max(0, times.max_renewals - times.renewals), decision.may, decision.against, loan.claimed_on,
    )  # fmt: skip


def _renewal(who: Borrower, loan: OpenLoan, rest: Any, times: Times, uow: UnitOfWork) -> Decision:
    item = Item(
        rest[6], rest[1], loan.title_id, loan.title, loan.kind_id, rest[7], None, rest[8], rest[9], loan.id, who.id,
        loan.due_on, Queue(waiting=rest[10]),
    )  # fmt: skip
    return decide_renewal(who, with_claims(uow, item), loan, times, terms_of(uow, who, loan.kind_id))


def authors_of(uow: UnitOfWork, title_ids: list[int]) -> dict[int, str]:
    """The authors of titles as one line each, in order."""
    found: dict[int, list[str]] = {}
    for title_id, name in AUTHORS.rows(uow.connection, ids=title_ids) if title_ids else ():
        found.setdefault(title_id, []).append(name)
    return {title_id: ", ".join(names) for title_id, names in found.items()}


def history_of(uow: UnitOfWork, account_id: int, *, page: int = 1, size: int = PAGE) -> Page[PastLoanRow]:
    """What a member has borrowed and brought back, newest first. Their own eyes only.

    Raises:
        Forbidden: it is somebody else's.
    """
    uow.require(Permission.USE_ACCOUNT)
    if account_id != uow.actor.account_id:
        raise Forbidden
    number, most = clamp(page, size)
    rows = _PAST.rows(uow.connection, account_id=account_id, size=most, skip=(number - 1) * most)
    authors = authors_of(uow, [row[1] for row in rows])
    (total,) = _PAST_COUNT.row(uow.connection, account_id=account_id)
    return Page(tuple(_past(row, authors.get(row[1], "")) for row in rows), total, number, most)


def _past(row: Any, authors: str) -> PastLoanRow:
    loan_id, title_id, title, barcode, *days, renewals, fine = row
    issued_on, due_on, returned_on = (as_day(day) for day in days)
    assert issued_on is not None
    assert due_on is not None
    assert returned_on is not None
    return PastLoanRow(loan_id, title_id, title, authors, barcode, issued_on, due_on, returned_on, renewals, fine)


def standing(uow: UnitOfWork, account_id: int) -> Standing:
    """Where a member stands.

    Raises:
        NotFound: no such member.
    """
    require_own_or_desk(uow, account_id)
    return standing_of(uow, borrower(uow, account_id))


def standing_of(uow: UnitOfWork, who: Borrower) -> Standing:
    """Where somebody stands whose loans were read already."""
    terms = terms_of(uow, who, None)
    late = sum(1 for loan in who.loans if terms.is_overdue(loan.due_on))
    blocks = tuple(blocking_reasons(who, terms))
    return Standing(len(who.loans), late, owed(who, terms), blocks, terms.rule, _apart(uow, who, terms.rule))


def _apart(uow: UnitOfWork, who: Borrower, rule: EffectiveRule) -> tuple[KindLimit, ...]:
    """The loans of kinds with a limit of their own, the commonest kind first."""
    kept = Counter(loan.kind_id for loan in who.loans if not rule.counts("max_loans", None, loan.kind_id))
    names = {kind.id: kind.name for kind in kinds(uow)} if kept else {}
    return tuple(
        KindLimit(names[kind_id], number, terms_of(uow, who, kind_id).rule.max_loans)
        for kind_id, number in kept.most_common()
    )


def title_activity(uow: UnitOfWork, title_id: int) -> TitleActivity:
    """How often a title was and is lent. Numbers only."""
    uow.require(Permission.EDIT_CATALOGUE)
    ever, out, last = _LIFE.row(uow.connection, title_id=title_id)
    first = _months_back(uow.today, 11)
    months = {_months_back(uow.today, back): 0 for back in range(11, -1, -1)}
    for day, count in _DAYS.rows(uow.connection, title_id=title_id, since=first):
        issued_on = as_day(day)
        assert issued_on is not None
        months[min(issued_on, uow.today).replace(day=1)] += count
    return TitleActivity(ever, out, as_day(last), tuple(months.items()))


def _months_back(day: date, months: int) -> date:
    """The first of the month, so many months ago."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def borrowed_together(uow: UnitOfWork, title_id: int, *, size: int = 8) -> tuple[TitleCard, ...]:
    """Titles that at least three of a title's last 300 readers borrowed too, the commonest first."""
    uow.require(Permission.SEARCH)
    most = clamp(1, size)[1]
    ids = [row[0] for row in _TOGETHER.rows(uow.connection, title_id=title_id, fewest=FEWEST_READERS, size=most)]
    found = cards(uow, ids)
    return tuple(found[number] for number in ids if number in found)
