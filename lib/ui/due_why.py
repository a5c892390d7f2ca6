"""Why is this due then? One loan at choice, and the steps of its date in sentences."""

from collections.abc import Sequence

import streamlit as st

from lib.circulation.due_explained import explain_due
from lib.circulation.queries import LoanRow
from lib.ui.doorway import reading, showing_refusals
from lib.ui.words import day, plain


def why_due(loans: Sequence[LoanRow]) -> None:
    """A choice of the loans; the answer comes from the rule that made the date."""
    if not loans:
        return
    chosen = st.selectbox(
        "Why is it due then?", loans, index=None, key="why-due", placeholder="Choose one to see how its date came",
        format_func=lambda loan: f"{loan.title[:80]}, due {day(loan.due_on)}",
    )  # fmt: skip
    if chosen is None:
        return
    with showing_refusals():
        with reading() as uow:
            found = explain_due(uow, chosen.loan_id)
        st.markdown("\n".join(f"{place}. {plain(sentence)}" for place, sentence in enumerate(found.sentences, 1)))
