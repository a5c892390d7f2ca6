"""The outbox as a mailbox: what the library has written to whom. In the demo, links can be tried from here."""

import streamlit as st

from lib.access.permissions import Permission
from lib.notices.outbox import mailbox
from lib.ui.doorway import enter, reading
from lib.ui.words import label, when

enter(Permission.READ_MAILBOX)
st.title("Mailbox", anchor=False)
st.write(
    "Every message the library has written. Delivery by e-mail is not switched on yet, "
    "so in the demo this is where verification and password links are found."
)
number = int(st.session_state.get("mail-page", 1))
with reading() as uow:
    found = mailbox(uow, page=number, size=20)
if not found.rows:
    st.info("No messages yet. Register a new member, and the verification mail appears here.", icon=":material/mail:")
for notice in found.rows:
    with st.expander(f"{label(notice.subject)} · {label(notice.address)} · {when(notice.created_at)}"):
        st.text(f"To: {notice.address}")
        st.text(notice.body)
        for line in notice.body.splitlines():
            if line.strip().startswith(("http://", "https://")):
                st.link_button("Open the link", line.strip())
if found.pages > 1:
    st.pagination(found.pages, key="mail-page")
