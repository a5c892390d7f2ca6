"""A title that the reader has: until when, whether it can be kept longer, and how to give back what was not taken."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.rows import CopyRow
from lib.circulation.queries import LoanRow
from lib.circulation.renewals import renew
from lib.desk.own_acts import OwnAct, undo_own, undone_words
from lib.desk.self_check_words import reasons_words
from lib.ui.navigation import link
from lib.ui.opening_days import Day, opening_line
from lib.ui.ways_out import do_and_say
from lib.ui.words import clock, day, due, plain


def have_box(
    loan: LoanRow, fresh: OwnAct | None, copies: Sequence[CopyRow], today: date, days: list[Day]
) -> None:  # fmt: skip
    """Draws it. `fresh`: it was borrowed from here a moment ago; `days`: when the library is open, from today on."""
    if fresh is not None:
        _thank(loan, fresh, copies, days)
    else:
        st.info(f"**You have it**, {plain(due(loan.due_on, today))}.", icon=":material/auto_stories:")
        if loan.may_renew:
            args = (loan.loan_id, uuid4().hex)
            st.button("Renew it", key=f"renew-it-{loan.loan_id}", on_click=_renew, args=args)
        else:
            st.write(plain(reasons_words(loan.why_not)))
    link("my-library", "See it in My library", icon=":material/auto_stories:")


def _thank(loan: LoanRow, fresh: OwnAct, copies: Iterable[CopyRow], days: list[Day]) -> None:
    copy = next((copy for copy in copies if copy.barcode == loan.barcode), None)
    where = ", ".join(filter(None, (copy.location, copy.shelf))) if copy else ""
    fetch = f"Fetch it at **{plain(where)}**, barcode {plain(loan.barcode)}." if where else ""
    is_open = bool(days) and days[0][1]
    soon = "It stays on its shelf until you take it: fetch it soon." if is_open else f"{opening_line(days)}."
    st.success(
        f"It is yours until **{plain(day(loan.due_on))}**. {fetch} {plain(soon)}", icon=":material/check_circle:"
    )
    st.button(
        f"I do not take it (until {clock(fresh.until)})", key=f"undo-{fresh.act_id}", on_click=give_back,
        args=(fresh.act_id,), icon=":material/undo:",
    )  # fmt: skip


def _renew(loan_id: int, key: str) -> None:
    def act(uow: UnitOfWork) -> str:
        return f"Renewed: due on {day(renew(uow, loan_id=loan_id, key=key).due_on)}."

    do_and_say(act)


def give_back(act_id: int) -> None:
    """Takes back a loan that one made oneself, and says so."""

    def act(uow: UnitOfWork) -> str:
        done = undo_own(uow, act_id)
        return f"{undone_words(done, uow.words)}{'' if done.shelf_until else ' The copy stays on its shelf.'}"

    do_and_say(act)
