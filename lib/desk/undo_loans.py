"""Taking back an issue, a renewal or a return: loan, copy, queue, fines and unsent notices stand as before."""

from dataclasses import dataclass
from datetime import date

from lib.access.work import UnitOfWork
from lib.circulation.acts import ISSUE, RENEW, RETURN, Act, Undoing
from lib.circulation.capture import holds_as_before_issue
from lib.circulation.closure_entries import calendar_of
from lib.circulation.fines import set_fine
from lib.circulation.history import cut_link, keeps_history
from lib.circulation.inspections import back_on_hold_shelf, offer_overtaken, take_offer_back
from lib.circulation.policy import due_day
from lib.circulation.postings import money_overtaken, take_money_back
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.tables import as_day

_STATE = Statement(
    "SELECT c.status, c.condition, c.note, l.account_id, l.due_on, l.renewals, l.returned_at,"
    " (SELECT max(id) FROM desk_act WHERE loan_id = l.id AND undone_at IS NULL),"
    " (SELECT id FROM loan WHERE copy_id = c.id AND returned_at IS NULL),"
    " (SELECT max(id) FROM loan WHERE copy_id = c.id AND undone_at IS NULL), t.archived_at IS NOT NULL"
    " FROM copy c JOIN title t ON t.id = c.title_id LEFT JOIN loan l ON l.id = :loan_id WHERE c.id = :copy_id"
)
_TAKE_BACK = Statement(
    "UPDATE loan SET returned_at = :now, returned_on = :day, returned_by = :by, undone_at = :now"
    " WHERE id = :loan_id AND returned_at IS NULL"
)
_REOPEN = Statement(
    "UPDATE loan SET returned_at = NULL, returned_on = NULL, returned_by = NULL, lost_at = NULL,"
    " claimed_on = :claimed_on, fine_settled = :fine WHERE id = :loan_id AND returned_at IS NOT NULL"
)
_UNRENEW = Statement(
    "UPDATE loan SET due_on = :due_on, renewals = :renewals, fine_settled = :fine, claimed_on = :claimed_on,"
    " max_renewals = coalesce(:max_renewals, max_renewals) WHERE id = :loan_id AND returned_at IS NULL"
)
_LOSE_AGAIN = Statement("UPDATE loan SET found_at = NULL, fine_settled = :fine WHERE id = :loan_id")
_STATUS = Statement("UPDATE copy SET status = :status WHERE id = :copy_id")
_DESCRIBE = Statement(
    "UPDATE copy SET status = :status, condition = :condition, note = :note, version = version + 1 WHERE id = :copy_id"
)
_MEMBERSHIP = Statement("SELECT membership_ends_on FROM account WHERE id = :account_id")
FORGOTTEN = "this member keeps no history, so nothing tells whose loan it was. Issue the copy anew"
_UNCOUNT = Statement("UPDATE title SET loan_count = loan_count - 1 WHERE id = :title_id")


@dataclass(frozen=True, slots=True)
class State:
    """What stands now, of an act's copy and of its loan."""

    status: str
    condition: str
    note: str
    account_id: int | None
    due_on: date | None
    renewals: int | None
    open: bool
    last_act: int | None
    open_loan: int | None
    last_loan: int | None
    archived: bool


def state_of(uow: UnitOfWork, act: Act) -> State:
    """What stands now, where the act was about."""
    row = _STATE.row(uow.connection, loan_id=act.loan_id or 0, copy_id=act.copy_id)
    status, condition, note, account_id, due_on, renewals, returned_at, last_act, open_loan, last_loan, archived = row
    return State(
        status, condition, note, account_id, as_day(due_on), renewals,
        act.loan_id is not None and returned_at is None, last_act, open_loan, last_loan, bool(archived),
    )  # fmt: skip


def loan_overtaken(act: Act, state: State) -> str:
    """Whether something else was done with the loan since, or nobody knows any more whose it was."""
    if act.loan_id is not None and state.last_act != act.id:
        return "something else was done with this loan since"
    if act.loan_id is not None and state.account_id is None:
        return FORGOTTEN
    return ""


def copy_overtaken(act: Act, state: State) -> str:
    """Whether the copy went on its way since."""
    if state.open_loan is not None or (act.loan_id is not None and state.last_loan != act.loan_id):
        return "the copy was issued again since"
    if state.status != act.after["copy_status"]:
        return "the copy's status was changed since"
    if state.archived:
        return "its title was archived since"
    if "note" in act.after and (state.condition, state.note) != (act.after["condition"], act.after["note"]):
        return "the copy was described anew since"
    return ""


def copy_as_before(uow: UnitOfWork, act: Act) -> None:
    """Gives the copy its status back and, where it was inspected, how it was described."""
    before = act.before
    if "note" in act.after:
        described = {name: before[name] for name in ("condition", "note")}
        _DESCRIBE.count(uow.connection, status=before["copy_status"], copy_id=act.copy_id, **described)
    else:
        _STATUS.count(uow.connection, status=before["copy_status"], copy_id=act.copy_id)


