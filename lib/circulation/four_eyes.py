"""What staff may not decide about themselves: forgiving their own debts, overriding their own blocks."""

from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.circulation.errors import ForOneself


def by_somebody_else(uow: UnitOfWork, account_id: int, what: str) -> None:
    """Lets through whoever decides about another, and admins, who answer for the library. `what`: "charges".

    Raises:
        ForOneself.
    """
    if account_id == uow.actor.account_id and uow.actor.role is not Role.ADMIN:
        raise ForOneself(what=what)
