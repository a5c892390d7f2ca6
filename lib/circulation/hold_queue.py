"""The queue of a title: its waiting holds stand at 1..n. Primitives for acts that hold the queue's lock.

The places are unique in the database, row by row: they move through negatives, in two statements.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_policy import LIVE, is_suspended, may_return, sources
from lib.kit.database import Statement
from lib.kit.tables import as_day, as_instant

_LOCK = Statement("SELECT id FROM title WHERE id = :title_id FOR NO KEY UPDATE")
_LYING = Statement("SELECT shelf_copy_id FROM hold WHERE id IN (:*ids) AND shelf_copy_id IS NOT NULL")
_LOCK_COPIES = Statement("SELECT id FROM copy WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_COLUMNS = (
    "SELECT h.id, h.title_id, t.title, h.copy_id, h.account_id, h.state, h.position, h.suspended_until, h.shelf_days,"
    " h.shelf_copy_id, h.ready_at, h.shelf_until, h.placed_at, h.end_reason, h.rank"
    " FROM hold h JOIN title t ON t.id = h.title_id"
)
_ONE = Statement(f"{_COLUMNS} WHERE h.id = :hold_id")
_SHELVED = Statement(f"{_COLUMNS} WHERE h.shelf_copy_id = :copy_id AND h.state = 'ready'")
_LENGTH = Statement("SELECT count(*) FROM hold WHERE title_id = :title_id AND state = 'waiting'")
_BEHIND = (
    "(coalesce(o.rank, o.id) > coalesce(h.rank, h.id)"
    " OR (coalesce(o.rank, o.id) = coalesce(h.rank, h.id) AND o.id > h.id))"
)
# Its place in the order in which holds were placed or moved: in front of the first of those who come after it.
_DUE_PLACE = Statement(
    "SELECT min(o.position) FROM hold h JOIN hold o ON o.title_id = h.title_id AND o.state = 'waiting'"
    f" AND {_BEHIND} WHERE h.id = :hold_id"
)
_SERVED_BEHIND = Statement(
    "SELECT o.id FROM hold h JOIN hold o ON o.title_id = h.title_id AND o.state IN ('ready', 'collected')"
    f" AND o.ready_at >= :since AND {_BEHIND} WHERE h.id = :hold_id LIMIT 1"
)
_AROUND = Statement(
    "SELECT position, coalesce(rank, id) FROM hold WHERE title_id = :title_id AND state = 'waiting'"
    " AND position >= :place - 1 AND position <= :place + 1"
)
_ENDS = Statement("SELECT min(coalesce(rank, id)), max(id) FROM hold WHERE title_id = :title_id")
_RANK = Statement("UPDATE hold SET rank = :rank WHERE id = :hold_id")
_APPEND = Statement(
    "INSERT INTO hold (title_id, copy_id, account_id, state, position, placed_at, placed_by, shelf_days, max_holds,"
    " limit_kind_id, end_reason, version) VALUES (:title_id, :copy_id, :account_id, 'waiting',"
    " (SELECT coalesce(max(position), 0) + 1 FROM hold WHERE title_id = :title_id AND state = 'waiting'),"
    " :now, :by, :shelf_days, :max_holds, :limit_kind_id, '', 1) RETURNING id, position"
)
_END = Statement(
    "UPDATE hold SET state = :state, position = NULL, suspended_until = NULL, ended_at = :now, end_reason = :reason,"
    " version = version + 1 WHERE id = :hold_id AND state IN (:*ids)"
)
_READY = Statement(
    "UPDATE hold SET state = 'ready', position = NULL, suspended_until = NULL, shelf_copy_id = :copy_id,"
    " ready_at = :now, shelf_until = :until, version = version + 1 WHERE id = :hold_id AND state IN (:*ids)"
)
_CLOSE_GAP = Statement(
    "UPDATE hold SET position = 1 - position WHERE title_id = :title_id AND state = 'waiting' AND position > :gone"
)
_OPEN_GAP = Statement(
    "UPDATE hold SET position = -1 - position WHERE title_id = :title_id AND state = 'waiting' AND position >= :place"
)
_BACKWARD = Statement(
    "UPDATE hold SET position = CASE WHEN position = :old THEN 0 - :new ELSE 1 - position END"
    " WHERE title_id = :title_id AND state = 'waiting' AND position >= :old AND position <= :new"
)
_FORWARD = Statement(
    "UPDATE hold SET position = CASE WHEN position = :old THEN 0 - :new ELSE -1 - position END"
    " WHERE title_id = :title_id AND state = 'waiting' AND position >= :new AND position <= :old"
)
_SETTLE = Statement(
    "UPDATE hold SET position = -position WHERE title_id = :title_id AND state = 'waiting' AND position < 0"
)
_WAIT_AGAIN = Statement(
    "UPDATE hold SET state = 'waiting', position = :place, suspended_until = :suspended, shelf_copy_id = NULL,"
    " ready_at = NULL, shelf_until = NULL, ended_at = NULL, end_reason = '', version = version + 1"
    " WHERE id = :hold_id AND state = :state"
)
_READY_AGAIN = Statement(
    "UPDATE hold SET state = 'ready', position = NULL, suspended_until = NULL, shelf_copy_id = :copy_id,"
    " ready_at = :ready_at, shelf_until = :until, ended_at = NULL, end_reason = '', version = version + 1"
    " WHERE id = :hold_id AND state = :state"
)


@dataclass(frozen=True, slots=True)
class QueuedHold:
    """A hold as it stands. `account_id` is None once its history was cut."""

    id: int
    title_id: int
    title: str
    copy_id: int | None
    account_id: int | None
    state: HoldState
    position: int | None
    suspended_until: date | None
    shelf_days: int
    shelf_copy_id: int | None
    ready_at: datetime | None
    shelf_until: date | None
    placed_at: datetime
    end_reason: str
    rank: float | None

    @property
    def live(self) -> bool:
        return self.state in LIVE

    def suspended_on(self, today: date) -> bool:
        """Whether it is passed over on this day."""
        return is_suspended(self.suspended_until, today)


def lock_queue(uow: UnitOfWork, title_id: int) -> None:
    """Lets one act at a time change this queue. Locks go in one order: member, copy, loan, title, charge, audit."""
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, title_id=title_id)


def lock_copies(uow: UnitOfWork, copy_ids: Iterable[int], hold_ids: Iterable[int] = ()) -> None:
    """Lets one act at a time change these copies, and those that lie (or lay) on the hold shelf for these holds: in
    the order of their ids, so that two acts do not wait for one another. Before any of them, or their queue, is locked
    alone."""
    if uow.installation.is_sqlite:
        return
    found, of_holds = set(copy_ids), sorted(hold_ids)
    if of_holds:
        found |= {row[0] for row in _LYING.rows(uow.connection, ids=of_holds)}
    if found:
        _LOCK_COPIES.rows(uow.connection, ids=sorted(found))


def find_hold(uow: UnitOfWork, hold_id: int) -> QueuedHold | None:
    """A hold by its id."""
    row = _ONE.row(uow.connection, hold_id=hold_id)
    return None if row is None else _hold(row)


def hold_on_shelf(uow: UnitOfWork, copy_id: int) -> QueuedHold | None:
    """The hold for which this copy lies on the hold shelf."""
    row = _SHELVED.row(uow.connection, copy_id=copy_id)
    return None if row is None else _hold(row)


def _hold(row: Any) -> QueuedHold:
    number, title_id, title, copy_id, account_id, state, position, suspended, days, shelf_copy, ready, until = row[:12]
    placed_at = as_instant(row[12])
    assert placed_at is not None
    return QueuedHold(
        number, title_id, title, copy_id, account_id, HoldState(state), position, as_day(suspended), days, shelf_copy,
        as_instant(ready), as_day(until), placed_at, row[13], row[14],
    )  # fmt: skip


def queue_length(uow: UnitOfWork, title_id: int) -> int:
    """How many holds wait, suspended ones too."""
    return int(_LENGTH.row(uow.connection, title_id=title_id)[0])


def append(
    uow: UnitOfWork, *, title_id: int, copy_id: int | None, account_id: int, shelf_days: int,
    max_holds: int | None = None, limit_kind_id: int | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Puts a new hold at the end, with the numbers it is made under; returns its id and its place.

    Raises:
        IntegrityError: uq_hold_member_title, the member has a live hold on this title.
    """
    row = _APPEND.row(
        uow.connection, title_id=title_id, copy_id=copy_id, account_id=account_id, now=uow.now,
        by=uow.actor.account_id, shelf_days=shelf_days, max_holds=max_holds, limit_kind_id=limit_kind_id,
    )  # fmt: skip
    return int(row[0]), int(row[1])