def reopen_loan(uow: UnitOfWork, act: Act) -> None:
    """The loan is out again, with the fine that was settled before."""
    _REOPEN.count(
        uow.connection, fine=act.before["fine_settled"], claimed_on=as_day(act.before.get("claimed_on")),
        loan_id=act.loan_id,
    )  # fmt: skip


def _issue_overtaken(uow: UnitOfWork, act: Act) -> str:
    state = state_of(uow, act)
    if state.last_act != act.id:
        return "something else was done with this loan since"
    return "" if state.open else "the copy has come back since"


def _undo_issue(uow: UnitOfWork, act: Act) -> str:
    day = day_of(uow.now, uow.zone)
    _TAKE_BACK.count(uow.connection, now=uow.now, day=day, by=uow.actor.account_id, loan_id=act.loan_id)
    _STATUS.count(uow.connection, status=act.before["copy_status"], copy_id=act.copy_id)
    _UNCOUNT.count(uow.connection, title_id=act.title_id)
    holds_as_before_issue(uow, copy_id=act.copy_id, title_id=act.title_id, before=act.before)
    money = _end_fine(uow, act)
    if act.loan_id and act.account_id and not money and not keeps_history(uow, act.account_id):
        cut_link(uow, loan_id=act.loan_id, account_id=act.account_id)
    return f"“{act.title}” is no longer issued to {act.member}."


def _end_fine(uow: UnitOfWork, act: Act) -> bool:
    """A loan whose issue was recorded late may cost something already: nobody owes that then."""
    if not act.loan_id or not act.account_id:
        return False
    return bool(
        set_fine(uow, loan_id=act.loan_id, account_id=act.account_id, copy_id=act.copy_id, running_minor=0, final=True)
    )


def _renewal_overtaken(uow: UnitOfWork, act: Act) -> str:
    state = state_of(uow, act)
    if what := loan_overtaken(act, state):
        return what
    if not state.open:
        return "the copy has come back since"
    if (state.due_on, state.renewals) != (as_day(act.after["due_on"]), act.after["renewals"]):
        return "the due date was changed since"
    return money_overtaken(uow, act)


def _undo_renewal(uow: UnitOfWork, act: Act) -> str:
    before, was_due = act.before, as_day(act.before["due_on"])
    assert was_due is not None
    due_on = _open_day(uow, act, was_due)
    _UNRENEW.count(
        uow.connection, due_on=due_on, renewals=before["renewals"], fine=before["fine_settled"],
        claimed_on=as_day(before.get("claimed_on")), max_renewals=before.get("max_renewals"), loan_id=act.loan_id,
    )  # fmt: skip
    take_money_back(uow, act)
    day = uow.words.day
    if due_on != was_due:
        return f"“{act.title}” is due on {day(due_on)}: on {day(was_due)}, its day before, the library is closed."
    return f"“{act.title}” is due on {day(due_on)} again."


def _open_day(uow: UnitOfWork, act: Act, day: date) -> date:
    """The due day to go back to. One that is to come and was closed since the renewal rolls on, as the closure would
    have moved it, had the loan not been renewed."""
    settings, calendar = uow.settings(CirculationSettings), calendar_of(uow)
    if day < uow.today or calendar.is_open(day) or settings.closed_day_mode is ClosedDayMode.IGNORE:
        return day
    row = _MEMBERSHIP.row(uow.connection, account_id=act.account_id) if settings.membership_caps_due else None
    ends_on = as_day(row[0]) if row else None
    return due_day(day, 0, calendar, ClosedDayMode.ROLL, membership_ends_on=ends_on)


def _return_overtaken(uow: UnitOfWork, act: Act) -> str:
    state = state_of(uow, act)
    return (
        loan_overtaken(act, state)
        or copy_overtaken(act, state)
        or offer_overtaken(uow, act)
        or money_overtaken(uow, act)
    )


def _undo_return(uow: UnitOfWork, act: Act) -> str:
    take_offer_back(uow, act)
    copy_as_before(uow, act)
    back_on_hold_shelf(uow, act)
    if act.loan_id is None:
        return f"“{act.title}” stands as it stood before."
    if "found" in act.after:
        _LOSE_AGAIN.count(uow.connection, fine=act.before["fine_settled"], loan_id=act.loan_id)
        take_money_back(uow, act)
        return f"“{act.title}” is lost again."
    reopen_loan(uow, act)
    take_money_back(uow, act)
    return f"“{act.title}” is on loan to {act.member} again."


UNDO_LOANS: dict[str, Undoing] = {
    ISSUE: Undoing(_issue_overtaken, _undo_issue),
    RENEW: Undoing(_renewal_overtaken, _undo_renewal),
    RETURN: Undoing(_return_overtaken, _undo_return),
}
