"""A member's borrowing history: theirs to keep, to switch off, or to erase. Statistics survive.

Whoever borrows by themselves leaves an audit row that names them and an instant, but no copy. A loan that was cut
keeps its days and no instant, so that it cannot be found again by that row.
"""

from collections.abc import Sequence
from datetime import timedelta

from lib.access.once import forget_person
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.hold_history import cut_holds
from lib.circulation.settings import CirculationSettings
from lib.kit.clock import day_of, start_of
from lib.kit.database import Statement
from lib.kit.tables import as_day, as_instant

NOBODY = 0
MOST = 5000
DAY = timedelta(days=1)
# Nothing is owed any more, and nothing was for a day: until then an act about it can be undone.
_SETTLED = (
    "returned_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM charge g WHERE g.loan_id = loan.id AND (g.balance_minor <> 0"
    " OR g.state = 'accruing'"
    " OR (SELECT max(e.at) FROM ledger_entry e WHERE e.charge_id = g.id) > :settled_before))"
)
_OWN = Statement(f"SELECT id FROM loan WHERE account_id = :account_id AND {_SETTLED}")
# The night leaves a lost copy's loan alone while its replacement could be given back to somebody.
_OF_MEMBERS = Statement(
    f"SELECT id FROM loan WHERE account_id IN (:*ids) AND {_SETTLED}"
    " AND (lost_at IS NULL OR found_at IS NOT NULL OR lost_at < :lost_before) ORDER BY id LIMIT :most"
)
# What an act keeps for undoing names holds and charges, which name their member.
_CUT_ACTS = "UPDATE desk_act SET account_id = NULL, hold_id = NULL, before = '{}', after = '{}', actor_id = CASE WHEN"
_CUT_LOAN = "UPDATE loan SET account_id = NULL, issued_by = CASE WHEN"
_CUT_ACTS_OF = Statement(f"{_CUT_ACTS} actor_id = :account_id THEN :nobody ELSE actor_id END WHERE loan_id = :loan_id")
_CUT_LOAN_OF = Statement(
    f"{_CUT_LOAN} issued_by = :account_id THEN NULL ELSE issued_by END WHERE id = :loan_id AND returned_at IS NOT NULL"
)
_CUT_ALL_ACTS = Statement(
    f"{_CUT_ACTS} actor_id = (SELECT l.account_id FROM loan l WHERE l.id = desk_act.loan_id) THEN :nobody"
    " ELSE actor_id END WHERE loan_id IN (:*ids)"
)
_CUT_ALL_LOANS = Statement(
    f"{_CUT_LOAN} issued_by = account_id THEN NULL ELSE issued_by END WHERE id IN (:*ids) AND returned_at IS NOT NULL"
)
_CUT_CHARGES = Statement(
    "UPDATE charge SET loan_id = NULL, copy_id = NULL WHERE loan_id IN (:*ids) AND state = 'final'"
)
_CUT_DAMAGE = Statement(
    "UPDATE charge SET copy_id = NULL WHERE account_id IN (:*ids) AND loan_id IS NULL AND copy_id IS NOT NULL"
    " AND balance_minor = 0 AND made_at < :settled_before"
)
_MOMENTS = Statement("SELECT id, issued_on, returned_on, lost_at FROM loan WHERE id IN (:*ids) AND account_id IS NULL")
_BLUR = Statement("UPDATE loan SET issued_at = :issued, returned_at = :returned, lost_at = :lost WHERE id = :loan_id")
_ACT_MOMENTS = Statement("SELECT id, at FROM desk_act WHERE loan_id IN (:*ids) AND account_id IS NULL")
_BLUR_ACT = Statement("UPDATE desk_act SET at = :at WHERE id = :act_id")
_NAME = Statement("SELECT name FROM account WHERE id = :account_id")
_KEEPS = Statement("SELECT keep_history FROM account WHERE id = :account_id")
_KEEP = Statement("UPDATE account SET keep_history = :keep WHERE id = :account_id")