def take_out(uow: UnitOfWork, hold: QueuedHold, state: HoldState, reason: str = "") -> bool:
    """Ends a live hold (collected, cancelled, expired) and closes the gap it leaves; tells whether it did."""
    values = {"state": state.value, "now": uow.now, "reason": reason, "hold_id": hold.id}
    if not _END.count(uow.connection, ids=sources(state), **values):
        return False
    _close_gap(uow, hold)
    return True


def make_ready(uow: UnitOfWork, hold: QueuedHold, *, copy_id: int, until: date) -> bool:
    """Takes a waiting hold out of the queue because a copy lies on the hold shelf for it; tells whether it did."""
    values = {"copy_id": copy_id, "now": uow.now, "until": until, "hold_id": hold.id}
    if not _READY.count(uow.connection, ids=sources(HoldState.READY), **values):
        return False
    _close_gap(uow, hold)
    return True


def _close_gap(uow: UnitOfWork, hold: QueuedHold) -> None:
    if hold.position is not None and _CLOSE_GAP.count(uow.connection, title_id=hold.title_id, gone=hold.position):
        _SETTLE.count(uow.connection, title_id=hold.title_id)


def put_back(uow: UnitOfWork, hold_id: int, *, suspended_until: date | None = None) -> int:
    """Lets a hold that is ready or ended wait again where the order in which the holds were placed or moved puts it;
    returns its place. Only where `TAKEN_BACK` allows it."""
    hold = find_hold(uow, hold_id)
    assert hold is not None
    return _wait_again(uow, hold, _due_place(uow, hold), suspended_until)


