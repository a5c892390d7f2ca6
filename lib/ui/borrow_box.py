"""The one main button of a title: it says what will happen, or the page says why it cannot."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from lib.catalogue.rows import CopyRow
from lib.circulation.availability import availability
from lib.circulation.borrowing import borrow, consider_borrow
from lib.circulation.decision import Decision
from lib.circulation.errors import SelfIssueOff
from lib.circulation.hold_queries import hold_on, queue_lengths, usual_wait
from lib.circulation.holds import consider_hold
from lib.circulation.queries import loans_of
from lib.closures.opening_days import open_days
from lib.desk.own_acts import own_acts
from lib.desk.self_check_words import reader_words
from lib.kit.errors import NotFound
from lib.ui.availability_line import place_of
from lib.ui.doorway import Visitor, form_key, reading, renew_key, showing_refusals, work
from lib.ui.have_box import have_box
from lib.ui.hold_box import held_box, one_copy_box, queue_words, reserve_button
from lib.ui.navigation import go, here
from lib.ui.opening_days import Day, opening_line
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import day, plain

MOST = 200  # loans of one reader that are looked through


def borrow_box(visitor: Visitor, title_id: int, copies: Sequence[CopyRow] = ()) -> None:
    """Draws the button for who is here, or every reason against it with its way out. `copies`: to choose one of."""
    me = visitor.actor.account_id
    if me is None:
        _invite(title_id)
        return
    with reading() as uow:
        found, held, today = availability(uow, [title_id])[title_id], hold_on(uow, me, title_id), uow.today
        mine = next((row for row in loans_of(uow, me, size=MOST).rows if row.title_id == title_id), None)
        fresh = next((act for act in own_acts(uow) if mine and act.loan_id == mine.loan_id), None)
        days = open_days(uow, today, today + timedelta(days=6))
    if mine is not None:
        have_box(mine, fresh, copies, today, days)
        return
    spot = st.container()
    try:
        with spot:
            decision = _decision(title_id, lendable=bool(found.in_))
    except NotFound:
        st.info("The library has no copy of this title to lend.", icon=":material/info:")
        return
    if decision is not None and decision.may:
        with spot:
            _borrow_button(title_id, place_of(found), decision, days)
    elif held is None:
        _otherwise(me, title_id, decision, lendable=bool(found.in_))
    if held is not None:
        held_box(held, today)
    else:
        one_copy_box(title_id, copies)


def _decision(title_id: int, *, lendable: bool) -> Decision | None:
    try:
        with reading() as uow:
            return consider_borrow(uow, title_id=title_id)
    except SelfIssueOff:
        if lendable:
            st.info("Bring the copy and your card to the desk to borrow it.", icon=":material/storefront:")
    return None


def _borrow_button(title_id: int, place: str, decision: Decision, days: list[Day]) -> None:
    label, name = f"Borrow: fetch it at {plain(place)}" if place else "Borrow", f"borrow-{title_id}"
    st.button(
        label, type="primary", icon=":material/auto_stories:", key=name, on_click=_borrow,
        args=(title_id, name, form_key(name)),
    )  # fmt: skip
    if decision.due_on:
        closed = "" if days and days[0][1] else f" {opening_line(days)}."
        st.markdown(f"Yours until {plain(day(decision.due_on))}.{plain(closed)}")


def _borrow(title_id: int, name: str, key: str) -> None:
    """The key was made with the button: a double click brings the same one again."""
    with showing_refusals():
        with work() as uow:
            borrow(uow, title_id=title_id, key=key)
        renew_key(name)


def _otherwise(me: int, title_id: int, decision: Decision | None, *, lendable: bool) -> None:
    """What else can be done: reserving it, where that is the way out; else every reason with its own."""
    with reading() as uow:
        hold, waiting = consider_hold(uow, title_id=title_id), queue_lengths(uow, [title_id])[title_id]
    waits = decision is None or any(reason.way_out_action == "hold" for reason in decision.against)
    if decision is not None and not waits:
        against, heading = decision.against, "You cannot borrow this now"
    else:
        against, heading = hold.against, "You cannot reserve this now"
    if not (waits and (hold.may or (decision is None and lendable))):
        show_reasons(against, heading, own=True)
        way_out_buttons(against, Situation(me, own=True, title_id=title_id), place="title")
    elif decision is not None:
        for reason in decision.against:
            if reason.code == "others-wait":
                st.write(plain(reader_words(reason)))
    if hold.may:
        reserve_button(title_id, waiting)


def _invite(title_id: int) -> None:
    with reading() as uow:
        found, waiting = availability(uow, [title_id])[title_id], queue_lengths(uow, [title_id])[title_id]
        wait = usual_wait(uow, title_id) if found.total and not found.in_ else None
    place = place_of(found)
    said = (
        f"Sign in to borrow: it stands at {plain(place)}" if place else "Sign in to reserve it" if wait else "Sign in"
    )
    if st.button(said, type="primary", icon=":material/login:"):
        go("sign-in", next=here())
    if words := queue_words(waiting, wait):
        st.write(words)
