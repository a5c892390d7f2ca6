"""Mailing a link to choose a password: to somebody who forgot it, or whose account was made for them."""

from typing import Any

from sqlalchemy import select

from lib.access.work import UnitOfWork
from lib.accounts.links import make_link, mark_of, url_of
from lib.accounts.models import Account, LinkKind
from lib.notices.outbox import queue


def mail_password_link(uow: UnitOfWork, row: Any, kind: str) -> None:
    """Mails a one-hour link to the account of this row (id, name, email, language), worded as `kind`."""
    token = make_link(uow, LinkKind.RESET_PASSWORD, row.id)
    queue(
        uow, account_id=row.id, address=row.email, kind=kind, subject_key=mark_of(token), period="",
        language=row.language, facts={"name": row.name, "link": url_of(uow, LinkKind.RESET_PASSWORD, token)},
    )  # fmt: skip


def invite_to_choose_password(uow: UnitOfWork, account_id: int) -> None:
    """Mails somebody whose account was made for them a link to choose a password; nothing without an address."""
    kept = Account
    row = uow.connection.execute(
        select(kept.id, kept.name, kept.email, kept.language).where(kept.id == account_id)
    ).one()
    if row.email:
        mail_password_link(uow, row, "choose-password")
