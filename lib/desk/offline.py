"""What the desk recorded while the server was away: replayed through the full rules, each act once."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_work
from lib.audit.trail import record
from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import barcode_of
from lib.circulation.checkout import check_out
from lib.circulation.decision import Reason
from lib.circulation.errors import CannotLend, IssueBeforeReturn, NoSuchCopy, ReturnBeforeIssue
from lib.circulation.models import Channel
from lib.circulation.returns import ReturnReceipt, check_in
from lib.circulation.side_models import OfflineState
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import Busy, NotFound, Refusal
from lib.kit.tables import as_instant

ISSUE, RETURN = "issue", "return"
WHY = "Recorded offline: the book was gone before the rules could be asked."
_MOST = 500
_CLAIM = Statement(
    "INSERT INTO offline_record (client_id, kind, barcode, card, recorded_at, received_at, device, sent_by, state,"
    " told, reasons, settled_how) VALUES (:client_id, :kind, :barcode, :card, :recorded_at, :now, :device, :by,"
    " 'conflict', '', '[]', '') ON CONFLICT (client_id) DO NOTHING RETURNING id"
)
_KNOWN = Statement(
    "SELECT id, kind, barcode, state, told, reasons FROM offline_record WHERE client_id = :client_id"
)  # fmt: skip
_SETTLE = Statement(
    "UPDATE offline_record SET state = :state, told = :told, reasons = :reasons, loan_id = :loan_id,"
    " card = CASE WHEN :waits = 1 THEN card ELSE '' END WHERE id = :id"
)
_BY_CARD = Statement("SELECT id FROM account WHERE card_number = :card")
_WAITING_FOR = Statement(
    "SELECT id FROM offline_record WHERE state = 'conflict' AND kind = 'issue' AND barcode = :barcode"
    " AND recorded_at >= :since ORDER BY recorded_at, id LIMIT 5"
)
_LOCK = Statement("SELECT id FROM offline_record WHERE id = :id FOR UPDATE")
_OPEN = Statement(
    "SELECT client_id, kind, barcode, card, recorded_at FROM offline_record WHERE id = :id AND state = 'conflict'"
)


class NoSuchCard(NotFound):
    """Facts: card."""

    message = "No member has the card “{card}”."

    def __init__(self, card: str, **facts: Any) -> None:
        super().__init__(**{"thing": "member", "card": card} | facts)


@dataclass(frozen=True, slots=True)
class OfflineAct:
    """One act as a desk wrote it down. `kind` is issue or return; `card` is "" for a return; `recorded_at` is aware."""

    client_id: str
    kind: str
    barcode: str
    card: str
    recorded_at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class OfflineReason:
    """Why an act could not be done, or what stood against it; what to do about it, and the act that would help."""

    code: str
    text: str
    way_out: str = ""
    way_out_action: str | None = None


@dataclass(frozen=True, slots=True)
class OfflineOutcome:
    """What became of an act, in words without names; conflict and overridden have become tasks."""

    client_id: str
    record_id: int
    state: OfflineState
    told: str
    reasons: tuple[OfflineReason, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    state: OfflineState
    told: str
    reasons: tuple[OfflineReason, ...] = ()
    loan_id: int | None = None


def replay_batch(installation: Installation, actor: Actor, acts: Iterable[OfflineAct]) -> tuple[OfflineOutcome, ...]:
    """Replays acts in the order of their times, each in a unit of work of its own: what was done stays done, whatever
    becomes of the others. Issues that waited for a return among them are then tried again.

    Raises:
        Forbidden, NotSignedIn: before anything is done. Busy: sent again, the rest is done.
    """
    told: list[OfflineOutcome] = []
    for act in in_order(acts):
        with begin_work(installation, actor) as uow:
            told += replay(uow, (act,))
        if act.kind == RETURN and told[-1].state is OfflineState.DONE:
            _wake(installation, actor, act)
    return tuple(told)


def in_order(acts: Iterable[OfflineAct]) -> list[OfflineAct]:
    """Acts by time; of one time, as they were written down."""
    return sorted(acts, key=lambda act: act.recorded_at)


def replay(uow: UnitOfWork, acts: Sequence[OfflineAct]) -> tuple[OfflineOutcome, ...]:
    """Does at most 500 acts in the order of their times, each in a savepoint, with the time at which it was recorded.
    The same `client_id` again gives the same answer and does nothing more. A block is overridden, since the book is
    gone, and becomes a task; what is impossible changes nothing and becomes a task. A time that lies ahead is now.
    """
    uow.require(Permission.CIRCULATE)
    return tuple(_once(uow, act) for act in in_order(acts)[:_MOST])


def _once(uow: UnitOfWork, act: OfflineAct) -> OfflineOutcome:
    barcode, card = barcode_of(act.barcode), card_of(act.card)
    at = min(act.recorded_at, uow.now)
    claimed = _CLAIM.row(
        uow.connection, client_id=act.client_id, kind=act.kind, barcode=barcode, card=card, recorded_at=at,
        now=uow.now, device=act.device, by=uow.actor.account_id,
    )  # fmt: skip
    if claimed is None:
        return _answered_before(uow, act, barcode)
    result = _through_the_rules(uow, act.kind, barcode, card, at)
    if act.recorded_at > at:
        ahead = " The clock of that computer is ahead: the time of sending was taken."
        result = _Result(result.state, result.told + ahead, result.reasons, result.loan_id)
    return write_down(uow, claimed[0], act.client_id, result, "offline.replay")


def card_of(text: str) -> str:
    """A card's number as it is kept: without spaces."""
    return "".join(text.split())


