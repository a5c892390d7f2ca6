"""The parts of the desk: who is here and what they hold, what to do next, and what was just done."""

from datetime import date
from uuid import uuid4

import streamlit as st

from lib.circulation.desk import DeskMember
from lib.circulation.undo import DeskActRow
from lib.ui.desk_state import Desk
from lib.ui.desk_words import act_words
from lib.ui.loan_list import urgency
from lib.ui.navigation import link
from lib.ui.reason_list import reason_text
from lib.ui.words import count, day, due, money, plain

SHOWN = 25


def nobody_here(taking_back: bool) -> None:
    """How to begin, in three lines."""
    if taking_back:
        st.write(
            "Scan what came back, one after the other; each tells where to put it. **Alt+1** goes back to lending."
        )
        return
    st.subheader("Nobody at the desk", anchor=False)
    st.markdown(
        "- **Lend:** scan the member’s card, or type their name; then scan the copies.\n"
        "- **Take back:** press **Alt+2** and scan the copies.\n"
        "- **Look up:** scan a copy or an ISBN, or type a title."
    )


def who_is_here(desk: Desk, member: DeskMember) -> None:
    """The member at the desk: name, type, card, and blocks in words."""
    person = member.detail
    with st.container(border=True):
        st.header(plain(person.name), anchor=False)
        ends = f"until {day(person.membership_ends_on)}" if person.membership_ends_on else ""
        st.markdown(" · ".join(filter(None, (plain(person.membership), ends, person.card_number))))
        late = f" · :red[**{member.overdue} overdue**]" if member.overdue else ""
        owed = f" · fines so far **{money(member.owed_minor)}**" if member.owed_minor else ""
        may = ":green-badge[:material/check: May borrow]" if not member.blocks else ":red-badge[May not borrow]"
        st.markdown(f"{may} **{member.open_loans}** of {count(member.max_loans, 'loan', 'loans')}{late}{owed}")
        if member.blocks:
            st.markdown(
                f":red[{reason_text(member.blocks)}]" if len(member.blocks) == 1 else reason_text(member.blocks)
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Done, next one", on_click=desk.leave, shortcut="Alt+N", help="Or Enter in the empty box.")
            link("member", "Open the record", icon=":material/person:", id=person.id)


def what_they_hold(desk: Desk, member: DeskMember, today: date) -> None:
    """The member's loans, soonest first, each renewable from here."""
    if not member.loans:
        st.write("Nothing on loan. Scan a copy to lend it.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("On loan", width="stretch", anchor=False)
        st.button("Renew all", on_click=desk.renew_all, shortcut="Alt+A")
    for loan in member.loans[:SHOWN]:
        look = urgency(loan.due_on, today).badge
        fine = f" · {money(loan.fine_minor)}" if loan.fine_minor else ""
        why = None if loan.may_renew else " ".join(reason.text for reason in loan.why_not)
        words, act = st.columns([4, 1], vertical_alignment="center", wrap=False)
        words.markdown(f"**{plain(loan.title)}**  \n:{look}[{due(loan.due_on, today)}]{fine} · {plain(loan.barcode)}")
        act.button(
            "Renew", key=f"renew-{loan.loan_id}", on_click=desk.renew, args=(loan.loan_id, uuid4().hex),
            disabled=not loan.may_renew, help=why, width="stretch",
        )  # fmt: skip
    if len(member.loans) > SHOWN:
        st.write(f"And {len(member.loans) - SHOWN} more: open the record to see them.")


def last_acts(desk: Desk, acts: tuple[DeskActRow, ...]) -> None:
    """The last ten acts at this desk, the newest with undo by key."""
    st.subheader("Just done", anchor=False)
    if not acts:
        st.write("Nothing yet. What is done here can be undone for some minutes.")
    newest = next((act for act in acts if act.can_undo), None)
    if newest is not None:
        st.button(
            "Undo the last one", key="undo-last", on_click=desk.undo, args=(newest.id,), shortcut="Alt+Z",
            icon=":material/undo:", width="stretch", help=f"{newest.what.capitalize()}: {newest.title}",
        )  # fmt: skip
    if acts:
        st.markdown("\n".join(f"- {act_words(act)}" for act in acts))
    older = [act for act in acts if act.can_undo and act is not newest]
    if older:
        with st.popover("Undo an earlier one", icon=":material/history:", width="stretch"):
            for act in older:
                st.button(
                    plain(f"{act.what.capitalize()}: {act.title}"), key=f"undo-{act.id}", on_click=desk.undo,
                    args=(act.id,), width="stretch",
                )  # fmt: skip
