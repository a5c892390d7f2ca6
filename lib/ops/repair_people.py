"""Repairs of what belongs to people: queues, balances, sessions and keys, notices, and histories cut halfway."""

from collections.abc import Callable, Sequence

from sqlalchemy import text

from lib.access.work import UnitOfWork
from lib.billing.append_only import TABLES, guard_ledger
from lib.circulation.history import blur
from lib.circulation.hold_queue import lock_queue
from lib.kit.database import Statement
from lib.ops.repair import Repair, counted, lock_rows

_QUEUE = Statement(
    "SELECT id FROM hold WHERE title_id = :title_id AND state = 'waiting' ORDER BY position, placed_at, id"
)
_CLEAR = Statement("UPDATE hold SET position = -1000000000 - id WHERE title_id = :title_id AND state = 'waiting'")
_PLACE = Statement("UPDATE hold SET position = :position, version = version + 1 WHERE id = :hold_id")
_LAST_PLACE = Statement("SELECT coalesce(max(position), 0) FROM hold WHERE title_id = :title_id AND state = 'waiting'")
_PLACELESS = Statement("SELECT id, title_id, state FROM hold WHERE id IN (:*ids) ORDER BY placed_at, id")
_SUM = Statement(
    "UPDATE charge SET balance_minor ="
    " coalesce((SELECT sum(e.amount_minor) FROM ledger_entry e WHERE e.charge_id = charge.id), 0) WHERE id IN (:*ids)"
)
_FINAL = Statement("UPDATE charge SET state = 'final' WHERE id IN (:*ids)")
_COUNTER = Statement("UPDATE receipt_number SET last = coalesce((SELECT max(number) FROM payment), 0)")
_LOCK_COUNTER = Statement("SELECT last FROM receipt_number FOR UPDATE")
_END_SESSIONS = Statement(
    "UPDATE session SET ended_at = coalesce(ended_at, :now), end_reason = coalesce(end_reason, 'repaired')"
    " WHERE id IN (:*ids)"
)
_END_KEYS = Statement("UPDATE api_key SET revoked_at = :now WHERE id IN (:*ids) AND revoked_at IS NULL")
_END_TOKENS = Statement("UPDATE refresh_token SET revoked_at = :now WHERE id IN (:*ids) AND revoked_at IS NULL")
_SENT_WHEN = Statement("UPDATE notice SET sent_at = created_at WHERE id IN (:*ids) AND sent_at IS NULL")
_SENT = Statement("UPDATE notice SET status = 'sent' WHERE id IN (:*ids) AND sent_at IS NOT NULL")
_CUT = Statement("UPDATE desk_act SET account_id = NULL WHERE id IN (:*ids)")
_ENDED_WHEN = Statement(
    "UPDATE hold SET ended_at = CASE WHEN state IN ('waiting', 'ready') THEN NULL ELSE :now END, version = version + 1"
    " WHERE id IN (:*ids)"
)


def _number_queues(uow: UnitOfWork, title_ids: Sequence[int]) -> None:
    for title_id in sorted(title_ids):
        lock_queue(uow, title_id)
        holds = [row[0] for row in _QUEUE.rows(uow.connection, title_id=title_id)]
        _CLEAR.count(uow.connection, title_id=title_id)
        _PLACE.many(
            uow.connection, [{"hold_id": hold, "position": place} for place, hold in enumerate(holds, 1)]
        )  # fmt: skip


