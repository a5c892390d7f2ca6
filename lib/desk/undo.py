"""The last acts at the desk, and taking one back as long as nothing happened since."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.closing import has_left
from lib.audit.trail import record
from lib.circulation.acts import (
    CANCEL_HOLD,
    CHARGE,
    CLAIM,
    HOLD,
    INSPECT,
    ISSUE,
    LOST,
    PAY,
    REFUND,
    RENEW,
    RETURN,
    SET_OFF,
    WAIVE,
    Act,
    Undoing,
)
from lib.circulation.errors import AlreadyUndone, UndoOvertaken, UndoTooLate
from lib.circulation.facts import lock_member
from lib.circulation.hold_queue import lock_copies
from lib.circulation.settings import CirculationSettings
from lib.desk.undo_holds import UNDO_HOLDS
from lib.desk.undo_loans import FORGOTTEN, UNDO_LOANS
from lib.desk.undo_losses import UNDO_LOSSES
from lib.desk.undo_money import UNDO_MONEY
from lib.kit.database import Statement
from lib.kit.errors import NotFound, RuleBroken
from lib.kit.tables import as_instant

_COLUMNS = (
    "SELECT d.id, d.kind, d.loan_id, d.copy_id, d.account_id, d.hold_id, d.at, d.undone_at, c.barcode, t.id, t.title,"
    " a.name, d.before, d.after FROM desk_act d LEFT JOIN copy c ON c.id = d.copy_id"
    " LEFT JOIN hold h ON h.id = d.hold_id LEFT JOIN title t ON t.id = coalesce(c.title_id, h.title_id)"
    " LEFT JOIN account a ON a.id = d.account_id"
)
_LAST = Statement(f"{_COLUMNS} ORDER BY d.id DESC LIMIT :limit")
_LAST_OF = Statement(f"{_COLUMNS} WHERE d.actor_id = :actor_id ORDER BY d.id DESC LIMIT :limit")
_ONE = Statement(f"{_COLUMNS} WHERE d.id = :act_id")
_MARK = Statement("UPDATE desk_act SET undone_at = :now, undone_by = :by WHERE id = :act_id AND undone_at IS NULL")
UNDOINGS: dict[str, Undoing] = UNDO_LOANS | UNDO_HOLDS | UNDO_LOSSES | UNDO_MONEY
_VERBS = {
    ISSUE: "issued", RENEW: "renewed", RETURN: "returned", HOLD: "hold placed", CANCEL_HOLD: "hold cancelled",
    PAY: "paid", WAIVE: "waived", REFUND: "refunded", CHARGE: "charged", SET_OFF: "set off", LOST: "declared lost",
    CLAIM: "claimed returned", INSPECT: "inspected",
}  # fmt: skip
# What the audit trail must not keep: words about a copy, and numbers that would lead from a loan to its member.
_NOT_TOLD = frozenset({"note", "money", "hold", "found", "moves"})


@dataclass(frozen=True, slots=True)
class DeskActRow:
    """An act; `kind` as in acts.py. `title` is "" where it was about money alone, `amount_minor` None where it was
    not about money. `why_not` says why it cannot be undone, where it cannot."""

    id: int
    kind: str
    what: str
    title_id: int
    title: str
    barcode: str
    member_id: int | None
    member: str
    at: datetime
    undone: bool
    can_undo: bool
    why_not: str
    amount_minor: int | None = None


def desk_acts(uow: UnitOfWork, *, limit: int = 10, actor_id: int | None = None) -> tuple[DeskActRow, ...]:
    """The last acts, newest first (at most 50), of everybody or of one actor."""
    uow.require(Permission.CIRCULATE)
    most = min(max(limit, 1), 50)
    rows = (
        _LAST.rows(uow.connection, limit=most) if actor_id is None
        else _LAST_OF.rows(uow.connection, limit=most, actor_id=actor_id)
    )  # fmt: skip
    return tuple(_row(uow, _act(row)) for row in rows)


def _row(uow: UnitOfWork, act: Act) -> DeskActRow:
    refusal, amount = _against(uow, act), act.after.get("amount_minor")
    what = _VERBS[act.kind] + (f" {uow.words.money(amount)}" if amount else "")
    return DeskActRow(
        act.id, act.kind, what, act.title_id, act.title, act.barcode, act.account_id, act.member, act.at,
        act.undone, refusal is None, str(refusal or ""), amount,
    )  # fmt: skip


def undo(uow: UnitOfWork, act_id: int) -> str:
    """Takes an act back and says what was restored.

    Raises:
        NotFound: no such act. AlreadyUndone, UndoTooLate, UndoOvertaken: it cannot be taken back (any more).
        Forbidden: taking money back needs the permission of the till.
    """
    uow.require(Permission.CIRCULATE)
    act, sentence = take_back(uow, act_id, _against)
    _record(uow, act)
    return sentence


def take_back(
    uow: UnitOfWork, act_id: int, against: Callable[[UnitOfWork, Act], RuleBroken | NotFound | None]
) -> tuple[Act, str]:
    """Takes an act back unless `against` says why not, under its locks; returns it with a sentence of what was
    restored. Whoever calls has asked for a permission, and records it.

    Raises:
        NotFound: no such act. AlreadyUndone, and what `against` gives.
    """
    act = _find(uow, act_id)
    if act.account_id:
        lock_member(uow, act.account_id)
    lock_copies(uow, [act.copy_id] if act.copy_id else [], _holds_of(act))
    act = _find(uow, act_id)
    if refusal := against(uow, act):
        raise refusal
    sentence = UNDOINGS[act.kind].take_back(uow, act)
    if not _MARK.count(uow.connection, act_id=act.id, now=uow.now, by=uow.actor.account_id):
        raise AlreadyUndone
    return act, sentence


def _holds_of(act: Act) -> set[int]:
    """The holds that taking an act back may bring back or pass over: their copies change with it."""
    kept = (act.before.get("hold"), act.before.get("displaced"), act.after.get("hold"))
    found = {act.hold_id, act.after.get("offered"), *(one["hold_id"] for one in kept if one)}
    return {number for number in found if number is not None}


def _record(uow: UnitOfWork, act: Act) -> None:
    subjects = (("loan", act.loan_id), ("copy", act.copy_id), ("hold", act.hold_id), ("account", act.account_id))
    subject, number = next((kind, found) for kind, found in subjects if found)
    record(
        uow, f"{subject}.undo-{act.kind}", subject, number, act_id=act.id, before=_telling(act.after),
        after=_telling(act.before),
    )  # fmt: skip


def _telling(state: dict[str, Any]) -> dict[str, Any]:
    """A state as the audit trail may keep it."""
    return {name: value for name, value in state.items() if name not in _NOT_TOLD}


def _find(uow: UnitOfWork, act_id: int) -> Act:
    row = _ONE.row(uow.connection, act_id=act_id)
    if row is None:
        raise NotFound("act")
    return _act(row)


def _act(row: Any) -> Act:
    number, kind, loan_id, copy_id, account_id, hold_id, at, undone_at, barcode, title_id, title, name = row[:12]
    instant = as_instant(at)
    assert instant is not None
    return Act(
        number, kind, loan_id, copy_id or 0, account_id, hold_id, instant, undone_at is not None, barcode or "",
        title_id or 0, title or "", name or "", _json(row[12]), _json(row[13]),
    )  # fmt: skip


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def _against(uow: UnitOfWork, act: Act) -> AlreadyUndone | UndoTooLate | UndoOvertaken | None:
    if act.loan_id is not None and act.account_id is None:  # its moment was forgotten with its member
        return AlreadyUndone() if act.undone else UndoOvertaken(what=FORGOTTEN)
    return too_late(uow, act, uow.settings(CirculationSettings).undo_minutes)


def too_late(uow: UnitOfWork, act: Act, minutes: int) -> AlreadyUndone | UndoTooLate | UndoOvertaken | None:
    """What stands against taking an act back within so many minutes."""
    if act.undone:
        return AlreadyUndone()
    if not minutes or uow.now - act.at > timedelta(minutes=minutes):
        return UndoTooLate(minutes=minutes)
    if act.account_id and has_left(uow, act.account_id):
        return UndoOvertaken(what="this account was closed since")
    what = UNDOINGS[act.kind].overtaken(uow, act)
    return UndoOvertaken(what=what) if what else None
