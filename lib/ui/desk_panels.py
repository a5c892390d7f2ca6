"""The three parts of the desk: who is here, what they hold and what was just done, and what to do next."""

from datetime import date
from uuid import uuid4

import streamlit as st

from lib.catalogue.models import Condition
from lib.circulation.desk import DeskMember
from lib.circulation.undo import DeskActRow
from lib.ui.desk_state import Desk, Mode, Outcome
from lib.ui.desk_words import act_words
from lib.ui.loan_list import urgency
from lib.ui.navigation import link
from lib.ui.reason_list import reason_text
from lib.ui.words import count, day, due, money, plain

SHOWN = 25
INSPECTIONS = {"worn": Condition.WORN, "damaged": Condition.DAMAGED}


def who_is_here(desk: Desk, member: DeskMember | None) -> None:
    """The member at the desk: name, type, card, and blocks in words."""
    if member is None:
        st.subheader("Nobody at the desk")
        st.write("Scan a card, or type a name. To take books back, press **Alt+2** and scan them.")
        return
    person = member.detail
    st.header(plain(person.name))
    st.write(" · ".join(filter(None, (plain(person.membership), person.card_number))))
    if person.membership_ends_on:
        st.caption(f"Membership until {day(person.membership_ends_on)}")
    if member.blocks:
        st.error(f"**May not borrow**\n\n{reason_text(member.blocks)}", icon=":material/block:")
    else:
        st.success("May borrow.", icon=":material/check:")
    st.write(f"**{member.open_loans}** of {count(member.max_loans, 'loan', 'loans')}")
    if member.overdue:
        st.write(f":red[**{member.overdue} overdue**]")
    if member.owed_minor:
        st.write(f"Fines so far: **{money(member.owed_minor)}**")
    link("member", "Open the record", icon=":material/person:", id=person.id)
    st.button("Done, next one", on_click=desk.leave, shortcut="Alt+N", help="Or Enter in the empty scan box.")


def what_was_done(outcome: Outcome | None) -> None:
    """The outcome of the last scan, large."""
    if outcome is None or not (outcome.text or outcome.reasons):
        return
    text = outcome.text or reason_text(outcome.reasons)
    (st.success if outcome.good else st.error)(
        text, icon=":material/check_circle:" if outcome.good else ":material/error:"
    )


def what_they_hold(desk: Desk, member: DeskMember, today: date) -> None:
    """The member's loans, soonest first, each renewable from here."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("On loan", width="stretch")
        if member.loans:
            st.button("Renew all", on_click=desk.renew_all, shortcut="Alt+A")
    if not member.loans:
        st.caption("Nothing on loan. Scan a copy to lend it.")
        return
    for loan in member.loans[:SHOWN]:
        look = urgency(loan.due_on, today).badge
        fine = f" · {money(loan.fine_minor)}" if loan.fine_minor else ""
        why = None if loan.may_renew else " ".join(reason.text for reason in loan.why_not)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(loan.title)}** · {loan.barcode}  \n:{look}[{due(loan.due_on, today)}]{fine}", width="stretch"
            )
            st.button(
                "Renew", key=f"renew-{loan.loan_id}", on_click=desk.renew, args=(loan.loan_id, uuid4().hex),
                disabled=not loan.may_renew, help=why,
            )  # fmt: skip
    if len(member.loans) > SHOWN:
        st.caption(f"And {len(member.loans) - SHOWN} more: open the record to see them.")


def what_to_do_next(desk: Desk) -> None:
    """The offers that follow from the last outcome, each with its key."""
    outcome = desk.outcome
    if outcome is None:
        return
    for person in outcome.people:
        label = f"{person.name} · {person.membership or person.role} · {person.card_number}"
        st.button(label, key=f"call-{person.id}", on_click=desk.call, args=(person.id,), width="stretch")
    for title_id, title in outcome.titles:
        link("title", title, icon=":material/book_2:", id=title_id)
    if outcome.copy is not None and not outcome.good:
        _offers(desk, outcome)


def _offers(desk: Desk, outcome: Outcome) -> None:
    copy = outcome.copy
    assert copy is not None
    mine = copy.member_id is not None and copy.member_id == desk.member_id
    if mine and copy.loan_id is not None:
        st.button("Renew it", on_click=desk.renew, args=(copy.loan_id, uuid4().hex), shortcut="Alt+W", type="primary")
    if copy.member_id is not None:
        st.button("Take it back", on_click=desk.take_back, args=(copy, uuid4().hex), shortcut="Alt+B", width="stretch")
    if copy.member_id is not None and desk.member_id is not None and not mine:
        st.button(
            "Take back, lend here", on_click=desk.take_back, args=(copy, uuid4().hex),
            kwargs={"then_lend": True}, shortcut="Alt+T", type="primary", width="stretch",
        )  # fmt: skip
    if outcome.can_override and desk.member_id is not None:
        with st.form("override", clear_on_submit=True):
            why = st.text_input("Lend it anyway, because", max_chars=500, placeholder="A reason, for the audit trail")
            if st.form_submit_button("Lend anyway", type="primary"):
                desk.lend(copy, uuid4().hex, why)
                st.rerun()


def how_it_looks(desk: Desk) -> None:
    """The inspection of the next copy that is taken back."""
    chosen = st.segmented_control(
        "The next copy is", ["as it was", *INSPECTIONS], default="as it was", required=True,
        key=f"inspect-{desk.condition}", help="Damaged copies go to repair, not to the shelf.",
    )  # fmt: skip
    desk.condition = INSPECTIONS.get(chosen or "")
    desk.note = st.text_input("Note", max_chars=500, placeholder="Page 12 torn") if desk.condition else ""


def last_acts(desk: Desk, acts: tuple[DeskActRow, ...]) -> None:
    """The last ten acts at this desk, the newest with undo by key."""
    st.subheader("Just done")
    if not acts:
        st.caption("Nothing yet. Acts can be undone here for some minutes.")
    newest = next((act for act in acts if act.can_undo), None)
    if newest is not None:
        st.button(
            "Undo the last one", key="undo-last", on_click=desk.undo, args=(newest.id,), shortcut="Alt+Z",
            icon=":material/undo:", width="stretch",
        )  # fmt: skip
    for act in acts:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(act_words(act), width="stretch")
            if act.can_undo and act is not newest:
                st.button(
                    "", key=f"undo-{act.id}", on_click=desk.undo, args=(act.id,), icon=":material/undo:",
                    type="tertiary", help=f"Undo: {act.title}",
                )  # fmt: skip


def mode_keys(desk: Desk) -> None:
    """Lend or take back, by key."""
    with st.container(horizontal=True):
        for number, mode in enumerate(Mode, 1):
            st.button(
                mode.value, key=f"mode-{mode.name}", on_click=_switch, args=(desk, mode), shortcut=f"Alt+{number}",
                type="primary" if desk.mode is mode else "secondary",
            )  # fmt: skip


def _switch(desk: Desk, mode: Mode) -> None:
    desk.mode, desk.outcome = mode, None
    if mode is Mode.TAKE_BACK:
        desk.member_id = None
