"""Members: find them by any part of their name, card, e-mail or telephone number; add a new one."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.models import AccountStatus
from lib.accounts.queries import find_members
from lib.ui.cursor import cursor_in, handed_in, was_handed_in
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.member_form import add_member_dialog
from lib.ui.member_list import WORDS, member_list
from lib.ui.navigation import go
from lib.ui.words import count

me = enter(Permission.READ_MEMBERS)
head, new = st.columns([3, 1], vertical_alignment="bottom")
head.title("Members", anchor=False)
if me.actor.may(Permission.EDIT_MEMBERS) and new.button("Add a member", icon=":material/person_add:", width="stretch"):
    add_member_dialog()
left, right = st.columns([3, 1])
text = left.text_input(
    "Find", key="find", bind="query-params", type="search",
    placeholder="Name in any order, card, e-mail or telephone number", on_change=handed_in,
)  # fmt: skip
status = right.selectbox(
    "Status", [state.value for state in AccountStatus], index=None, key="status", bind="query-params",
    placeholder="Every status", format_func=lambda value: WORDS[AccountStatus(value)],
)  # fmt: skip
with showing_refusals():
    with reading() as uow:
        wanted = AccountStatus(status) if status else None
        found = find_members(uow, text or "", status=wanted, page=int(st.session_state.get("page", 1)), size=25)
    if was_handed_in() and found.total == 1 and found.rows[0].card_number == text.strip():
        go("member", id=found.rows[0].account_id)
    st.write(count(found.total, "person", "people"))
    if found.rows:
        member_list(found.rows, "members")
    else:
        st.info("Nobody fits. Check the spelling, or add them as a new member.", icon=":material/person_search:")
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
cursor_in("Find")
