"""The last acts at the desk, and taking one back as long as nothing happened since."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.acts import ISSUE, RENEW, RETURN
from lib.circulation.decision import long_day
from lib.circulation.errors import AlreadyUndone, UndoOvertaken, UndoTooLate
from lib.circulation.facts import lock_copy, lock_member
from lib.circulation.history import cut_link, keeps_history
from lib.circulation.settings import CirculationSettings
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day, as_instant

_COLUMNS = (
    "SELECT d.id, d.kind, d.loan_id, d.copy_id, d.account_id, d.actor_id, d.at, d.undone_at, c.barcode, c.title_id,"
    " t.title, a.name, d.before, d.after FROM desk_act d JOIN copy c ON c.id = d.copy_id"
    " JOIN title t ON t.id = c.title_id LEFT JOIN account a ON a.id = d.account_id"
)
_LAST = Statement(f"{_COLUMNS} ORDER BY d.id DESC LIMIT :limit")
_LAST_OF = Statement(f"{_COLUMNS} WHERE d.actor_id = :actor_id ORDER BY d.id DESC LIMIT :limit")
_ONE = Statement(f"{_COLUMNS} WHERE d.id = :act_id")
_STATE = Statement(
    "SELECT c.status, c.condition, c.note, l.account_id, l.due_on, l.renewals, l.returned_at,"
    " (SELECT max(id) FROM desk_act WHERE loan_id = l.id AND undone_at IS NULL),"
    " (SELECT id FROM loan WHERE copy_id = c.id AND returned_at IS NULL),"
    " (SELECT max(id) FROM loan WHERE copy_id = c.id), t.archived_at IS NOT NULL"
    " FROM copy c JOIN title t ON t.id = c.title_id LEFT JOIN loan l ON l.id = :loan_id WHERE c.id = :copy_id"
)
_MARK = Statement("UPDATE desk_act SET undone_at = :now, undone_by = :by WHERE id = :act_id AND undone_at IS NULL")
_TAKE_BACK = Statement(
    "UPDATE loan SET returned_at = :now, returned_on = :day, returned_by = :by, undone_at = :now"
    " WHERE id = :loan_id AND returned_at IS NULL"
)
_REOPEN = Statement(
    "UPDATE loan SET returned_at = NULL, returned_on = NULL, returned_by = NULL, fine_settled = :fine"
    " WHERE id = :loan_id AND returned_at IS NOT NULL"
)
_UNRENEW = Statement(
    "UPDATE loan SET due_on = :due_on, renewals = :renewals, fine_settled = :fine"
    " WHERE id = :loan_id AND returned_at IS NULL"
)
_STATUS = Statement("UPDATE copy SET status = :status WHERE id = :copy_id")
_COPY = Statement(
    "UPDATE copy SET status = :status, condition = :condition, note = :note, version = version + 1 WHERE id = :copy_id"
)
_UNCOUNT = Statement("UPDATE title SET loan_count = loan_count - 1 WHERE id = :title_id")
_VERBS = {ISSUE: "issued", RENEW: "renewed", RETURN: "returned"}


@dataclass(frozen=True, slots=True)
class DeskActRow:
    """An act; `kind` is issue, renew or return. `why_not` says why it cannot be undone, where it cannot."""

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


@dataclass(frozen=True, slots=True)
class _Act:
    id: int
    kind: str
    loan_id: int | None
    copy_id: int
    account_id: int | None
    at: datetime
    undone: bool
    barcode: str
    title_id: int
    title: str
    member: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _State:
    """What stands now, of the copy and of the act's loan."""

    status: str
    condition: str
    note: str
    account_id: int | None
    due_on: str | None
    renewals: int | None
    open: bool
    last_act: int | None
    open_loan: int | None
    last_loan: int | None
    archived: bool


def desk_acts(uow: UnitOfWork, *, limit: int = 10, actor_id: int | None = None) -> tuple[DeskActRow, ...]:
    """The last acts, newest first (at most 50), of everybody or of one actor."""
    uow.require(Permission.CIRCULATE)
    most = min(max(limit, 1), 50)
    rows = (
        _LAST.rows(uow.connection, limit=most) if actor_id is None
        else _LAST_OF.rows(uow.connection, limit=most, actor_id=actor_id)
    )  # fmt: skip
    return tuple(_row(uow, _act(row)) for row in rows)


def _row(uow: UnitOfWork, act: _Act) -> DeskActRow:
    refusal = _against(uow, act)
    return DeskActRow(
        act.id, act.kind, _VERBS[act.kind], act.title_id, act.title, act.barcode, act.account_id, act.member, act.at,
        act.undone, refusal is None, str(refusal or ""),
    )  # fmt: skip


def undo(uow: UnitOfWork, act_id: int) -> str:
    """Takes an act back and says what was restored.

    Raises:
        NotFound: no such act. AlreadyUndone, UndoTooLate, UndoOvertaken: it cannot be taken back (any more).
    """
    uow.require(Permission.CIRCULATE)
    act = _find(uow, act_id)
    if act.account_id:
        lock_member(uow, act.account_id)
    lock_copy(uow, act.barcode)
    act = _find(uow, act_id)
    if refusal := _against(uow, act):
        raise refusal
    sentence = _UNDO[act.kind](uow, act)
    if not _MARK.count(uow.connection, act_id=act.id, now=uow.now, by=uow.actor.account_id):
        raise AlreadyUndone
    subject = ("loan", act.loan_id) if act.loan_id else ("copy", act.copy_id)
    record(
        uow, f"{subject[0]}.undo-{act.kind}", *subject, act_id=act.id, before=_telling(act.after),
        after=_telling(act.before),
    )  # fmt: skip
    return sentence


