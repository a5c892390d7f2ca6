"""Reads of holds: a member's own, and a title's queue, whose names the desk alone sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import AccountStatus
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_policy import is_suspended, why_passed_over
from lib.circulation.hold_wishes import wait_of
from lib.circulation.queries import AUTHORS, require_own_or_desk
from lib.circulation.rules import rule_for
from lib.circulation.waits import Wait
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant

MOST = 200
_HOLDS = (
    "SELECT h.id, h.title_id, t.title, t.kind_id, h.state, h.position, h.suspended_until, h.shelf_until, h.placed_at,"
    " c.barcode, h.copy_id, h.shelf_days, h.ended_at, h.end_reason, a.membership_type_id,"
    " (SELECT count(*) FROM hold q WHERE q.title_id = h.title_id AND q.state = 'waiting')"
    " FROM hold h JOIN title t ON t.id = h.title_id JOIN account a ON a.id = h.account_id"
    " LEFT JOIN copy c ON c.id = coalesce(h.shelf_copy_id, h.copy_id) WHERE h.account_id = :account_id"
)
_LIVE = Statement(f"{_HOLDS} AND h.state IN ('waiting', 'ready') ORDER BY h.id LIMIT {MOST}")
_ENDED = Statement(
    f"{_HOLDS} AND h.state NOT IN ('waiting', 'ready') ORDER BY h.id DESC LIMIT :size OFFSET :skip"
)  # fmt: skip
_ENDED_COUNT = Statement(
    "SELECT count(*) FROM hold WHERE account_id = :account_id AND state NOT IN ('waiting', 'ready')"
)
_QUEUE = Statement(
    "SELECT h.id, h.state, h.position, a.id, a.name, a.card_number, h.placed_at, h.suspended_until, h.shelf_until,"
    " c.barcode, h.copy_id, a.status, a.suspended_until, a.membership_ends_on"
    " FROM hold h JOIN account a ON a.id = h.account_id"
    " LEFT JOIN copy c ON c.id = coalesce(h.shelf_copy_id, h.copy_id)"
    " WHERE h.title_id = :title_id AND h.state IN ('waiting', 'ready')"
    " ORDER BY coalesce(h.position, 0), h.id LIMIT :size OFFSET :skip"
)
_QUEUE_COUNT = Statement("SELECT count(*) FROM hold WHERE title_id = :title_id AND state IN ('waiting', 'ready')")
_KIND = Statement("SELECT kind_id FROM title WHERE id = :title_id AND archived_at IS NULL")
_LENGTHS = Statement(
    "SELECT title_id, count(*) FROM hold WHERE title_id IN (:*ids) AND state = 'waiting' GROUP BY title_id"
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One of a member's holds. `copy_barcode`: the copy on the hold shelf, or the only one that would do, else "".
    `suspended_until` is None once it is over; `wait` is None where no copy can serve, and once the hold is ready."""

    id: int
    title_id: int
    title: str
    authors: str
    state: HoldState
    position: int | None
    queue_length: int
    wait: Wait | None
    suspended_until: date | None
    shelf_until: date | None
    placed_at: datetime
    copy_barcode: str
    ended_at: datetime | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldsInShort:
    """What lies on the hold shelf for a member, and for how many titles they wait."""

    ready: tuple[HoldRow, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Somebody in a title's queue, as the desk sees it; who has a copy on the hold shelf has no `position`.
    `this_copy_only`: only the copy `copy_barcode` would do. `passed_over`: why they get no copy now although they wait:
    they may not borrow; "" where they may."""

    hold_id: int
    state: HoldState
    position: int | None
    account_id: int
    name: str
    card_number: str
    placed_at: datetime
    suspended_until: date | None
    shelf_until: date | None
    copy_barcode: str
    this_copy_only: bool
    passed_over: str = ""


def holds_of(uow: UnitOfWork, account_id: int) -> tuple[HoldRow, ...]:
    """A member's live holds (at most 200): what is ready first, then in the order in which they were placed."""
    require_own_or_desk(uow, account_id)
    rows = _LIVE.rows(uow.connection, account_id=account_id)
    found = _rows(uow, sorted(rows, key=lambda row: row[4] != HoldState.READY))
    return tuple(found)


def hold_on(uow: UnitOfWork, account_id: int, title_id: int) -> HoldRow | None:
    """A member's live hold on a title, where they have one."""
    require_own_or_desk(uow, account_id)
    rows = [row for row in _LIVE.rows(uow.connection, account_id=account_id) if row[1] == title_id]
    return next(iter(_rows(uow, rows)), None)


def holds_in_short(uow: UnitOfWork, account_id: int) -> HoldsInShort:
    """What lies ready for a member, what is to be collected first first, and for how many titles they wait."""
    require_own_or_desk(uow, account_id)
    rows = _LIVE.rows(uow.connection, account_id=account_id)
    ready = _rows(uow, [row for row in rows if row[4] == HoldState.READY])
    ready.sort(key=lambda hold: (hold.shelf_until or date.max, hold.id))
    return HoldsInShort(tuple(ready), len(rows) - len(ready))


def past_holds_of(uow: UnitOfWork, account_id: int, *, page: int = 1, size: int = 50) -> Page[HoldRow]:
    """A member's holds that have ended, the last first."""
    require_own_or_desk(uow, account_id)
    number, most = clamp(page, size)
    total = int(_ENDED_COUNT.row(uow.connection, account_id=account_id)[0])
    rows = _ENDED.rows(uow.connection, account_id=account_id, size=most, skip=(number - 1) * most)
    return Page(tuple(_rows(uow, rows)), total, number, most)


def _rows(uow: UnitOfWork, rows: list[Any]) -> list[HoldRow]:
    names: dict[int, list[str]] = {}
    for title_id, name in AUTHORS.rows(uow.connection, ids=[row[1] for row in rows]) if rows else ():
        names.setdefault(title_id, []).append(name)
    return [_row(uow, row, ", ".join(names.get(row[1], ()))) for row in rows]


def _row(uow: UnitOfWork, row: Any, authors: str) -> HoldRow:
    hold_id, title_id, title, kind_id, state, position, suspended, shelf_until, placed_at, barcode = row[:10]
    copy_id, shelf_days, ended_at, end_reason, type_id, length = row[10:]
    placed, until = as_instant(placed_at), as_day(suspended)
    assert placed is not None
    wait = None
    if position is not None:
        wait = wait_of(
            uow, title_id=title_id, kind_id=kind_id, position=position, copy_id=copy_id, suspended_until=until,
            loan_days=rule_for(uow, type_id, kind_id).loan_days, shelf_days=shelf_days,
        )  # fmt: skip
    return HoldRow(
        hold_id, title_id, title, authors, HoldState(state), position, int(length), wait,
        until if is_suspended(until, uow.today) else None, as_day(shelf_until), placed, barcode or "",
        as_instant(ended_at), end_reason,
    )  # fmt: skip


def queue_of(uow: UnitOfWork, title_id: int, *, page: int = 1, size: int = 50) -> Page[QueueRow]:
    """Who waits for a title: those whose copy is ready first, then by place. For the desk: it names people."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    total = int(_QUEUE_COUNT.row(uow.connection, title_id=title_id)[0])
    rows = _QUEUE.rows(uow.connection, title_id=title_id, size=most, skip=(number - 1) * most)
    return Page(tuple(_queue_row(uow, row) for row in rows), total, number, most)


def _queue_row(uow: UnitOfWork, row: Any) -> QueueRow:
    hold_id, state, position, account_id, name, card, placed_at, suspended, shelf_until, barcode, copy_id = row[:11]
    placed, until = as_instant(placed_at), as_day(suspended)
    assert placed is not None
    return QueueRow(
        hold_id, HoldState(state), position, account_id, name, card or "", placed,
        until if is_suspended(until, uow.today) else None, as_day(shelf_until), barcode or "", copy_id is not None,
        _passed_over(uow, *row[11:]) if position is not None else "",
    )  # fmt: skip


def _passed_over(uow: UnitOfWork, status: str, suspended_until: Any, ends_on: Any) -> str:
    return why_passed_over(AccountStatus(status), as_day(suspended_until), as_day(ends_on), uow.today)


def queue_lengths(uow: UnitOfWork, title_ids: Iterable[int]) -> dict[int, int]:
    """How many wait for each of at most 500 titles, suspended ones included. Says nothing of who."""
    uow.require(Permission.SEARCH)
    ids = list(dict.fromkeys(title_ids))[:500]
    found = {row[0]: int(row[1]) for row in _LENGTHS.rows(uow.connection, ids=ids)} if ids else {}
    return {title_id: found.get(title_id, 0) for title_id in ids}


def usual_wait(uow: UnitOfWork, title_id: int) -> Wait | None:
    """How long somebody who joined a title's queue now would probably wait, whoever it is; None where no copy could
    serve them, or there is no such title. Says nothing of who waits."""
    uow.require(Permission.SEARCH)
    row = _KIND.row(uow.connection, title_id=title_id)
    if row is None:
        return None
    rule = rule_for(uow, None, row[0])
    return wait_of(
        uow, title_id=title_id, kind_id=row[0], position=10**9, loan_days=rule.loan_days,
        shelf_days=rule.hold_shelf_days,
    )  # fmt: skip
