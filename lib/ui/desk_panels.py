"""The parts of the desk: who is here and what they hold, what to do next, and what was just done."""

from dataclasses import replace
from datetime import date
from itertools import groupby
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from lib.desk.counter import DeskMember
from lib.desk.undo import DeskActRow
from lib.kit.clock import day_of
from lib.ui.desk_acts import LISTED
from lib.ui.desk_offers import renew_overdue
from lib.ui.desk_outcome import Mode, Question
from lib.ui.desk_state import Desk
from lib.ui.desk_till import till_panel
from lib.ui.desk_words import act_line, act_words
from lib.ui.doorway import showing_refusals
from lib.ui.exception_words import exception_words
from lib.ui.loan_acts import loan_menu, loan_panel
from lib.ui.loan_list import kind_words, urgency
from lib.ui.navigation import link
from lib.ui.reason_list import reason_text
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import count, day, due, money, plain, the_reader

TITLE = 40  # characters of a title on a button


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
    """The member at the desk: what to hand over first, then name, type, card, blocks in words, and money."""
    person, refused = member.detail, desk.outcome.reasons if desk.outcome else ()
    if desk.till is not None:
        why = desk.asks is Question.WAIVER
        till_panel(desk.till, member, desk.pay, desk.ask_waiver, desk.put_away, why=why)
    with st.container(border=True):
        st.header(plain(person.name), anchor=False)
        if person.note:
            st.warning(plain(person.note), icon=":material/sticky_note_2:")
        _to_hand_over(member)
        ends = f"until {day(person.membership_ends_on)}" if person.membership_ends_on else ""
        st.markdown(" · ".join(filter(None, (plain(person.membership), ends, person.card_number))))
        late = f" · :red[**{member.overdue} overdue**]" if member.overdue else ""
        owed = f" · owes **{money(member.owed_minor)}**" if member.owed_minor > 0 else ""
        owed = f" · is owed **{money(-member.owed_minor)}**" if member.owed_minor < 0 else owed
        may = ":green-badge[:material/check: May borrow]" if not member.blocks else ":red-badge[May not borrow]"
        apart = "".join(f" · {words}" for words in kind_words(member.apart))
        st.markdown(f"{may} **{member.open_loans}** of {count(member.max_loans, 'loan', 'loans')}{apart}{late}{owed}")
        if member.blocks and not refused:  # else they stand there in large type already
            st.markdown(
                f":red[{reason_text(member.blocks)}]" if len(member.blocks) == 1 else reason_text(member.blocks)
            )
        _notes(member)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Done, next one", on_click=desk.leave, shortcut="Alt+N", help="Or Enter in the empty box.")
            offered = any(reason.way_out_action == "pay" for reason in refused)
            if member.owed_minor > 0 and desk.till is None and not offered:
                st.button(f"Take {money(member.owed_minor)}", key="take-money", on_click=desk.open_till,
                          shortcut="Alt+P")  # fmt: skip
            link("member", "Open the record", icon=":material/person:", id=person.id)
        if member.blocks and not refused:
            _ways_out(desk, member)


def _to_hand_over(member: DeskMember) -> None:
    if not member.ready:
        return
    lines = "\n".join(
        f"- **{plain(hold.title)}** · {plain(hold.barcode)}"
        + (f" · until {day(hold.shelf_until)}" if hold.shelf_until else "")
        for hold in member.ready
    )
    number = count(len(member.ready), "hold", "holds")
    st.success(f"**{number} to hand over.** Fetch from the hold shelf, and scan:\n\n{lines}",
               icon=":material/inventory_2:")  # fmt: skip


def _notes(member: DeskMember) -> None:
    """What holds otherwise for them, and what they wait for."""
    for found in member.exceptions:
        st.markdown(f":material/tune: {exception_words(found.name, found.amount)} until {day(found.until)}")
    if member.waiting:
        shown = ", ".join(f"{plain(hold.title)} (place {hold.position})" for hold in member.waiting[:5])
        more = f" and {len(member.waiting) - 5} more" if len(member.waiting) > 5 else ""
        st.markdown(f":material/hourglass: Waits for {shown}{more}")


