"""What holds otherwise for one member: each exception with its reason, a new one, and an end to one."""

from datetime import date, timedelta

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.exceptions import NAMES as CHOICES
from lib.circulation.exceptions import ExceptionRow, add_exception, end_exception
from lib.circulation.situation import OVERDUE_BLOCKS
from lib.kit.money import parse_money
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.exception_words import MONEY, NAMES, exception_words, reach_words
from lib.ui.ways_out import do_and_say
from lib.ui.words import day, plain

USUAL = timedelta(days=28)
LABELS = {"amount": "Value", "until": "Up to and including", "reason": "Reason", "name": "What"}


def member_exceptions(account_id: int, found: tuple[ExceptionRow, ...], today: date) -> None:
    """Those that hold, each with its end; then a form; then those that are over."""
    live, over = [row for row in found if row.holds], [row for row in found if not row.holds]
    if not live:
        st.info("The lending policy holds for them as for everybody.", icon=":material/tune:")
    for row in live:
        words, act = st.columns([4, 1], vertical_alignment="center")
        words.markdown(_words(row))
        act.button("End it", key=f"end-exception-{row.id}", on_click=_end, args=(row.id,), width="stretch")
    _form(account_id, today)
    if over:
        with st.expander(f"Over ({len(over)})"):
            st.markdown("\n".join(f"- {_words(row)}" for row in over))


def _words(row: ExceptionRow) -> str:
    by = f" · {plain(row.made_by)}" if row.made_by else ""
    return f"**{exception_words(row.name, row.amount)}** until {day(row.until)}  \n{plain(row.reason)}{by}"


def _end(exception_id: int) -> None:
    def act(uow: UnitOfWork) -> str:
        end_exception(uow, exception_id)
        return "The exception has ended. The policy holds again."

    do_and_say(act)


def _form(account_id: int, today: date) -> None:
    with st.popover("A new exception", icon=":material/add:"):
        name = st.selectbox("What", CHOICES, format_func=NAMES.__getitem__, key="exception-name")
        with st.form(f"exception-{name}", clear_on_submit=False):
            st.caption(reach_words(name))
            value = "0"
            if name == OVERDUE_BLOCKS:
                st.write("They may borrow while loans are overdue.")
            else:
                value = st.text_input("Value", help="An amount of money" if name in MONEY else "A whole number")
            until = st.date_input("Up to and including", today + USUAL, min_value=today, format="DD/MM/YYYY")
            reason = st.text_input("Reason", max_chars=500)
            if st.form_submit_button("Add the exception") and name:
                _add(account_id, name, value, until, reason)


def _add(account_id: int, name: str, value: str, until: date, reason: str) -> None:
    with showing_refusals(**LABELS):
        with work() as uow:
            amount = parse_money(value, uow.library.currency).minor if name in MONEY else _whole(value)
            add_exception(uow, account_id=account_id, name=name, amount=amount, until=until, reason=reason)
        say(f"{exception_words(name, amount)} until {day(until)}.")
        st.rerun()


def _whole(text: str) -> int:
    """What is no whole number is refused by the use case as out of bounds."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