def _answered_before(uow: UnitOfWork, act: OfflineAct, barcode: str) -> OfflineOutcome:
    number, kind, kept, state, told, reasons = _KNOWN.row(uow.connection, client_id=act.client_id)
    if (kind, kept) != (act.kind, barcode):
        told = "Another act was sent under this number before, so this one was not done. Do it at the desk."
        return OfflineOutcome(act.client_id, number, OfflineState.CONFLICT, told, ())
    return OfflineOutcome(act.client_id, number, OfflineState(state), told, reasons_of(reasons))


def reasons_of(raw: Any) -> tuple[OfflineReason, ...]:
    """The reasons as the table keeps them."""
    return tuple(OfflineReason(**given) for given in (json.loads(raw) if isinstance(raw, str) else raw))


def write_down(uow: UnitOfWork, record_id: int, client_id: str, result: _Result, action: str) -> OfflineOutcome:
    """Keeps what became of an act, and says so in the audit trail."""
    _SETTLE.count(
        uow.connection, id=record_id, state=result.state.value, told=result.told, loan_id=result.loan_id,
        reasons=json.dumps([asdict(reason) for reason in result.reasons]),
        waits=int(result.state is OfflineState.CONFLICT),
    )  # fmt: skip
    codes = [reason.code for reason in result.reasons]
    record(uow, action, "offline-record", record_id, state=result.state.value, loan_id=result.loan_id, reasons=codes)
    return OfflineOutcome(client_id, record_id, result.state, result.told, result.reasons)


def try_again(uow: UnitOfWork, record_id: int, *, take_back: bool = False) -> OfflineOutcome:
    """Replays an act that could not be done, with its time; `take_back` first takes the copy back from whoever has it,
    at that same time.

    Raises:
        NotFound: no conflict waits under this number (any more).
    """
    uow.require(Permission.CIRCULATE)
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, id=record_id)
    row = _OPEN.row(uow.connection, id=record_id)
    if row is None:
        raise NotFound("open task")
    client_id, kind, barcode, card, recorded_at = row
    at = as_instant(recorded_at)
    assert at is not None
    result = _through_the_rules(uow, kind, barcode, card, at, take_back=take_back)
    return write_down(uow, record_id, client_id, result, "offline.try-again")


def _wake(installation: Installation, actor: Actor, returned: OfflineAct) -> None:
    """Another desk's issue may have waited for this return."""
    with begin_work(installation, actor) as uow:
        waiting = _WAITING_FOR.rows(uow.connection, barcode=barcode_of(returned.barcode), since=returned.recorded_at)
        for (record_id,) in waiting:
            try:
                try_again(uow, record_id)
            except NotFound:
                continue  # a colleague was faster


