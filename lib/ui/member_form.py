"""Forms about members: add, edit, suspend, disable, and the role of somebody."""

from datetime import date
from typing import Any

import streamlit as st

from lib.accounts.members import MemberForm, add_member
from lib.accounts.membership_types import MembershipTypeRow, list_types
from lib.accounts.queries import MemberDetail
from lib.ui.doorway import reading, say, showing_refusals, work
from lib.ui.navigation import go


@st.dialog("Add a member", width="medium")
def add_member_dialog() -> None:
    """A form for a new member; opens their record afterwards."""
    with reading() as uow:
        types = list_types(uow)
    form = member_fields(None, types, "new")
    if form is None:
        return
    made = 0
    with showing_refusals():
        with work() as uow:
            made = add_member(uow, form)
        say(f"{form.name} is a member now. A link to choose a password is on its way if there is an e-mail address.")
    if made:
        go("member", id=made)


def member_fields(old: MemberDetail | None, types: tuple[MembershipTypeRow, ...], key: str) -> MemberForm | None:
    """The fields of a member's record; the form once it is submitted."""
    known: dict[str, Any] = {name: getattr(old, name) or "" for name in _TEXTS} if old else dict.fromkeys(_TEXTS, "")
    ids = [kind.id for kind in types]
    chosen = old.membership_type_id if old else None
    with st.form(f"member-{key}", border=old is not None):
        name = st.text_input("Name", known["name"], max_chars=200)
        left, right = st.columns(2)
        email = left.text_input("E-mail", known["email"], max_chars=254, type="email")
        username = right.text_input("User name", known["username"], max_chars=40)
        phone = left.text_input("Telephone", known["phone"], max_chars=40, type="phone")
        card = right.text_input("Card number", known["card_number"], max_chars=20, help="Empty: a new one is made.")
        address = st.text_area("Address", known["address"], max_chars=500, height=80)
        kind = left.selectbox(
            "Membership", ids, ids.index(chosen) if chosen in ids else None, placeholder="As usual",
            format_func=lambda number: next(row.name for row in types if row.id == number),
        )  # fmt: skip
        ends = right.date_input(
            "Until", old.membership_ends_on if old else None, max_value=date(2999, 12, 31), format="DD/MM/YYYY"
        )
        note = st.text_area("Note for staff", known["note"], max_chars=2000, height=80)
        if not st.form_submit_button("Save" if old else "Add the member", type="primary"):
            return None
    return MemberForm(
        name=name, email=email or "", username=username or "", phone=phone or "", address=address, card_number=card,
        membership_type_id=kind, membership_ends_on=ends, language=old.language if old else "en", note=note,
    )  # fmt: skip


_TEXTS = ("name", "email", "username", "phone", "card_number", "address", "note")