def _give_places(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Who waits without a place comes last; who has one without waiting loses it, and the queue closes up."""
    found = _PLACELESS.rows(uow.connection, ids=ids)
    for title_id in sorted({row[1] for row in found}):
        lock_queue(uow, title_id)
    for hold_id, title_id, state in found:
        place = int(_LAST_PLACE.row(uow.connection, title_id=title_id)[0]) + 1 if state == "waiting" else None
        _PLACE.count(uow.connection, hold_id=hold_id, position=place)
    _number_queues(uow, list({row[1] for row in found}))


def _add_up(uow: UnitOfWork, ids: Sequence[int]) -> None:
    lock_rows(uow, "charge", ids)
    _SUM.count(uow.connection, ids=ids)


def _finalise(uow: UnitOfWork, ids: Sequence[int]) -> None:
    lock_rows(uow, "charge", ids)
    _FINAL.count(uow.connection, ids=ids)


def _set_counter(uow: UnitOfWork, _ids: Sequence[int]) -> None:
    if not uow.installation.is_sqlite:
        _LOCK_COUNTER.row(uow.connection)
    _COUNTER.count(uow.connection)


def _guard(uow: UnitOfWork, _ids: Sequence[int]) -> None:
    for table in TABLES:
        for verb in ("update", "delete"):
            of = "" if uow.installation.is_sqlite else f" ON {table}"
            uow.connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{of}"))
    guard_ledger(uow.connection)


def _each(statement: Statement, *, timed: bool = False) -> Callable[[UnitOfWork, Sequence[int]], None]:
    def apply(uow: UnitOfWork, ids: Sequence[int]) -> None:
        statement.count(uow.connection, ids=ids, **({"now": uow.now} if timed else {}))

    return apply


REPAIRS = {
    "queue-counts-from-one": Repair(
        lambda n: f"The places in {counted(n, 'queue', 'queues')} are numbered anew, in the order they have now.",
        _number_queues,
    ),
    "only-waiting-holds-have-places": Repair(
        lambda n: f"{counted(n, 'reservation', 'reservations')}: who waits without a place comes last in the queue; a"
        " place without waiting is taken away.",
        _give_places,
    ),
    "ended-hold-says-when": Repair(
        lambda n: f"{counted(n, 'reservation gets', 'reservations get')} a time of the end that fits: now, or none.",
        _each(_ENDED_WHEN, timed=True),
    ),
    "ledger-is-guarded": Repair(
        lambda _: "The database refuses again to change or delete what the ledger holds. What was changed meanwhile"
        " stays so: compare with a backup, and find out who took the guards away.",
        _guard,
    ),
    "charge-is-sum-of-entries": Repair(
        lambda n: f"The balance of {counted(n, 'charge', 'charges')} is added up anew from the ledger's entries, which"
        " stay as they are. What the members owe changes accordingly.",
        _add_up,
    ),
    "growing-fine-has-open-loan": Repair(
        lambda n: f"{counted(n, 'fine stops', 'fines stop')} growing, at the amount now reached.", _finalise
    ),
    "receipt-counter-stands-at-last": Repair(
        lambda _: "The counter is set to the number of the last receipt; the next one follows it.", _set_counter
    ),
    "disabled-account-has-no-session": Repair(
        lambda n: f"{counted(n, 'session is', 'sessions are')} ended at once.", _each(_END_SESSIONS, timed=True)
    ),
    "session-ends-with-reason": Repair(
        lambda n: f"{counted(n, 'session', 'sessions')} that ended: “repaired” is noted as the reason.",
        _each(_END_SESSIONS, timed=True),
    ),
    "disabled-account-has-no-key": Repair(
        lambda n: f"{counted(n, 'API key is', 'API keys are')} revoked at once.", _each(_END_KEYS, timed=True)
    ),
    "disabled-account-has-no-token": Repair(
        lambda n: f"{counted(n, 'refresh token is', 'refresh tokens are')} revoked at once.",
        _each(_END_TOKENS, timed=True),
    ),
    "sent-notice-has-time": Repair(
        lambda n: f"{counted(n, 'notice gets', 'notices get')} the time when it was written as the time it was sent.",
        _each(_SENT_WHEN),
    ),
    "sent-notice-stays-sent": Repair(
        lambda n: f"{counted(n, 'notice is', 'notices are')} marked as sent again, so that nobody gets them twice.",
        _each(_SENT),
    ),
    "cut-loan-has-no-instant": Repair(
        lambda n: f"{counted(n, 'loan keeps', 'loans keep')} the day of issue and no instant.", blur
    ),
    "cut-history-is-cut-in-the-book-of-acts": Repair(
        lambda n: f"{counted(n, 'act no longer says', 'acts no longer say')} who had the copy.", _each(_CUT)
    ),
}  # fmt: skip
