"""What a holder is told: that their copy is ready, delayed, gone, or that the hold was cancelled; once each."""

import json
from datetime import date

from lib.access.work import UnitOfWork
from lib.circulation.hold_queue import QueuedHold
from lib.kit.database import Statement
from lib.notices.outbox import queue, take_back, was_sent
from lib.notices.privacy import what_of

READY, DELAYED, EXPIRED, CANCELLED = "hold-ready", "hold-delayed", "hold-expired", "hold-cancelled"
_HOLDER = Statement("SELECT name, email, language, preferences FROM account WHERE id = :account_id")


def tell(uow: UnitOfWork, kind: str, hold: QueuedHold, *, until: date | None = None, reason: str = "") -> str:
    """Queues a notice about a hold, where its holder has an address; returns the holder's name."""
    if hold.account_id is None:
        return ""
    row = _HOLDER.row(uow.connection, account_id=hold.account_id)
    name, email, language, kept = row
    preferences = json.loads(kept) if isinstance(kept, str) else kept
    facts = {
        "name": name, "what": what_of(hold.title, preferences or {}, language),
        "until": uow.words_in(language).day(until) if until else "", "reason": reason,
    }  # fmt: skip
    queue(
        uow, account_id=hold.account_id, address=email or "", kind=kind, subject_key=_key(hold),
        period=uow.now.isoformat(), language=language, facts=facts,
    )  # fmt: skip
    return str(name)


def take_back_notice(uow: UnitOfWork, kind: str, hold: QueuedHold) -> None:
    """Drops what was not sent yet."""
    if hold.account_id is not None:
        take_back(uow, account_id=hold.account_id, kind=kind, subject_key=_key(hold))


def was_told(uow: UnitOfWork, kind: str, hold: QueuedHold) -> bool:
    """Whether the holder has been sent it."""
    return hold.account_id is not None and was_sent(
        uow, account_id=hold.account_id, kind=kind, subject_key=_key(hold)
    )  # fmt: skip


def _key(hold: QueuedHold) -> str:
    return f"hold:{hold.id}"
