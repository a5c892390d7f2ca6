"""Night work: borrowing history ends by itself after the library's months, whatever a member keeps."""

from datetime import date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.policy import membership_end
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.circulation.history import NOBODY, cut_links
from lib.kit.clock import start_of
from lib.kit.database import Statement

# A window of ids, whatever is in it: each call reads so many loans and no more.
_WINDOW = Statement(
    "SELECT id, returned_on < :before AND account_id IS NOT NULL FROM loan"
    " WHERE id > :after_id ORDER BY id LIMIT :limit"
)
_HOLDS = Statement(
    "SELECT id, ended_at < :before AND account_id IS NOT NULL FROM hold WHERE id > :after_id ORDER BY id LIMIT :limit"
)
_CUT_HOLDS = Statement(
    "UPDATE hold SET placed_by = CASE WHEN placed_by = account_id THEN NULL ELSE placed_by END, account_id = NULL"
    " WHERE id IN (:*ids) AND ended_at IS NOT NULL"
)
_CUT_HOLD_ACTS = Statement(
    "UPDATE desk_act SET actor_id = CASE WHEN actor_id = account_id THEN :nobody ELSE actor_id END, account_id = NULL"
    " WHERE hold_id IN (:*ids)"
)
_UNSETTLED = Statement("SELECT loan_id FROM charge WHERE loan_id IN (:*ids) AND balance_minor <> 0")


def cut_old_history(uow: UnitOfWork, *, after_id: int, limit: int) -> tuple[int | None, int]:
    """Looks at the next `limit` loans after an id: forgets who had those that came back longer ago than the library
    keeps history, unless something is still owed for them. Returns the last id (None: no more loans) and how many
    were cut."""
    uow.require(Permission.RUN_JOBS)
    before = _months_before(uow.today, uow.settings(AccountSettings).history_months)
    window = _WINDOW.rows(uow.connection, after_id=after_id, limit=limit, before=before)
    if not window:
        return None, 0
    old = [row[0] for row in window if row[1]]
    if old:
        owed = {row[0] for row in _UNSETTLED.rows(uow.connection, ids=old)}
        old = [loan_id for loan_id in old if loan_id not in owed]
    if old:
        cut_links(uow, old)
        record(uow, "history.expire", "loan", None, loans=len(old), before=before)
    return window[-1][0], len(old)


def cut_old_holds(uow: UnitOfWork, *, after_id: int, limit: int) -> tuple[int | None, int]:
    """The same for reservations that ended so long ago; returns as `cut_old_history` does."""
    uow.require(Permission.RUN_JOBS)
    before = start_of(_months_before(uow.today, uow.settings(AccountSettings).history_months), uow.zone)
    window = _HOLDS.rows(uow.connection, after_id=after_id, limit=limit, before=before)
    if not window:
        return None, 0
    if old := [row[0] for row in window if row[1]]:
        _CUT_HOLD_ACTS.count(uow.connection, ids=old, nobody=NOBODY)
        _CUT_HOLDS.count(uow.connection, ids=old)
        record(uow, "history.expire", "hold", None, holds=len(old), before=before.date())
    return window[-1][0], len(old)


def _months_before(day: date, months: int) -> date:
    """The same day so many months ago; the end of the month where a day is missing."""
    return membership_end(day, -months) or day