def _ways_out(desk: Desk, member: DeskMember) -> None:
    """What would help against the blocks; money has its button above already."""
    reasons = [reason for reason in member.blocks if reason.way_out_action != "pay"]
    instead = {"return": desk.offer_returns}
    renew_overdue(desk, reasons)
    way_out_buttons(reasons, Situation(member.detail.id), place="blocks", run=desk.run, instead=instead, keys=True)


def what_they_hold(desk: Desk, member: DeskMember, today: date) -> None:
    """The member's loans, soonest first, each renewable from here."""
    if not member.loans:
        st.write("Nothing on loan." + (" Scan a copy to lend it." if desk.mode is Mode.LEND else ""))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("On loan", width="stretch", anchor=False)
        st.button("Renew all", on_click=desk.renew_all, shortcut="Alt+A")
    st.write("Type a loan’s number for what can be done with it.")
    for number, loan in enumerate(member.loans[:LISTED], 1):
        look = urgency(loan.due_on, today).badge
        fine = f" · {money(loan.fine_minor)}" if loan.fine_minor else ""
        claim = f" · says they returned it on {day(loan.claimed_on)}" if loan.claimed_on else ""
        why = None if loan.may_renew else plain(" ".join(reason.text for reason in loan.why_not))
        words, acts = st.columns([5, 3], vertical_alignment="center")
        words.markdown(
            f"{number} **{plain(loan.title)}** · {plain(loan.barcode)}  \n"
            f":{look}[{due(loan.due_on, today)}]{fine}{claim}"
        )
        with acts.container(horizontal=True, horizontal_alignment="right"):
            st.button(
                "Renew", key=f"renew-{loan.loan_id}", on_click=desk.renew, args=(loan.loan_id, uuid4().hex), help=why
            )
            loan_menu(loan, desk.pick)
        if desk.picked and desk.picked[0] == loan.loan_id:
            with showing_refusals():
                loan_panel(loan, desk.picked[1], desk.run, desk.put_away)
    if len(member.loans) > LISTED:
        st.write(f"And {len(member.loans) - LISTED} more: open the record to see them.")


def last_acts(desk: Desk, acts: tuple[DeskActRow, ...], today: date) -> None:
    """One's own last ten acts at the desk, the newest with undo by key: it says what it was, and for whom."""
    st.subheader("Just done by you", anchor=False)
    if not acts:
        st.write("Nothing yet. What is done here can be undone for some minutes.")
        return
    newest = next((act for act in acts if act.can_undo), None)
    if newest is not None:
        st.button(
            f"Undo{' now' if desk.unsure == newest.id else ''}: {plain(_short(newest))}", key="undo-last",
            on_click=desk.undo, args=(newest,), shortcut="Alt+Z", icon=":material/undo:", width="stretch",
            wrap=True,
        )  # fmt: skip
    elif not acts[0].undone and acts[0].why_not and day_of(acts[0].at, ZoneInfo(the_reader().zone)) == today:
        st.markdown(f":small[{plain(acts[0].why_not)}]")
    for when, done in groupby(acts, key=lambda act: day_of(act.at, ZoneInfo(the_reader().zone))):
        head = "" if when == today else f":small[**{day(when)}**]\n\n"
        st.markdown(head + "\n".join(f"- {act_words(act)}" for act in done))
    older = [act for act in acts if act.can_undo and act is not newest]
    if older:
        with st.popover("Undo an earlier one", icon=":material/history:", width="stretch"):
            for act in older:
                st.button(plain(_short(act)), key=f"undo-{act.id}", on_click=desk.undo, args=(act,), width="stretch")


def _short(act: DeskActRow) -> str:
    """An act on a button."""
    title = act.title if len(act.title) <= TITLE else act.title[: TITLE - 1].rstrip() + "…"
    return act_line(replace(act, title=title))
