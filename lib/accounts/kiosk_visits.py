"""Who stands at a kiosk now: a row beside the device's session, never in the screen's own memory.

A visit ends by itself when nobody touched the screen for the seconds that the settings say, whether or not the
screen is still there to say so.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, update

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import KioskVisit
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.kit.database import Statement
from lib.kit.errors import Forbidden
from lib.kit.tables import as_instant

GRACE = timedelta(seconds=10)  # the screen's own countdown comes first; this one is for a screen that went away
_NOW = Statement(
    "SELECT v.account_id, a.name, v.seen_at FROM kiosk_visit v JOIN account a ON a.id = v.account_id"
    " WHERE v.session_id = :session_id AND a.status IN ('active', 'suspended')"
)
_SEEN = Statement("UPDATE terminal SET last_seen_at = :now WHERE account_id = :account_id")


@dataclass(frozen=True, slots=True)
class Visit:
    """The member at a device."""

    account_id: int
    name: str


def begin_visit(uow: UnitOfWork, account_id: int) -> None:
    """A member who proved who they are (pins.prove_member) steps up; whoever stood there before is gone.

    Raises:
        Forbidden: it is no kiosk that asks.
    """
    device = _device(uow)
    uow.connection.execute(delete(KioskVisit).where(KioskVisit.session_id == device))
    uow.connection.execute(
        insert(KioskVisit).values(session_id=device, account_id=account_id, began_at=uow.now, seen_at=uow.now)
    )
    _SEEN.count(uow.connection, now=uow.now, account_id=uow.actor.account_id)
    record(uow, "kiosk.visit", "account", account_id)


def end_visit(uow: UnitOfWork) -> None:
    """The member goes; also when nobody was there."""
    uow.connection.execute(delete(KioskVisit).where(KioskVisit.session_id == _device(uow)))


def visit_now(uow: UnitOfWork) -> Visit | None:
    """Who stands at the device that asks, or None: nobody, or nobody touched it for too long."""
    row = _NOW.row(uow.connection, session_id=_device(uow))
    if row is None:
        return None
    seen = as_instant(row[2])
    idle = timedelta(seconds=uow.settings(AccountSettings).kiosk_idle_seconds) + GRACE
    return Visit(row[0], row[1]) if seen is not None and uow.now - seen < idle else None


def stay(uow: UnitOfWork) -> None:
    """The member is still there; a visit that is over stays over."""
    if visit_now(uow) is None:
        end_visit(uow)
        return
    uow.connection.execute(
        update(KioskVisit).where(KioskVisit.session_id == uow.actor.session_id).values(seen_at=uow.now)
    )


def _device(uow: UnitOfWork) -> int:
    uow.require(Permission.SELF_CHECK)
    if uow.actor.session_id is None:
        raise Forbidden
    return uow.actor.session_id
