"""Ended holds are part of what somebody reads: forgotten as loans are, when history is erased or not kept.

A hold that was cut keeps its days and no instant, so that it cannot be found again by the audit row of an own act.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.clock import day_of, start_of
from lib.kit.database import Statement
from lib.kit.tables import as_instant

MOST = 5000
NOBODY = 0
UNDO_TIME = timedelta(days=1)  # until then an act about it can be undone
_ENDED = Statement(
    "SELECT id, account_id, placed_at, ready_at, ended_at FROM hold WHERE account_id IN (:*ids)"
    " AND state NOT IN ('waiting', 'ready') AND ended_at <= :before ORDER BY id LIMIT :most"
)
_CUT_ACTS = Statement(
    "UPDATE desk_act SET account_id = NULL, hold_id = NULL, before = '{}', after = '{}',"
    " actor_id = CASE WHEN actor_id = :account_id THEN :nobody ELSE actor_id END"
    " WHERE hold_id = :hold_id AND loan_id IS NULL"
)
_CUT = Statement(
    "UPDATE hold SET account_id = NULL, placed_by = CASE WHEN placed_by = :account_id THEN NULL ELSE placed_by END,"
    " placed_at = :placed, ready_at = :ready, ended_at = :ended WHERE id = :hold_id AND ended_at IS NOT NULL"
)
_NOTICES = Statement("DELETE FROM notice WHERE account_id = :account_id AND subject_key = :key AND status = 'sent'")


def cut_holds(uow: UnitOfWork, member_ids: Sequence[int], *, at_once: bool = False) -> int:
    """Forgets whose these members' ended holds were (at most 5,000), and the notices that were sent about them; those
    that ended within a day stay until then unless told `at_once`. Tells how many."""
    before = uow.now if at_once else uow.now - UNDO_TIME
    found = _ENDED.rows(uow.connection, ids=member_ids, before=before, most=MOST)
    for hold_id, account_id, *moments in found:
        placed, ready, ended = (_day_start(uow, moment) for moment in moments)
        _CUT_ACTS.count(uow.connection, hold_id=hold_id, account_id=account_id, nobody=NOBODY)
        _NOTICES.count(uow.connection, account_id=account_id, key=f"hold:{hold_id}")
        _CUT.count(
            uow.connection, hold_id=hold_id, account_id=account_id, placed=placed, ready=ready, ended=ended
        )  # fmt: skip
    return len(found)


def _day_start(uow: UnitOfWork, moment: Any) -> Any:
    at = as_instant(moment)
    return start_of(day_of(at, uow.zone), uow.zone) if at else None
