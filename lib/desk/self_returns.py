"""How a copy comes back at a machine: at once into a bin that knows what it took, else by way of the book drop.

A barcode can be typed, or scanned off a list: where no bin proves that the book is there, staff's scan is what counts.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.terminals import takes_returns
from lib.audit.trail import record
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import Act
from lib.circulation.claims import note_dropped
from lib.circulation.errors import NoSuchCopy, ReturnBeforeIssue, UndoOvertaken
from lib.circulation.models import Channel
from lib.circulation.returns import ReturnReceipt, check_in
from lib.circulation.settings import CirculationSettings, KioskReturns
from lib.desk.undo import take_back, too_late
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import NotFound, RuleBroken

MOMENT = timedelta(minutes=10)
BELIEVED = timedelta(days=14)  # how far back a machine's clock is taken at its word
_ITEM = Statement(
    "SELECT c.barcode, t.title, c.status, o.id, o.account_id FROM copy c JOIN title t ON t.id = c.title_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL WHERE c.barcode = :barcode"
)
_LENT_HERE = Statement("SELECT id FROM loan WHERE id = :loan_id AND channel = 'self_check' AND issued_at > :since")
_ISSUED = Statement("SELECT min(id) FROM desk_act WHERE loan_id = :loan_id AND kind = 'issue'")


@dataclass(frozen=True, slots=True)
class SelfReturn:
    """What became of a copy that a reader brought, without a name. `returned`: it is back, and `copy_status` says
    where it belongs now; else it was noted as put into the book drop. `on_loan`: whether it was."""

    title: str
    barcode: str
    copy_status: str
    on_loan: bool
    returned: bool


class NoReturnsHere(RuleBroken):
    """The library takes nothing back at this machine."""

    rule = "self-service"
    message = "Books are not taken back here."
    way_out = "Please bring them to the desk."


def returns_here(uow: UnitOfWork) -> KioskReturns:
    """How copies come back at the machine that asks: at once where it has a bin, else as the library chose."""
    return KioskReturns.AT_ONCE if takes_returns(uow) else uow.settings(CirculationSettings).kiosk_returns


def self_return(
    uow: UnitOfWork, *, barcode: str, returned_at: datetime | None = None, key: str | None = None
) -> SelfReturn:  # fmt: skip
    """Takes a copy back, whoever brings it; says neither whose it was nor who waits. Where nobody knows that the copy
    is there, it is noted as put into the book drop: its loan ends when staff scan it.

    `returned_at` (an aware instant): when a machine with a bin says that it took the copy. An earlier day counts for
    the fine, up to 14 days back; what cannot be true (the future, before the issue) is passed over.

    Raises:
        NoSuchCopy, NoReturnsHere.
    """
    uow.require(Permission.SELF_CHECK)
    how = returns_here(uow)
    if how is KioskReturns.AT_ONCE:
        done = _taken_back(uow, barcode, _believed(uow, returned_at), key)
        return SelfReturn(done.title, done.barcode, done.copy_status, done.loan_id is not None, True)
    item = _ITEM.row(uow.connection, barcode=barcode_of(barcode))
    if item is None:
        raise NoSuchCopy(barcode)
    if how is KioskReturns.OFF:
        raise NoReturnsHere
    if item[3] is not None:
        with suppress(NotFound):  # the desk took it back in this very moment
            note_dropped(uow, loan_id=item[3])
    code, title, status, loan_id, _ = item
    return SelfReturn(title, code, status, loan_id is not None, False)


def _believed(uow: UnitOfWork, told: datetime | None) -> datetime | None:
    """When the copy came, if it was an earlier day and a bin can have seen it; None: now."""
    if told is None or not takes_returns(uow) or not uow.now - BELIEVED <= told <= uow.now:
        return None
    return told if day_of(told, uow.zone) < uow.today else None


def _taken_back(uow: UnitOfWork, barcode: str, at: datetime | None, key: str | None) -> ReturnReceipt:
    try:
        return check_in(uow, barcode=barcode, returned_at=at, key=key, channel=Channel.SELF_CHECK)
    except ReturnBeforeIssue:  # a clock that is wrong, or a copy lent again since
        return check_in(uow, barcode=barcode, key=key, channel=Channel.SELF_CHECK)


def self_cancel(uow: UnitOfWork, *, barcode: str, member_id: int) -> SelfReturn:
    """Takes back what this machine lent the member a moment ago and could not hand out: the copy counts as never lent,
    and a reservation that it was for stands where it stood. Where more was done with the loan since, it ends.

    Raises:
        NotFound: it lent them no such copy within the last minutes.
    """
    uow.require(Permission.SELF_CHECK)
    row = _ITEM.row(uow.connection, barcode=barcode_of(barcode))
    since = uow.now - MOMENT
    if row is None or row[4] != member_id or _LENT_HERE.row(uow.connection, loan_id=row[3], since=since) is None:
        raise NotFound("loan of yours, made a moment ago")
    try:
        take_back(uow, _ISSUED.row(uow.connection, loan_id=row[3])[0], _against)
    except UndoOvertaken:
        check_in(uow, barcode=barcode, channel=Channel.SELF_CHECK)
    else:
        record(uow, "loan.self-undo", "account", member_id)
    code, title, status, *_ = _ITEM.row(uow.connection, barcode=row[0])
    return SelfReturn(title, code, status, True, True)


def _against(uow: UnitOfWork, act: Act) -> RuleBroken | None:
    return too_late(uow, act, MOMENT // timedelta(minutes=1))
