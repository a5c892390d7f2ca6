"""Signing in on a screen: a proved password becomes a session and a one-time ticket for its cookie."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.credentials import accept, prove
from lib.accounts.models import SignInSession
from lib.accounts.policy import keeps_signed_in
from lib.accounts.sessions import TICKET_LIFE
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.kit.crypto import new_token, token_hash


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who proved who they are. The ticket is good once, for 30 seconds."""

    account_id: int
    ticket: str
    name: str
    role: Role


def sign_in(
    installation: Installation, *, login: str, password: str, address: str, device: str, keep: bool = False
) -> SignedIn:
    """Signs in with user name, e-mail or card number; `keep` counts for members only.

    Raises:
        WrongCredentials: the name or the password is wrong, without saying which.
        TooManyAttempts: with the seconds to wait.
        CannotSignIn: the password is right, but the address is not confirmed, the account not approved, …
    """
    proof = prove(installation, login, password, address)
    ticket = new_token()
    with begin_work(installation, Actor(proof.account_id, proof.role, proof.name)) as uow:
        accept(uow, proof)
        limits = uow.settings(AccountSettings)
        kept = keeps_signed_in(proof.role, keep)
        life = timedelta(days=limits.keep_days) if kept else timedelta(hours=limits.session_hours)
        session_id = uow.connection.execute(
            insert(SignInSession)
            .values(
                account_id=proof.account_id, ticket_hash=token_hash(ticket), ticket_expires_at=uow.now + TICKET_LIFE,
                created_at=uow.now, last_seen_at=uow.now, expires_at=uow.now + life, keep=kept,
                device=_shortened(device, 200), address=_shortened(address, 64),
            )
            .returning(SignInSession.id)
        ).scalar_one()  # fmt: skip
        record(uow, "session.start", "session", session_id)
    return SignedIn(proof.account_id, ticket, proof.name, proof.role)


def _shortened(text: str, most: int) -> str:
    """A header as it may be kept: printable and short."""
    return "".join(char for char in text if char.isprintable())[:most]
