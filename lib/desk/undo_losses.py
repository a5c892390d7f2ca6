"""Taking back that a copy was declared lost, missed, claimed returned, or mended."""

from lib.access.work import UnitOfWork
from lib.catalogue.copies import STATUS_WORDS
from lib.catalogue.models import CopyStatus
from lib.circulation.acts import CLAIM, INSPECT, LOST, Act, Undoing
from lib.circulation.inspections import back_on_hold_shelf, offer_overtaken, take_offer_back
from lib.circulation.losses import take_back_lost_notice
from lib.circulation.postings import money_overtaken, take_money_back
from lib.desk.undo_loans import copy_as_before, copy_overtaken, loan_overtaken, reopen_loan, state_of
from lib.kit.database import Statement
from lib.kit.tables import as_day

_CLAIM = Statement("UPDATE loan SET claimed_on = :day WHERE id = :loan_id AND returned_at IS NULL")


def _loss_overtaken(uow: UnitOfWork, act: Act) -> str:
    state = state_of(uow, act)
    return loan_overtaken(act, state) or copy_overtaken(act, state) or money_overtaken(uow, act)


def _undo_loss(uow: UnitOfWork, act: Act) -> str:
    copy_as_before(uow, act)
    reopen_loan(uow, act)
    take_money_back(uow, act)
    if act.account_id and act.loan_id:
        take_back_lost_notice(uow, account_id=act.account_id, loan_id=act.loan_id)
    return f"“{act.title}” is on loan to {act.member} again."


def _claim_overtaken(uow: UnitOfWork, act: Act) -> str:
    state = state_of(uow, act)
    if what := loan_overtaken(act, state):
        return what
    return money_overtaken(uow, act) if state.open else "the copy has come back since"


def _undo_claim(uow: UnitOfWork, act: Act) -> str:
    day = as_day(act.before["claimed_on"])
    _CLAIM.count(uow.connection, day=day, loan_id=act.loan_id)
    take_money_back(uow, act)
    words = "is claimed to be returned again" if day else "is not claimed to be returned any more"
    return f"“{act.title}” {words}."


def _inspection_overtaken(uow: UnitOfWork, act: Act) -> str:
    return copy_overtaken(act, state_of(uow, act)) or offer_overtaken(uow, act)


def _undo_inspection(uow: UnitOfWork, act: Act) -> str:
    take_offer_back(uow, act)
    copy_as_before(uow, act)
    back_on_hold_shelf(uow, act)
    return f"“{act.title}” is {STATUS_WORDS[CopyStatus(act.before['copy_status'])]} again."


UNDO_LOSSES: dict[str, Undoing] = {
    LOST: Undoing(_loss_overtaken, _undo_loss),
    CLAIM: Undoing(_claim_overtaken, _undo_claim),
    INSPECT: Undoing(_inspection_overtaken, _undo_inspection),
}
