"""The book of acts: what was done at the desk or by members themselves, with what stood before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.database import Statement

ISSUE, RENEW, RETURN = "issue", "renew", "return"
HOLD, CANCEL_HOLD = "hold", "cancel-hold"
PAY, WAIVE, REFUND, CHARGE, SET_OFF = "pay", "waive", "refund", "charge", "set-off"
LOST, CLAIM, INSPECT = "lost", "claim", "inspect"
_ADD = Statement(
    "INSERT INTO desk_act (kind, loan_id, copy_id, account_id, hold_id, actor_id, at, before, after)"
    " VALUES (:kind, :loan_id, :copy_id, :account_id, :hold_id, :actor_id, :at, :before, :after) RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Act:
    """An act as it was written down. Where it had no copy or member: `copy_id`, `title_id` 0, and "" for the words."""

    id: int
    kind: str
    loan_id: int | None
    copy_id: int
    account_id: int | None
    hold_id: int | None
    at: datetime
    undone: bool
    barcode: str
    title_id: int
    title: str
    member: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undoing:
    """How one kind of act is taken back. `overtaken` says what happened since that stands against it, or "";
    `take_back` restores what stood before and says so in a sentence. Both run under the locks of `undo`."""

    overtaken: Callable[[UnitOfWork, Act], str]
    take_back: Callable[[UnitOfWork, Act], str]


def note_act(
    uow: UnitOfWork,
    kind: str,
    *,
    loan_id: int | None = None,
    copy_id: int | None = None,
    account_id: int | None = None,
    hold_id: int | None = None,
    before: dict[str, Any],
    after: dict[str, Any],
) -> int:
    """Writes an act down; returns its id. `before` and `after` hold what undoing needs, in JSON's types."""
    row = _ADD.row(
        uow.connection, kind=kind, loan_id=loan_id, copy_id=copy_id, account_id=account_id, hold_id=hold_id,
        actor_id=uow.actor.account_id, at=uow.now, before=json.dumps(before), after=json.dumps(after),
    )  # fmt: skip
    return int(row[0])
