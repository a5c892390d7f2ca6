"""Terminals: machines that serve members by themselves. Made, rotated and revoked by admins; the secret is shown once.

Each has an account of the role terminal, which may do one thing: serve the member who stands before it.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts import limits
from lib.accounts.errors import WrongTerminal
from lib.accounts.fields import Faults, read_name, readable
from lib.accounts.models import Account, AccountStatus, AccountWord, SignInSession, Terminal
from lib.accounts.passwords import check_password, hash_password
from lib.accounts.people import Person, insert_person
from lib.accounts.sessions import TICKET_LIFE, end_all
from lib.audit.trail import record
from lib.kit.crypto import new_token, token_hash
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.tables import as_instant
from lib.kit.text import fold

MOST = 500
TOUCH_EVERY = timedelta(minutes=1)
DEVICE_DAYS = 365
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38}[a-z0-9])")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another when typed off a screen
_COLUMNS = (
    "SELECT t.id, t.account_id, a.name, t.kind, t.secret_hash, t.last_seen_at FROM terminal t"
    " JOIN account a ON a.id = t.account_id WHERE t.revoked_at IS NULL AND a.status = 'active'"
)
_BY_LOGIN = Statement(f"{_COLUMNS} AND t.login = :login")
_BY_ID = Statement(f"{_COLUMNS} AND t.id = :id")
_BIN = Statement("SELECT takes_returns FROM terminal WHERE account_id = :account_id")
_SEEN = Statement("UPDATE terminal SET last_seen_at = :now WHERE id = :id")


class TerminalKind(StrEnum):
    """A self-check machine that speaks SIP2, or a tablet with the kiosk page."""

    SIP2 = "sip2"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """A terminal without its secret. `takes_returns`: it has a return bin, what it takes back is returned at once."""

    id: int
    account_id: int
    name: str
    kind: TerminalKind
    login: str
    takes_returns: bool
    made_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TerminalLogin:
    """A terminal that proved itself; `mark` says under which secret, so that a new one ends what the old one began."""

    terminal_id: int
    actor: Actor
    mark: str


def make_terminal(
    installation: Installation,
    actor: Actor,
    *,
    kind: TerminalKind,
    login: str,
    name: str,
    takes_returns: bool = False,
) -> tuple[int, str]:
    """Makes a terminal; returns its id and its secret, which is shown this once and kept nowhere. `takes_returns`: it
    has a bin that only takes what it recognises, so that a copy it reports is there.

    Raises:
        Invalid: the login or the name is not as it should be, or the login is taken.
    """
    typed = login.strip().lower()
    faults = Faults()
    label = faults.read(lambda: read_name(name), "")
    if not _LOGIN.fullmatch(typed):
        faults.append(Fault("login", "Use 3 to 40 letters (a–z), digits, dots, dashes and underscores."))
    with begin_reading(installation, actor) as uow:
        uow.require(Permission.MANAGE_SETTINGS)
        faults.raise_any()
    secret = _new_secret()
    hashed = hash_password(secret)
    with begin_work(installation, actor) as uow:
        uow.require(Permission.MANAGE_SETTINGS)
        account_id = insert_person(uow, Person(name=label, role=Role.TERMINAL))
        values = {
            "account_id": account_id, "kind": TerminalKind(kind).value, "login": typed, "secret_hash": hashed,
            "takes_returns": takes_returns, "made_at": uow.now, "made_by": actor.account_id,
        }  # fmt: skip
        terminal_id = _insert(uow, values)
        record(
            uow, "terminal.make", "terminal", terminal_id, kind=TerminalKind(kind).value, takes_returns=takes_returns
        )
    return terminal_id, secret


def _insert(uow: UnitOfWork, values: dict[str, Any]) -> int:
    try:
        return uow.connection.execute(insert(Terminal).values(**values).returning(Terminal.id)).scalar_one()
    except IntegrityError as error:
        if broken_constraint(error) not in ("uq_terminal_login", "terminal.login"):
            raise
        raise Invalid(Fault("login", "Another terminal has this login, or had it. Choose another one.")) from error


def rotate_secret(installation: Installation, actor: Actor, terminal_id: int) -> str:
    """Gives a terminal a new secret, shown this once; what it began under the old one ends.

    Raises:
        NotFound: there is no such terminal, or it was revoked.
    """
    with begin_reading(installation, actor) as uow:
        uow.require(Permission.MANAGE_SETTINGS)
        _live(uow, terminal_id)
    secret = _new_secret()
    hashed = hash_password(secret)
    with begin_work(installation, actor) as uow:
        uow.require(Permission.MANAGE_SETTINGS)
        account_id = _live(uow, terminal_id)
        uow.connection.execute(update(Terminal).where(Terminal.id == terminal_id).values(secret_hash=hashed))
        end_all(uow, account_id, "new secret")
        record(uow, "terminal.rotate", "terminal", terminal_id)
    return secret


def set_returns(uow: UnitOfWork, terminal_id: int, takes_returns: bool) -> None:
    """Says whether a terminal has a bin, so that what it takes back is returned at once.

    Raises:
        NotFound: there is no such terminal, or it was revoked.
    """
    uow.require(Permission.MANAGE_SETTINGS)
    _live(uow, terminal_id)
    uow.connection.execute(update(Terminal).where(Terminal.id == terminal_id).values(takes_returns=takes_returns))
    record(uow, "terminal.returns", "terminal", terminal_id, takes_returns=takes_returns)


def takes_returns(uow: UnitOfWork) -> bool:
    """Whether the terminal that asks has a return bin."""
    uow.require(Permission.SELF_CHECK)
    row = _BIN.row(uow.connection, account_id=uow.actor.account_id)
    return bool(row and row[0])


def revoke_terminal(uow: UnitOfWork, terminal_id: int) -> None:
    """Ends a terminal for good: its connections with their next message, its devices at once.

    Raises:
        NotFound: there is no such terminal, or it was revoked before.
    """
    uow.require(Permission.MANAGE_SETTINGS)
    account_id = _live(uow, terminal_id)
    uow.connection.execute(update(Terminal).where(Terminal.id == terminal_id).values(revoked_at=uow.now))
    closed = {"status": AccountStatus.CLOSED, "version": Account.version + 1}
    uow.connection.execute(update(Account).where(Account.id == account_id).values(**closed))
    uow.connection.execute(delete(AccountWord).where(AccountWord.account_id == account_id))
    end_all(uow, account_id, "revoked")
    record(uow, "terminal.revoke", "terminal", terminal_id)


def _live(uow: UnitOfWork, terminal_id: int) -> int:
    found = uow.connection.scalar(
        select(Terminal.account_id).where(Terminal.id == terminal_id, Terminal.revoked_at.is_(None))
    )
    if found is None:
        raise NotFound("terminal")
    return int(found)


def terminals(uow: UnitOfWork) -> tuple[TerminalRow, ...]:
    """Every terminal, those in use first, by name; at most 500."""
    uow.require(Permission.MANAGE_SETTINGS)
    kept = Terminal
    rows = uow.connection.execute(
        select(
            kept.id, kept.account_id, Account.name, kept.kind, kept.login, kept.takes_returns, kept.made_at,
            kept.last_seen_at, kept.revoked_at,
        )
        .join(Account, Account.id == kept.account_id)
        .order_by(kept.revoked_at.is_not(None), Account.name, kept.id)
        .limit(MOST)
    )  # fmt: skip
    return tuple(TerminalRow(row[0], row[1], row[2], TerminalKind(row[3]), *row[4:]) for row in rows)


def prove_terminal(
    installation: Installation, *, login: str, secret: str, kind: TerminalKind, address: str
) -> TerminalLogin:
    """Checks a terminal's login and secret. Each try is counted before it is looked at; an unknown login takes as
    long as a known one.

    Raises:
        TooManyAttempts, WrongTerminal.
    """
    typed = fold(readable(login, 64))
    with begin_reading(installation, GUEST) as uow:
        row = _BY_LOGIN.row(uow.connection, login=typed)
    with begin_work(installation, GUEST) as uow:
        attempt = limits.take(uow, "terminal", limits.account_key(uow, None, f"terminal:{typed}"), address)
    if not check_password(row[4] if row else None, secret.strip()) or row is None or row[3] != kind:
        raise WrongTerminal
    with begin_work(installation, _actor(row)) as uow:
        limits.succeed(uow, attempt)
        _SEEN.count(uow.connection, now=uow.now, id=row[0])
        record(uow, "terminal.login", "terminal", row[0])
    return TerminalLogin(row[0], _actor(row), token_hash(row[4]))


def still_there(installation: Installation, login: TerminalLogin) -> bool:
    """Whether a terminal may go on: it was not revoked and has the same secret. Notes the visit once a minute."""
    with begin_reading(installation, login.actor) as uow:
        row, now = _BY_ID.row(uow.connection, id=login.terminal_id), uow.now
    if row is None or token_hash(row[4]) != login.mark:
        return False
    seen = as_instant(row[5])
    if seen is None or now - seen >= TOUCH_EVERY:
        with begin_work(installation, login.actor) as uow:
            _SEEN.count(uow.connection, now=uow.now, id=login.terminal_id)
    return True


def open_kiosk(installation: Installation, *, login: str, secret: str, address: str, device: str) -> str:
    """Signs a device in as a kiosk for a year; returns the one-time ticket for its cookie, good for 30 seconds.

    Raises:
        TooManyAttempts, WrongTerminal.
    """
    proved = prove_terminal(installation, login=login, secret=secret, kind=TerminalKind.KIOSK, address=address)
    ticket = new_token()
    with begin_work(installation, proved.actor) as uow:
        session_id = uow.connection.execute(
            insert(SignInSession)
            .values(
                account_id=proved.actor.account_id, ticket_hash=token_hash(ticket),
                ticket_expires_at=uow.now + TICKET_LIFE, created_at=uow.now, last_seen_at=uow.now,
                expires_at=uow.now + timedelta(days=DEVICE_DAYS), keep=True, device=readable(device, 200),
                address=readable(address, 64),
            )
            .returning(SignInSession.id)
        ).scalar_one()  # fmt: skip
        record(uow, "session.start", "session", session_id)
    return ticket


def _actor(row: Any) -> Actor:
    return Actor(row[1], Role.TERMINAL, row[2])


def _new_secret() -> str:
    """Five groups of five letters and digits (123 bits), short enough to be typed into a machine once."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5))
