"""What a member has at home, on their record: renew it, ask why it is due then, note a claim or a loss."""

from datetime import date
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.queries import LoanRow
from lib.circulation.renewals import renew
from lib.ui.doorway import showing_refusals
from lib.ui.loan_acts import LoanAct, loan_menu, loan_panel
from lib.ui.loan_list import urgency
from lib.ui.reason_list import staff_words
from lib.ui.ways_out import do_and_say
from lib.ui.words import day, due, money, plain

_PICKED = "tome.member.loan"


def member_loans(loans: tuple[LoanRow, ...], today: date) -> None:
    """One row a loan with its acts; what was picked opens under its row."""
    if not loans:
        st.info("Nothing on loan.", icon=":material/menu_book:")
        return
    picked = st.session_state.get(_PICKED)
    for loan in loans:
        words, act, more = st.columns([5, 1.5, 1.5], vertical_alignment="center", wrap=True)
        with words:
            _loan(loan, today)
        act.button(
            "Renew", key=f"renew-{loan.loan_id}", on_click=_renew, args=(loan, uuid4().hex),
            disabled=not loan.may_renew, width="stretch",
        )  # fmt: skip
        with more:
            loan_menu(loan, _pick)
        if picked and picked[0] == loan.loan_id:
            with showing_refusals():
                loan_panel(loan, picked[1], do_and_say, _put_away)


def _loan(loan: LoanRow, today: date) -> None:
    fine = f" · {money(loan.fine_minor)} so far" if loan.fine_minor else ""
    claim = f" · says they returned it on {day(loan.claimed_on)}" if loan.claimed_on else ""
    look = urgency(loan.due_on, today).badge
    why = "" if loan.may_renew else " ".join(map(staff_words, loan.why_not))
    not_renewed = f"  \nNot renewed: {plain(why)}" if why else ""
    st.markdown(
        f"**{plain(loan.title)}**  \n"
        f":{look}[{due(loan.due_on, today)}]{fine} · {plain(loan.barcode)}{claim}{not_renewed}"
    )


def _renew(loan: LoanRow, key: str) -> None:
    def act(uow: UnitOfWork) -> str:
        return f"“{loan.title}” is renewed: due on {day(renew(uow, loan_id=loan.loan_id, key=key).due_on)}."

    do_and_say(act)


def _pick(loan_id: int, act: LoanAct) -> None:
    st.session_state[_PICKED] = (loan_id, act)


def _put_away() -> None:
    st.session_state.pop(_PICKED, None)