def put_back_at(uow: UnitOfWork, hold_id: int, position: int) -> int:
    """The same at this place, or at the end where the queue is shorter; it keeps that place as if moved there."""
    hold = find_hold(uow, hold_id)
    assert hold is not None
    due, place = _due_place(uow, hold), min(max(position, 1), queue_length(uow, hold.title_id) + 1)
    _wait_again(uow, hold, place, None)
    if place != due:
        _rank_at(uow, hold, place)
    return place


def _due_place(uow: UnitOfWork, hold: QueuedHold) -> int:
    return int(_DUE_PLACE.row(uow.connection, hold_id=hold.id)[0] or queue_length(uow, hold.title_id) + 1)


def _wait_again(uow: UnitOfWork, hold: QueuedHold, place: int, suspended_until: date | None) -> int:
    assert may_return(hold.state, HoldState.WAITING)
    _OPEN_GAP.count(uow.connection, title_id=hold.title_id, place=place)
    _SETTLE.count(uow.connection, title_id=hold.title_id)
    _WAIT_AGAIN.count(
        uow.connection, place=place, suspended=suspended_until, hold_id=hold.id, state=hold.state.value
    )  # fmt: skip
    return place


def move(uow: UnitOfWork, hold: QueuedHold, position: int) -> int:
    """Moves a waiting hold to another place, at most to the end; returns its place."""
    assert hold.position is not None
    old, new = hold.position, min(max(position, 1), queue_length(uow, hold.title_id))
    if new != old:
        shift = _BACKWARD if new > old else _FORWARD
        shift.count(uow.connection, title_id=hold.title_id, old=old, new=new)
        _SETTLE.count(uow.connection, title_id=hold.title_id)
        _rank_at(uow, hold, new)
    return new


def _rank_at(uow: UnitOfWork, hold: QueuedHold, place: int) -> None:
    """Gives a hold that stands at this place the rank between its neighbours': in front of whatever there is, behind
    whoever waits, but in front of whoever comes."""
    around = dict(_AROUND.rows(uow.connection, title_id=hold.title_id, place=place))
    first, last = _ENDS.row(uow.connection, title_id=hold.title_id)
    low, high = around.get(place - 1), around.get(place + 1, last + 1)
    _RANK.count(uow.connection, rank=first - 1 if low is None else (low + high) / 2, hold_id=hold.id)


def served_behind(uow: UnitOfWork, hold_id: int, since: datetime) -> bool:
    """Whether a copy was put aside, since then, for somebody who comes after this hold in the order of the queue."""
    return _SERVED_BEHIND.row(uow.connection, hold_id=hold_id, since=since) is not None


def snapshot(hold: QueuedHold) -> dict[str, Any]:
    """How a live hold stands, in JSON's types, for `restore`."""
    days = {"suspended_until": hold.suspended_until, "shelf_until": hold.shelf_until, "ready_at": hold.ready_at}
    told = {name: value.isoformat() if value else None for name, value in days.items()}
    return told | {
        "hold_id": hold.id, "state": hold.state.value, "position": hold.position, "rank": hold.rank,
        "shelf_copy_id": hold.shelf_copy_id,
    }  # fmt: skip


def restore(uow: UnitOfWork, was: dict[str, Any]) -> None:
    """Brings a hold back to how it stood when `snapshot` was taken: in its order among those who wait; or ready on its
    copy, whose status the caller restores."""
    hold = find_hold(uow, was["hold_id"])
    assert hold is not None
    _RANK.count(uow.connection, rank=was["rank"], hold_id=hold.id)
    if was["state"] == HoldState.WAITING:
        put_back(uow, hold.id, suspended_until=as_day(was["suspended_until"]))
        return
    assert hold.state is HoldState.WAITING or may_return(hold.state, HoldState.READY)
    ready_at = datetime.fromisoformat(was["ready_at"])
    _READY_AGAIN.count(
        uow.connection, copy_id=was["shelf_copy_id"], ready_at=ready_at, until=as_day(was["shelf_until"]),
        hold_id=hold.id, state=hold.state.value,
    )  # fmt: skip
    _close_gap(uow, hold)
