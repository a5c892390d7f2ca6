"""Renewing a membership: it lasts as long again as its type says."""

from datetime import date

from sqlalchemy import select, update

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import Account, MembershipType
from lib.accounts.policy import membership_end
from lib.accounts.staff import require_over
from lib.audit.trail import record
from lib.kit.errors import NotFound
from lib.kit.tables import as_day


def renew_membership(uow: UnitOfWork, account_id: int, *, key: str | None = None) -> date | None:
    """Renews from the last day, or from today where it has passed; returns the new last day, None for no end. The
    same `key` again gives the same answer and renews nothing more.

    Raises:
        NotFound: no such member. Forbidden: staff are an admin's business.
    """
    uow.require(Permission.EDIT_MEMBERS)
    asked = fingerprint("renew-membership", account_id) if key else ""
    if key and (done := recall(uow, key, asked)):
        return as_day(done["ends_on"])
    wanted = select(Account.role, Account.membership_ends_on, MembershipType.months)
    row = uow.connection.execute(
        wanted.outerjoin(MembershipType, MembershipType.id == Account.membership_type_id)
        .where(Account.id == account_id)
        .with_for_update(of=Account)
    ).first()
    if row is None:
        raise NotFound("member")
    require_over(uow, row.role)
    was = row.membership_ends_on
    ends_on = None if was is None else membership_end(max(was, uow.today), row.months)
    uow.connection.execute(
        update(Account).where(Account.id == account_id).values(membership_ends_on=ends_on, version=Account.version + 1)
    )
    record(uow, "member.renew", "account", account_id, before=was, after=ends_on)
    if key:
        remember(uow, key, asked, {"ends_on": ends_on.isoformat() if ends_on else None})
    return ends_on
