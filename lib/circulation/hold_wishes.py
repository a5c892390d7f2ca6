"""What the database knows about a hold in question, and about how long it would wait."""

from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.circulation.facts import LOANS_AT_MEMBER, MEMBER, borrower_of, claims_of, terms_of
from lib.circulation.hold_decision import LiveHold, WantedCopy, Wish
from lib.circulation.hold_policy import is_suspended
from lib.circulation.situation import Borrower, Terms
from lib.circulation.waits import Past, Supply, Wait, Waiting, estimate
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

RECENT_DAYS = 90
MOST_COPIES = 200
MOST_AHEAD = 1000
_TITLE = Statement(
    "SELECT t.title, t.kind_id, t.archived_at IS NOT NULL, c.id, c.barcode, c.status, p.name, c.shelf FROM title t"
    " LEFT JOIN copy c ON c.title_id = t.id AND c.status <> 'withdrawn' LEFT JOIN location p ON p.id = c.location_id"
    " WHERE t.id = :title_id ORDER BY c.id LIMIT 1000"
)
_COPY_TITLE = Statement("SELECT title_id FROM copy WHERE id = :copy_id")
_LIVE = Statement(
    "SELECT h.id, h.title_id, t.title, t.kind_id, h.state, h.shelf_until FROM hold h JOIN title t ON t.id = h.title_id"
    " WHERE h.account_id = :account_id AND h.state IN ('waiting', 'ready') ORDER BY h.id"
)
_AHEAD = Statement(
    "SELECT copy_id, suspended_until FROM hold WHERE title_id = :title_id AND state = 'waiting' AND position > 0"
    " AND position <= :position ORDER BY position LIMIT :most"
)
_SUPPLY = Statement(
    "SELECT c.id, c.status, o.due_on, h.shelf_until FROM copy c"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " LEFT JOIN hold h ON h.shelf_copy_id = c.id AND h.state = 'ready'"
    " WHERE c.title_id = :title_id AND c.status IN ('available', 'on_loan', 'on_hold_shelf') ORDER BY c.id LIMIT :most"
)
_PAST = (
    "SELECT l.issued_on, l.due_on, l.returned_on FROM loan l {of} AND l.returned_on IS NOT NULL"
    " AND l.undone_at IS NULL AND l.lost_at IS NULL {order} LIMIT 200"
)
_PAST_OF_TITLE = Statement(_PAST.format(of="WHERE l.title_id = :title_id", order="ORDER BY l.id DESC"))
_PAST_OF_KIND = Statement(
    _PAST.format(
        of="JOIN title t ON t.id = l.title_id WHERE t.kind_id = :kind_id AND l.returned_on > :since",
        order="ORDER BY l.returned_on DESC",
    )
)
ENOUGH = 10  # loans of a title that say more than those of its kind


def read_wish(
    uow: UnitOfWork, title_id: int, member_id: int, copy_id: int | None
) -> tuple[Borrower, Wish, Terms]:  # fmt: skip
    """Who asks, for what, and under which terms.

    Raises:
        NotFound: no such title, member, or copy of this title.
    """
    rows = _TITLE.rows(uow.connection, title_id=title_id)
    if not rows:
        raise NotFound("title")
    member = MEMBER.rows(uow.connection, member_id=member_id)
    if not member:
        raise NotFound("member")
    if copy_id is not None and (_COPY_TITLE.row(uow.connection, copy_id=copy_id) or [None])[0] != title_id:
        raise NotFound("copy of this title")
    borrower = borrower_of(uow, member, LOANS_AT_MEMBER)
    title, kind_id, archived = rows[0][:3]
    copies = tuple(WantedCopy(*row[3:8]) for row in rows if row[3] is not None)
    free = any(copy.status == CopyStatus.AVAILABLE for copy in copies)
    claims = claims_of(uow, title_id, but=member_id) if free else ()
    wish = Wish(title_id, title, kind_id, bool(archived), copies, live_holds(uow, member_id), copy_id, claims)
    return borrower, wish, terms_of(uow, borrower, kind_id)


def live_holds(uow: UnitOfWork, account_id: int) -> tuple[LiveHold, ...]:
    """The holds that a member has now, oldest first."""
    rows = _LIVE.rows(uow.connection, account_id=account_id)
    return tuple(
        LiveHold(number, title_id, title, kind_id, state == "ready", as_day(until))
        for number, title_id, title, kind_id, state, until in rows
    )


def wait_of(
    uow: UnitOfWork, *, title_id: int, kind_id: int, position: int, copy_id: int | None = None,
    suspended_until: date | None = None, loan_days: int = 21, shelf_days: int = 7,
) -> Wait | None:  # fmt: skip
    """How long whoever stands, or would stand, at this place of the queue will wait; None where nothing can serve."""
    ahead = _AHEAD.rows(uow.connection, title_id=title_id, position=position - 1, most=MOST_AHEAD)
    queue = [_waiting(uow, *row) for row in ahead] + [_waiting(uow, copy_id, suspended_until)]
    supply = [
        _supply(uow, *row) for row in _SUPPLY.rows(uow.connection, title_id=title_id, most=MOST_COPIES)
    ]  # fmt: skip
    if not supply:
        return None
    return estimate(queue, supply, _past(uow, title_id, kind_id, loan_days, shelf_days))


def _waiting(uow: UnitOfWork, copy_id: int | None, suspended_until: object) -> Waiting:
    until = as_day(suspended_until)
    active_in = (until - uow.today).days + 1 if until and is_suspended(until, uow.today) else 0
    return Waiting(copy_id, active_in)


def _supply(uow: UnitOfWork, copy_id: int, status: str, due_on: object, shelf_until: object) -> Supply:
    if status == CopyStatus.AVAILABLE:
        return Supply(copy_id)
    due, shelf = as_day(due_on), as_day(shelf_until)
    if due is not None:
        return Supply(copy_id, due_in=(due - uow.today).days)
    return Supply(copy_id, shelf_left=(shelf - uow.today).days if shelf else 0)


def _past(uow: UnitOfWork, title_id: int, kind_id: int, loan_days: int, shelf_days: int) -> Past:
    found = _PAST_OF_TITLE.rows(uow.connection, title_id=title_id)
    if len(found) < ENOUGH:
        since = uow.today.fromordinal(uow.today.toordinal() - RECENT_DAYS)
        found = [*found, *_PAST_OF_KIND.rows(uow.connection, kind_id=kind_id, since=since)]
    days = [tuple(as_day(value) for value in row) for row in found]
    lasted = tuple(max(0, _days(issued, back)) for issued, _, back in days)
    return Past(lasted, tuple(_days(due, back) for _, due, back in days), loan_days, shelf_days)


def _days(first: Any, last: Any) -> int:
    return int((last - first).days)
