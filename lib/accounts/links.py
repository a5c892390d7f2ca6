"""Links by mail: 256 bits, kept as hashes, good for one hour and one use."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, insert, select, update

from lib.access.work import UnitOfWork
from lib.accounts.errors import LinkInvalid
from lib.accounts.models import LinkKind, MailedLink
from lib.kit.crypto import new_token, token_hash

LIFE = timedelta(hours=1)
PAGES = {
    LinkKind.VERIFY_EMAIL: "confirm",
    LinkKind.CHANGE_EMAIL: "confirm",
    LinkKind.RESET_PASSWORD: "reset",
    LinkKind.FIRST_ADMIN: "welcome",
}


@dataclass(frozen=True, slots=True)
class UsedLink:
    """What a link stood for; `payload` is opened."""

    account_id: int | None
    kind: LinkKind
    payload: str | None


def make_link(uow: UnitOfWork, kind: LinkKind, account_id: int | None, payload: str | None = None) -> str:
    """Makes a link and voids earlier ones of its kind; returns the token, which is kept nowhere."""
    token = new_token()
    mine = MailedLink.account_id.is_(None) if account_id is None else MailedLink.account_id == account_id
    uow.connection.execute(
        update(MailedLink)
        .where(mine, MailedLink.kind == kind, MailedLink.used_at.is_(None), MailedLink.void_at.is_(None))
        .values(void_at=uow.now)
    )
    uow.connection.execute(
        insert(MailedLink).values(
            account_id=account_id, kind=kind, token_hash=token_hash(token), created_at=uow.now,
            payload=uow.installation.keys.seal(payload), expires_at=uow.now + LIFE,
        )
    )  # fmt: skip
    return token


def url_of(uow: UnitOfWork, kind: LinkKind, token: str) -> str:
    """The address under which a link is opened."""
    return f"{uow.installation.config.base_url}/{PAGES[kind]}?token={token}"


def mark_of(token: str) -> str:
    """Tells the mail of one link from that of another, without saying the link."""
    return token_hash(token)[:16]


def owner_of_link(uow: UnitOfWork, token: str, *kinds: LinkKind) -> int | None:
    """The account of a link that could be used now; it stays good.

    Raises:
        LinkInvalid.
    """
    row = uow.connection.execute(select(MailedLink.account_id).where(*_good(uow, token, kinds))).first()
    if row is None:
        raise LinkInvalid
    return row[0]


def _good(uow: UnitOfWork, token: str, kinds: tuple[LinkKind, ...]) -> tuple[ColumnElement[bool], ...]:
    typed = token.encode("utf-8", "replace").decode() if len(token) <= 200 else ""
    return (
        MailedLink.token_hash == token_hash(typed), MailedLink.kind.in_(kinds), MailedLink.used_at.is_(None),
        MailedLink.void_at.is_(None), MailedLink.expires_at > uow.now,
    )  # fmt: skip


def use_link(uow: UnitOfWork, token: str, *kinds: LinkKind) -> UsedLink:
    """Uses a link up, in the caller's transaction: if that fails, the link is good for another try.

    Raises:
        LinkInvalid: used, void, too old, of another kind, or no link at all.
    """
    row = uow.connection.execute(
        update(MailedLink)
        .where(*_good(uow, token, kinds))
        .values(used_at=uow.now)
        .returning(MailedLink.account_id, MailedLink.kind, MailedLink.payload)
    ).first()
    if row is None:
        raise LinkInvalid
    return UsedLink(row[0], row[1], uow.installation.keys.open(row[2]))


def void_links(uow: UnitOfWork, account_id: int) -> None:
    """Every open link of an account ends: after a sign-in, a new password, or disabling."""
    uow.connection.execute(
        update(MailedLink)
        .where(MailedLink.account_id == account_id, MailedLink.used_at.is_(None), MailedLink.void_at.is_(None))
        .values(void_at=uow.now)
    )