def _through_the_rules(
    uow: UnitOfWork, kind: str, barcode: str, card: str, at: datetime, *, take_back: bool = False
) -> _Result:
    written = len(uow.before_commit)
    try:
        with uow.connection.begin_nested():
            if take_back:
                check_in(uow, barcode=barcode, returned_at=at)
            return _issue(uow, barcode, card, at) if kind == ISSUE else _return(uow, barcode, at)
    except Busy:
        raise
    except (Refusal, IntegrityError, DataError) as error:
        del uow.before_commit[written:]  # what did not happen is not in the audit trail
        return _conflict(uow, error)


def _issue(uow: UnitOfWork, barcode: str, card: str, at: datetime) -> _Result:
    row = _BY_CARD.row(uow.connection, card=card) if card else None
    if row is None:
        raise NoSuchCard(card)
    given: dict[str, Any] = {"barcode": barcode, "member_id": row[0], "channel": Channel.OFFLINE, "issued_at": at}
    overridden: tuple[Reason, ...] = ()
    try:
        receipt = check_out(uow, **given)
    except CannotLend as refusal:
        if not refusal.facts["can_override"]:
            raise
        overridden, receipt = refusal.reasons, check_out(uow, **given, override=WHY)
    due = f"Issued; due back on {uow.words.day(receipt.due_on)}."
    if not overridden:
        return _Result(OfflineState.DONE, due, (), receipt.loan_id)
    told = f"{due} A rule stood against it, but the book was gone already."
    return _Result(OfflineState.OVERRIDDEN, told, _plain(overridden), receipt.loan_id)


def _return(uow: UnitOfWork, barcode: str, at: datetime) -> _Result:
    receipt = check_in(uow, barcode=barcode, returned_at=at)
    return _Result(OfflineState.DONE, _returned(uow, receipt), (), receipt.loan_id)


def _returned(uow: UnitOfWork, receipt: ReturnReceipt) -> str:
    words = ["Returned." if receipt.loan_id else "", receipt.note]
    if receipt.fine_minor:
        late = "1 day" if receipt.days_late == 1 else f"{receipt.days_late} days"
        fine = uow.words.money(receipt.fine_minor)
        words.append(f"{late} late: a fine of {fine}.")
    if receipt.copy_status == CopyStatus.ON_HOLD_SHELF and receipt.loan_id:
        words.append("Somebody waits for it: put it on the hold shelf.")
    return " ".join(filter(None, words))


def _plain(reasons: Iterable[Reason]) -> tuple[OfflineReason, ...]:
    return tuple(OfflineReason(one.code, one.text, one.way_out, one.way_out_action) for one in reasons)


def _conflict(uow: UnitOfWork, error: Refusal | IntegrityError | DataError) -> _Result:
    reasons: tuple[OfflineReason, ...]
    if isinstance(error, CannotLend):
        reasons = _plain(error.reasons)
    elif isinstance(error, Refusal):
        way_out = next((words(uow, error) for kind, words in _WAYS_OUT if isinstance(error, kind)), "")
        reasons = (OfflineReason(error.code, str(error), way_out),)
    else:
        text = "The database refused this act."
        reasons = (OfflineReason("refused", text, "Do it at the desk; if that fails too, tell an admin."),)
    return _Result(OfflineState.CONFLICT, " ".join(reason.text for reason in reasons), reasons)


_WAYS_OUT: tuple[tuple[type[Refusal], Callable[[UnitOfWork, Refusal], str]], ...] = (
    (NoSuchCopy, lambda *_: "Look at the label in the book. If the copy is new, add it, then try again."),
    (NoSuchCard, lambda *_: "Ask who has the book. Write this number into their record, or issue it by hand."),
    (ReturnBeforeIssue, lambda uow, refusal: _lent_again(uow, refusal)),
    (IssueBeforeReturn, lambda *_: "If the book is out all the same, issue it by hand; else dismiss this."),
)  # fmt: skip


def _lent_again(uow: UnitOfWork, refusal: Refusal) -> str:
    lent_on = uow.words.day(day_of(refusal.facts["issued_at"], uow.zone))
    return (
        f"It was lent again on {lent_on}, after this return was recorded. If that loan is right, dismiss this;"
        " if the book is here, take it back at the desk."
    )