def _telling(state: dict[str, Any]) -> dict[str, Any]:
    """A state as the audit trail may keep it: without what somebody wrote about the copy."""
    return {name: value for name, value in state.items() if name != "note"}


def _find(uow: UnitOfWork, act_id: int) -> _Act:
    row = _ONE.row(uow.connection, act_id=act_id)
    if row is None:
        raise NotFound("act")
    return _act(row)


def _act(row: Any) -> _Act:
    number, kind, loan_id, copy_id, account_id, _actor, at, undone_at, barcode, title_id, title, name = row[:12]
    instant = as_instant(at)
    assert instant is not None
    return _Act(
        number, kind, loan_id, copy_id, account_id, instant, undone_at is not None, barcode, title_id, title,
        name or "", _json(row[12]), _json(row[13]),
    )  # fmt: skip


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def _against(uow: UnitOfWork, act: _Act) -> AlreadyUndone | UndoTooLate | UndoOvertaken | None:
    if act.undone:
        return AlreadyUndone()
    minutes = uow.settings(CirculationSettings).undo_minutes
    if not minutes or uow.now - act.at > timedelta(minutes=minutes):
        return UndoTooLate(minutes=minutes)
    what = _overtaken(act, _state(uow, act))
    return UndoOvertaken(what=what) if what else None


def _state(uow: UnitOfWork, act: _Act) -> _State:
    row = _STATE.row(uow.connection, loan_id=act.loan_id or 0, copy_id=act.copy_id)
    status, condition, note, account_id, due_on, renewals, returned_at, last_act, open_loan, last_loan, archived = row
    due = as_day(due_on)
    return _State(
        status, condition, note, account_id, due.isoformat() if due else None, renewals,
        act.loan_id is not None and returned_at is None, last_act, open_loan, last_loan,
        bool(archived),
    )  # fmt: skip


def _overtaken(act: _Act, state: _State) -> str:
    """What happened since, or nothing."""
    if act.loan_id is not None and state.last_act != act.id:
        return "something else was done with this loan since"
    if act.kind == RETURN:
        if act.loan_id is not None and state.account_id is None:
            return "this member keeps no history, so nothing tells whose loan it was. Issue the copy anew"
        if state.open_loan is not None or (act.loan_id is not None and state.last_loan != act.loan_id):
            return "the copy was issued again since"
        if state.status != act.after["copy_status"]:
            return "the copy's status was changed since"
        if state.archived:
            return "its title was archived since"
        if "note" in act.after and (state.condition, state.note) != (act.after["condition"], act.after["note"]):
            return "the copy was described anew since"
        return ""
    if not state.open:
        return "the copy has come back since"
    if act.kind == RENEW and (state.due_on, state.renewals) != (act.after["due_on"], act.after["renewals"]):
        return "the due date was changed since"
    return ""


def _undo_issue(uow: UnitOfWork, act: _Act) -> str:
    day = day_of(uow.now, uow.zone)
    _TAKE_BACK.count(uow.connection, now=uow.now, day=day, by=uow.actor.account_id, loan_id=act.loan_id)
    _STATUS.count(uow.connection, status=act.before["copy_status"], copy_id=act.copy_id)
    _UNCOUNT.count(uow.connection, title_id=act.title_id)
    if act.loan_id and act.account_id and not keeps_history(uow, act.account_id):
        cut_link(uow, loan_id=act.loan_id, account_id=act.account_id)
    return f"“{act.title}” is no longer issued to {act.member}."


def _undo_renew(uow: UnitOfWork, act: _Act) -> str:
    due_on = as_day(act.before["due_on"])
    assert due_on is not None
    _UNRENEW.count(
        uow.connection, due_on=due_on, renewals=act.before["renewals"], fine=act.before["fine_settled"],
        loan_id=act.loan_id,
    )  # fmt: skip
    return f"“{act.title}” is due on {long_day(due_on)} again."


def _undo_return(uow: UnitOfWork, act: _Act) -> str:
    before = act.before
    if "note" in act.after:  # it was inspected
        described = {name: before[name] for name in ("condition", "note")}
        _COPY.count(uow.connection, status=before["copy_status"], copy_id=act.copy_id, **described)
    else:
        _STATUS.count(uow.connection, status=before["copy_status"], copy_id=act.copy_id)
    if act.loan_id is None:
        return f"“{act.title}” stands as it stood before."
    _REOPEN.count(uow.connection, fine=before["fine_settled"], loan_id=act.loan_id)
    return f"“{act.title}” is on loan to {act.member} again."


_UNDO: dict[str, Callable[[UnitOfWork, _Act], str]] = {ISSUE: _undo_issue, RENEW: _undo_renew, RETURN: _undo_return}
