"""What staff can do with a member's account: to the desk, print the card, suspend, disable, reactivate."""

from collections.abc import Callable

import streamlit as st

from lib.access.actor import Actor
from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.accounts.models import AccountStatus
from lib.accounts.pins import clear_pin, has_pin, is_locked, lift_pin_lock, set_pin_at_desk
from lib.accounts.policy import may_move
from lib.accounts.queries import MemberDetail
from lib.accounts.standing import reactivate, suspend
from lib.circulation.closing import close_account, consider_closing, disable_account
from lib.ui.doorway import actor_now, installation, reading, say, showing_refusals, work
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import count


def member_acts(actor: Actor, detail: MemberDetail) -> None:
    """A row of acts; those that do not fit the account's status are left out."""
    with st.container(horizontal=True, vertical_alignment="center"):
        link("desk", "To the desk", icon=":material/barcode_scanner:", member=detail.account_id)
        if detail.card_number:
            st.link_button("Library card (PDF)", f"/files/card/{detail.account_id}", icon=":material/badge:")
        if detail.account_id == actor.account_id or (detail.role is not Role.MEMBER and actor.role is not Role.ADMIN):
            return
        if detail.card_number and detail.status in (AccountStatus.ACTIVE, AccountStatus.SUSPENDED):
            _pin(detail)
        if detail.status is AccountStatus.ACTIVE:
            _suspension(detail)
        if detail.status in (AccountStatus.ACTIVE, AccountStatus.SUSPENDED):
            _disabling(detail)
        if detail.role is Role.MEMBER and may_move(detail.status, AccountStatus.CLOSED):
            _closing(detail)
        if detail.status in (AccountStatus.SUSPENDED, AccountStatus.DISABLED):
            label = "Lift the suspension" if detail.status is AccountStatus.SUSPENDED else "Open the account again"
            if st.button(label):
                _do(lambda uow: reactivate(uow, detail.account_id), "The account is active again.")


def _pin(detail: MemberDetail) -> None:
    with reading() as uow:
        there, locked = has_pin(uow, detail.account_id), is_locked(uow, detail.account_id)
    with st.popover("PIN: locked" if locked else "PIN"):
        if locked:
            st.write("Five wrong PINs closed this card to the library's machines for a quarter of an hour.")
            if st.button("Let them try again", type="primary"):
                _do(lambda uow: lift_pin_lock(uow, detail.account_id), "The card may try again at the machines.")
        st.write("For the library's machines. Let the member type it." + ("" if there else " There is none yet."))
        with st.form("pin", clear_on_submit=True):
            pin = st.text_input("New PIN", type="password", max_chars=8, help="Four to eight digits.")
            if st.form_submit_button("Set the PIN", type="primary"):
                with showing_refusals():
                    set_pin_at_desk(installation(), actor_now(), detail.account_id, pin)
                    say("The PIN is set.")
                    st.rerun()
        if there and st.button("Remove the PIN"):
            _do(lambda uow: clear_pin(uow, detail.account_id), "The PIN is removed.")


def _suspension(detail: MemberDetail) -> None:
    with st.popover("Suspend"):
        st.write("They may still sign in and return books, but not borrow or renew. They are told by mail.")
        with st.form("suspend"):
            reason = st.text_input("Reason", max_chars=500, help="The member reads it.")
            until = st.date_input("Up to and including", None, help="Empty: until it is lifted.", format="DD/MM/YYYY")
            if st.form_submit_button("Suspend", type="primary"):
                _do(lambda uow: suspend(uow, detail.account_id, reason, until), "The member is suspended.")


def _disabling(detail: MemberDetail) -> None:
    with st.popover("Disable"):
        st.write("Nobody can sign in to this account any more; its sessions, keys and holds end at once. Loans and "
                 "money stay.")  # fmt: skip
        with st.form("disable"):
            reason = st.text_input("Reason", max_chars=500)
            if st.form_submit_button("Disable the account"):
                _do(lambda uow: disable_account(uow, detail.account_id, reason), "The account is disabled.")


def _closing(detail: MemberDetail) -> None:
    with st.popover("Close"):
        with reading() as uow:
            found = consider_closing(uow, detail.account_id)
        if found.reasons:
            show_reasons(found.reasons, "This account cannot be closed yet.")
            way_out_buttons(found.reasons, Situation(member_id=detail.account_id), place="close")
            return
        ends = f" {count(found.holds, 'hold ends', 'holds end')}, and the copies go to the next." if found.holds else ""
        st.write(f"For good: the name, the address and what was read are forgotten.{ends} This cannot be taken back.")
        with st.form("close"):
            reason = st.text_input("Reason", max_chars=500, help="For the moment: it is not kept.")
            if st.form_submit_button("Close the account for good"):
                with showing_refusals():
                    with work() as uow:
                        close_account(uow, detail.account_id, reason=reason)
                    say("The account is closed.")
                    st.rerun()


def _do(act: Callable[[UnitOfWork], object], done: str) -> None:
    with showing_refusals():
        with work() as uow:
            act(uow)
        say(done)
        st.rerun()
