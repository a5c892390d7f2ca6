"""Registrations that wait for a yes or a no."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import registrations
from lib.ui.doorway import enter, reading
from lib.ui.registration_list import registration
from lib.ui.words import count

enter(Permission.APPROVE_MEMBERS)
st.title("Registrations", anchor=False)
with reading() as uow:
    waiting = registrations(uow)
if not waiting.rows:
    st.success("Nobody is waiting. New registrations appear here once their e-mail address is confirmed.")
else:
    people = count(waiting.total, "person waits", "people wait")
    st.write(f"{people} for a decision. They are told by mail.")
for row in waiting.rows:
    registration(row)
