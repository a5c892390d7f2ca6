"""Limits on guessing, counted in the database: attempts of one account, one address, and over all.

Figures of trust.md: 10 failures in 5 minutes per account and per address, 1,000 over all; PINs 5 in 15
minutes per card; reset mails 5 a day.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, update

from lib.access.work import UnitOfWork
from lib.accounts.models import SignInAttempt
from lib.kit.addresses import counted_as
from lib.kit.database import Statement
from lib.kit.errors import TooManyAttempts
from lib.kit.tables import as_instant

SHORT = timedelta(minutes=5)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts that count within `within`; `column` None counts everybody's."""

    column: str | None
    most: int
    within: timedelta


_GUESSES = (Limit("account_key", 10, SHORT), Limit("address", 10, SHORT), Limit(None, 1000, SHORT))
LIMITS: dict[str, tuple[Limit, ...]] = {
    "password": _GUESSES,
    # A terminal's address is all its readers' address: what one of them guesses must not stop the others.
    "pin": (Limit("account_key", 5, QUARTER), Limit("address", 60, SHORT), Limit(None, 1000, SHORT)),
    "terminal": _GUESSES,
    # Cards blocked by one machine (its address is the machine): more than a bad day brings is mischief.
    "block": (Limit("address", 5, DAY),),
    "reset": (Limit("account_key", 5, DAY), Limit("address", 20, SHORT), Limit(None, 1000, SHORT)),
    "verify": (Limit("account_key", 5, DAY), Limit(None, 1000, SHORT)),
    "register": (Limit("address", 60, SHORT), Limit(None, 1000, SHORT)),
}
_TIMES = {
    column: Statement(
        "SELECT at FROM sign_in_attempt WHERE kind = :kind AND at > :since AND succeeded = :no"
        + (f" AND {column} = :value" if column else "")
        + " ORDER BY at DESC LIMIT :most"
    )
    for column in (None, "account_key", "address")
}
_FORGIVE = Statement(
    "DELETE FROM sign_in_attempt WHERE kind = :kind AND account_key = :account_key AND succeeded = :no"
)
_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def account_key(uow: UnitOfWork, account_id: int | None, typed: str) -> str:
    """What attempts are counted under: the account however it was named, else a keyed hash of what was typed."""
    name = f"account:{account_id}" if account_id is not None else f"typed:{typed}"
    return uow.installation.keys.fingerprint(name)


def take(uow: UnitOfWork, kind: str, key: str, address: str) -> int:
    """Counts an attempt before it is made, so that a hundred at once cannot slip through; returns its id.

    It counts as failed until `succeed` says otherwise.

    Raises:
        TooManyAttempts: a limit of this kind is reached; nothing is counted then.
    """
    check(uow, kind, key, address)
    return note_failure(uow, kind, key, address)


def check(uow: UnitOfWork, kind: str, key: str, address: str) -> None:
    """Looks whether another attempt is allowed.

    Raises:
        TooManyAttempts: with the seconds until the next attempt.
    """
    values = {"account_key": key, "address": counted_as(address)}
    if uow.connection.dialect.name == "postgresql":
        for lock in sorted(values.items()):
            _LOCK.row(uow.connection, key=f"{kind}:{lock}")
    waits = [_wait(uow, kind, limit, values.get(limit.column or "")) for limit in LIMITS[kind]]
    if longest := max(waits):
        raise TooManyAttempts(retry_after_s=longest)


def _wait(uow: UnitOfWork, kind: str, limit: Limit, value: str | None) -> int:
    """Seconds until the oldest of the last attempts falls out of the window; 0 when there is room."""
    given = {"value": value} if limit.column else {}
    times = _TIMES[limit.column].rows(
        uow.connection, kind=kind, since=uow.now - limit.within, no=False, most=limit.most, **given
    )
    if len(times) < limit.most:
        return 0
    oldest = as_instant(times[-1][0])
    return max(1, int((oldest + limit.within - uow.now).total_seconds()) + 1) if oldest else 0


def note_failure(uow: UnitOfWork, kind: str, key: str, address: str) -> int:
    """Counts an attempt as failed; returns its id."""
    values = {"kind": kind, "account_key": key, "address": counted_as(address), "at": uow.now, "succeeded": False}
    return uow.connection.execute(insert(SignInAttempt).values(**values).returning(SignInAttempt.id)).scalar_one()


def is_closed(uow: UnitOfWork, kind: str, key: str) -> bool:
    """Whether what is counted under this key alone stands against another attempt."""
    mine = (limit for limit in LIMITS[kind] if limit.column == "account_key")
    return any(_wait(uow, kind, limit, key) for limit in mine)


def forgive(uow: UnitOfWork, kind: str, key: str) -> int:
    """Forgets the failed attempts of a key; returns how many."""
    return _FORGIVE.count(uow.connection, kind=kind, account_key=key, no=False)


def succeed(uow: UnitOfWork, attempt_id: int) -> None:
    """An attempt that was right does not count against anybody."""
    uow.connection.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))
