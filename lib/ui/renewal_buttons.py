"""The buttons that renew one loan or all of them, and the answer for each."""

import streamlit as st

from lib.circulation.queries import LoanRow
from lib.circulation.renewals import renew, renew_all
from lib.desk.self_check_words import is_early
from lib.ui.doorway import form_key, renew_key, showing_refusals, work
from lib.ui.loan_list import outcome_text
from lib.ui.words import day, plain

_ASKED = "tome.renewal"


def renew_button(loan: LoanRow) -> None:
    """A button for one loan."""
    st.button(
        "Renew",
        key=f"renew-{loan.loan_id}",
        help=f"Renew “{plain(loan.title[:60])}”",
        on_click=_ask,
        args=((loan.loan_id, loan.title),),
    )


def renew_all_button() -> None:
    """The page's main button."""
    st.button("Renew everything", type="primary", on_click=_ask, args=("all",))


def _ask(what: "tuple[int, str] | str") -> None:
    st.session_state[_ASKED] = what


def answer_renewals(member_id: int) -> None:
    """Does what was just asked for, and says until when or why not; belongs before the loans are read."""
    asked = st.session_state.pop(_ASKED, None)
    with showing_refusals():
        if asked == "all":
            _renew_all(member_id)
        elif asked is not None:
            _renew_one(*asked)


def _renew_one(loan_id: int, title: str) -> None:
    with work() as uow:
        receipt = renew(uow, loan_id=loan_id, key=form_key(f"renew-{loan_id}"))
    renew_key(f"renew-{loan_id}")
    st.success(f"“{plain(title)}” is yours until {plain(day(receipt.due_on))}.", icon=":material/check_circle:")


def _renew_all(member_id: int) -> None:
    with work() as uow:
        outcomes = renew_all(uow, member_id=member_id)
    done = tuple(outcome for outcome in outcomes if outcome.receipt)
    if done:
        st.success(outcome_text(done), icon=":material/event_repeat:")
    if left := tuple(outcome for outcome in outcomes if not outcome.receipt):
        later = all(is_early(outcome.reasons) for outcome in left)
        (st.info if later else st.warning)(outcome_text(left), icon=":material/event_busy:")
