"""The book of acts: what was done at the desk or by members themselves, with what stood before."""

import json
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.database import Statement

ISSUE, RENEW, RETURN = "issue", "renew", "return"
_ADD = Statement(
    "INSERT INTO desk_act (kind, loan_id, copy_id, account_id, actor_id, at, before, after)"
    " VALUES (:kind, :loan_id, :copy_id, :account_id, :actor_id, :at, :before, :after) RETURNING id"
)


def note_act(
    uow: UnitOfWork,
    kind: str,
    *,
    loan_id: int | None,
    copy_id: int,
    account_id: int | None,
    before: dict[str, Any],
    after: dict[str, Any],
) -> int:
    """Writes an act down; returns its id. `before` and `after` hold what undoing needs, in JSON's types."""
    row = _ADD.row(
        uow.connection, kind=kind, loan_id=loan_id, copy_id=copy_id, account_id=account_id,
        actor_id=uow.actor.account_id, at=uow.now, before=json.dumps(before), after=json.dumps(after),
    )  # fmt: skip
    return int(row[0])
