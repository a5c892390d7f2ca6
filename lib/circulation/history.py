"""A member's borrowing history: theirs to keep, to switch off, or to erase. Statistics survive."""

from datetime import timedelta

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.kit.database import Statement

NOBODY = 0
_WHICH = "account_id = :account_id AND returned_at IS NOT NULL AND (fine_settled = 0 OR returned_at < :settled_before)"
_CUT_ACTS = Statement(
    "UPDATE desk_act SET account_id = NULL, actor_id = CASE WHEN actor_id = :account_id THEN :nobody ELSE actor_id END"
    " WHERE loan_id = :loan_id"
)
_CUT_LOAN = Statement(
    "UPDATE loan SET account_id = NULL, issued_by = CASE WHEN issued_by = :account_id THEN NULL ELSE issued_by END"
    " WHERE id = :loan_id AND returned_at IS NOT NULL"
)
_OWN_ACTS = Statement(
    "UPDATE desk_act SET account_id = NULL, actor_id = CASE WHEN actor_id = :account_id THEN :nobody ELSE actor_id END"
    f" WHERE loan_id IN (SELECT id FROM loan WHERE {_WHICH})"
)
_OWN_LOANS = Statement(
    "UPDATE loan SET account_id = NULL, issued_by = CASE WHEN issued_by = :account_id THEN NULL ELSE issued_by END"
    f" WHERE {_WHICH}"
)
_OWN_KEYS = Statement("DELETE FROM once_key WHERE owner = :owner")
# Answers that a program of the desk may ask for again; there are those of two days, and erasing is rare.
_KEYS_ABOUT = Statement(
    "DELETE FROM once_key WHERE CAST(result AS TEXT) LIKE :inside OR CAST(result AS TEXT) LIKE :last"
)
_KEEPS = Statement("SELECT keep_history FROM account WHERE id = :account_id")
_KEEP = Statement("UPDATE account SET keep_history = :keep WHERE id = :account_id")


def keeps_history(uow: UnitOfWork, account_id: int) -> bool:
    """Whether this member wants their returned loans remembered."""
    row = _KEEPS.row(uow.connection, account_id=account_id)
    return row is not None and bool(row[0])


def cut_link(uow: UnitOfWork, *, loan_id: int, account_id: int) -> None:
    """Forgets who had a returned loan, in the loan and in the book of acts."""
    _CUT_ACTS.count(uow.connection, loan_id=loan_id, account_id=account_id, nobody=NOBODY)
    _CUT_LOAN.count(uow.connection, loan_id=loan_id, account_id=account_id)


def erase_history(uow: UnitOfWork) -> int:
    """Forgets the actor's returned loans; tells how many. Loans returned with a fine stay for a day."""
    uow.require(Permission.USE_ACCOUNT)
    account_id, day_ago = uow.actor.account_id, uow.now - timedelta(days=1)
    which = {"account_id": account_id, "settled_before": day_ago}
    _OWN_ACTS.count(uow.connection, nobody=NOBODY, **which)
    cut = _OWN_LOANS.count(uow.connection, **which)
    _OWN_KEYS.count(uow.connection, owner=f"{uow.actor.role}:{account_id}")
    about = f'%"member_id": {account_id}'
    _KEYS_ABOUT.count(uow.connection, inside=f"{about},%", last=f"{about}}}%")
    record(uow, "history.erase", "account", account_id, loans=cut)
    return cut


def keep_history(uow: UnitOfWork, keep: bool) -> None:
    """Switches keeping on or off. Off: from now on the link is cut at return, where no fine stands."""
    uow.require(Permission.USE_ACCOUNT)
    _KEEP.count(uow.connection, keep=keep, account_id=uow.actor.account_id)
    record(uow, "history.keep", "account", uow.actor.account_id, keep=keep)