def keeps_history(uow: UnitOfWork, account_id: int) -> bool:
    """Whether this member wants their returned loans remembered."""
    row = _KEEPS.row(uow.connection, account_id=account_id)
    return row is not None and bool(row[0])


def cut_link(uow: UnitOfWork, *, loan_id: int, account_id: int) -> None:
    """Forgets who had a returned loan that cost nothing, in the loan and in the book of acts."""
    _CUT_ACTS_OF.count(uow.connection, loan_id=loan_id, account_id=account_id, nobody=NOBODY)
    _CUT_LOAN_OF.count(uow.connection, loan_id=loan_id, account_id=account_id)
    blur(uow, [loan_id])


def blur(uow: UnitOfWork, loan_ids: Sequence[int]) -> None:
    """Leaves of loans that were cut, and of the acts about them, the days and no instants."""
    zone = uow.zone
    for loan_id, issued_on, returned_on, lost_at in _MOMENTS.rows(uow.connection, ids=loan_ids):
        issued, returned, lost = as_day(issued_on), as_day(returned_on), as_instant(lost_at)
        assert issued is not None
        assert returned is not None
        _BLUR.count(
            uow.connection, issued=start_of(issued, zone), returned=start_of(returned, zone), loan_id=loan_id,
            lost=start_of(day_of(lost, zone), zone) if lost else None,
        )  # fmt: skip
    for act_id, moment in _ACT_MOMENTS.rows(uow.connection, ids=loan_ids):
        at = as_instant(moment)
        assert at is not None
        _BLUR_ACT.count(uow.connection, at=start_of(day_of(at, zone), zone), act_id=act_id)


def cut_links(uow: UnitOfWork, loan_ids: Sequence[int]) -> None:
    """Forgets who had these returned loans, also in what they cost: the ledger keeps who paid, not for what title."""
    _CUT_ALL_ACTS.count(uow.connection, ids=loan_ids, nobody=NOBODY)
    _CUT_CHARGES.count(uow.connection, ids=loan_ids)
    _CUT_ALL_LOANS.count(uow.connection, ids=loan_ids)
    blur(uow, loan_ids)


def settled_loans(uow: UnitOfWork, member_ids: Sequence[int]) -> list[int]:
    """Loans of these members (at most 5,000) whose money has been settled for a day."""
    kept = uow.settings(CirculationSettings).refund_found_days
    rows = _OF_MEMBERS.rows(
        uow.connection, ids=member_ids, settled_before=uow.now - DAY, lost_before=uow.now - DAY * (kept + 1), most=MOST
    )
    return [row[0] for row in rows]


def cut_damage(uow: UnitOfWork, member_ids: Sequence[int]) -> int:
    """Forgets for which copies these members were charged by hand, a day after it was settled; tells how many."""
    return _CUT_DAMAGE.count(uow.connection, ids=member_ids, settled_before=uow.now - DAY)


def erase_history(uow: UnitOfWork) -> int:
    """Forgets the actor's returned loans and ended holds; tells how many loans. Loans that cost something stay until
    a day after it is settled. What a lost copy cost is then not given back any more if it is found."""
    uow.require(Permission.USE_ACCOUNT)
    account_id = uow.actor.account_id
    assert account_id is not None
    loans = [row[0] for row in _OWN.rows(uow.connection, account_id=account_id, settled_before=uow.now - DAY)]
    cut_links(uow, loans)
    cut_damage(uow, [account_id])
    cut_holds(uow, [account_id], at_once=True)
    cut = len(loans)
    forget_person(uow, account_id, _NAME.row(uow.connection, account_id=account_id)[0])
    record(uow, "history.erase", "account", account_id, loans=cut)
    return cut


def keep_history(uow: UnitOfWork, keep: bool) -> None:
    """Switches keeping on or off. Off: from now on the link is cut at return, where no fine stands."""
    uow.require(Permission.USE_ACCOUNT)
    _KEEP.count(uow.connection, keep=keep, account_id=uow.actor.account_id)
    record(uow, "history.keep", "account", uow.actor.account_id, keep=keep)
