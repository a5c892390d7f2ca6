"""Staff and roles: who works here, and who becomes or stops being staff."""

import streamlit as st

from lib.access.permissions import Permission, Role
from lib.accounts.queries import find_members
from lib.accounts.settings import AccountSettings
from lib.ui.doorway import enter, reading
from lib.ui.member_list import member_list
from lib.ui.staff_forms import appointment, new_staff, role_table

enter(Permission.MANAGE_STAFF)
st.title("Staff and roles", anchor=False)
with reading() as uow:
    one_only = uow.settings(AccountSettings).single_librarian
    staff = [row for role in (Role.ADMIN, Role.LIBRARIAN) for row in find_members(uow, role=role, size=100).rows]
member_list(staff, "staff", roles=True)
if one_only:
    st.write("This library has one librarian only; that can be changed under Settings, Accounts.")
left, right = st.columns(2, gap="large")
with left:
    new_staff()
with right:
    appointment()
role_table()
