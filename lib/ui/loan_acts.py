"""What staff do about one loan beside renewing it: why it is due then, what the member says of it, and its loss."""

from collections.abc import Callable
from enum import StrEnum
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.claims import claim_returned, clear_claim
from lib.circulation.due_explained import explain_due
from lib.circulation.losses import consider_loss, declare_lost
from lib.circulation.queries import LoanRow
from lib.ui.doorway import reading
from lib.ui.ways_out import Runner
from lib.ui.words import day, money, plain


class LoanAct(StrEnum):
    """One of them, as the menu says it."""

    WHY = "Why is it due then?"
    CLAIM = "They say they returned it"
    CLEAR = "It was not returned after all"
    LOST = "It is lost"


Pick = Callable[[int, LoanAct], None]


def loan_menu(loan: LoanRow, pick: Pick) -> None:
    """A button with what can be done about this loan; `pick` is told which it is to be."""
    claim = LoanAct.CLEAR if loan.claimed_on else LoanAct.CLAIM
    key = f"more-{loan.loan_id}"
    st.menu_button(
        "More", [LoanAct.WHY, claim, LoanAct.LOST], key=key, on_click=_picked, args=(key, loan.loan_id, pick),
        format_func=lambda act: LoanAct(act).value,
    )  # fmt: skip


def _picked(key: str, loan_id: int, pick: Pick) -> None:
    if chosen := st.session_state.get(key):
        pick(loan_id, LoanAct(chosen))


def loan_panel(loan: LoanRow, act: LoanAct, run: Runner, close: Callable[[], None]) -> None:
    """What was picked: the answer, or the act with its consequence in words. `run` does it, `close` puts it away."""
    with st.container(border=True, key=f"loan-panel-{loan.loan_id}"):
        st.subheader(f"{act.value.rstrip('?')}: {plain(loan.title)}", anchor=False)
        _PANELS[act](loan, run)
        st.button("Close", key=f"close-{loan.loan_id}", on_click=close)


def _why(loan: LoanRow, _run: Runner) -> None:
    with reading() as uow:
        found = explain_due(uow, loan.loan_id)
    st.markdown("\n".join(f"{place}. {plain(sentence)}" for place, sentence in enumerate(found.sentences, 1)))


def _claim(loan: LoanRow, run: Runner) -> None:
    with reading() as uow:
        today = uow.today
    st.write("Its fine stands still from that day, and it blocks no new loans. It is looked for on the shelves.")
    key = f"claim-day-{loan.loan_id}"
    st.date_input("Returned on", today, min_value=loan.issued_on, max_value=today, key=key, format="DD/MM/YYYY")
    st.button("Note it", key=f"claim-{loan.loan_id}", on_click=_claimed, args=(loan.loan_id, key, uuid4().hex, run))


def _claimed(loan_id: int, field: str, key: str, run: Runner) -> None:
    on = st.session_state.get(field)

    def act(uow: UnitOfWork) -> str:
        done = claim_returned(uow, loan_id=loan_id, on=on, key=key)
        assert done.claimed_on is not None
        return (
            f"“{done.title}” counts as returned on {day(done.claimed_on)}, as the member says. Look for {done.barcode}."
        )

    run(act)


def _clear(loan: LoanRow, run: Runner) -> None:
    st.write("The fine counts again, as if it had never stood still.")
    st.button("It is still with them", key=f"clear-{loan.loan_id}", on_click=_cleared, args=(loan.loan_id, run))


def _cleared(loan_id: int, run: Runner) -> None:
    def act(uow: UnitOfWork) -> str:
        done = clear_claim(uow, loan_id=loan_id)
        return f"“{done.title}” is still on loan. Its fine is {money(done.fine_minor)} as of today."

    run(act)


def _lost(loan: LoanRow, run: Runner) -> None:
    with reading() as uow:
        cost = consider_loss(uow, loan_id=loan.loan_id)
    parts = [
        f"{money(amount)} {what}"
        for amount, what in ((cost.replacement_minor, "for replacing it"), (cost.fee_minor, "as a fee")) if amount
    ]  # fmt: skip
    charged = " and ".join(parts) or "nothing"
    fine = f" The fine stops at {money(cost.fine_minor)}." if cost.fine_minor else ""
    st.write(f"The loan ends, and the member is charged {charged}.{fine} If it turns up, that is given back.")
    key = f"lost-why-{loan.loan_id}"
    st.text_input("What happened (may stay empty)", key=key, max_chars=200)
    st.button("Declare it lost", key=f"lost-{loan.loan_id}", on_click=_declared,
              args=(loan.loan_id, key, uuid4().hex, run))  # fmt: skip


def _declared(loan_id: int, field: str, key: str, run: Runner) -> None:
    reason = str(st.session_state.get(field) or "")

    def act(uow: UnitOfWork) -> str:
        done = declare_lost(uow, loan_id=loan_id, reason=reason, key=key)
        return f"“{done.title}” is declared lost. Charged for it: {money(done.charged_minor)}."

    run(act)


_PANELS: dict[LoanAct, Callable[[LoanRow, Runner], None]] = {
    LoanAct.WHY: _why, LoanAct.CLAIM: _claim, LoanAct.CLEAR: _clear, LoanAct.LOST: _lost,
}  # fmt: skip
