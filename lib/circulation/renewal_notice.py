"""What a member is told whose loans were renewed by themselves, or could not be: one message a night of each kind."""

import json
from collections.abc import Sequence
from datetime import date

from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.notices.outbox import queue
from lib.notices.privacy import what_of

RENEWED, NOT_RENEWED = "loans-renewed", "loans-not-renewed"
_MEMBER = Statement("SELECT name, email, language, preferences FROM account WHERE id = :member_id")


def tell_renewed(
    uow: UnitOfWork, member_id: int, loans: Sequence[tuple[str, date]], *, kind: str = RENEWED
) -> None:  # fmt: skip
    """Queues the one message of this night: each title (where the member lets notices name titles) and its day."""
    name, email, language, kept = _MEMBER.row(uow.connection, member_id=member_id)
    preferences = json.loads(kept) if isinstance(kept, str) else kept or {}
    day = uow.words_in(language).day
    lines = [f"{what_of(title, preferences, language, borrowed=True)} → {day(due)}" for title, due in loans]
    queue(
        uow, account_id=member_id, address=email or "", kind=kind, subject_key=f"account:{member_id}",
        period=uow.today.isoformat(), language=language, facts={"name": name, "what": "\n".join(lines)},
    )  # fmt: skip
