"""Making staff, changing roles, and what each role may do."""

import pandas as pd
import streamlit as st

from lib.access.permissions import GRANTS, PHRASES, Permission, Role
from lib.accounts.queries import find_members
from lib.accounts.staff import StaffForm, appoint, create_staff
from lib.ui.doorway import reading, say, showing_refusals, work
from lib.ui.words import plain

CHOICES = (Role.MEMBER, Role.LIBRARIAN, Role.ADMIN)


def new_staff() -> None:
    """A form for a new librarian or admin; a link to choose a password is mailed."""
    st.subheader("Add staff")
    with st.form("new-staff", clear_on_submit=True):
        name = st.text_input("Name", max_chars=200)
        email = st.text_input("E-mail", max_chars=254, type="email")
        role = st.selectbox("Role", CHOICES[1:], format_func=lambda value: value.value.capitalize())
        if st.form_submit_button("Add and send the link", type="primary"):
            with showing_refusals():
                with work() as uow:
                    create_staff(uow, StaffForm(name=name, email=email or "", role=role))
                say(f"{name} is {role.value} now. A link to choose a password is on its way.")
                st.rerun()


def appointment() -> None:
    """Finds somebody and gives them another role."""
    st.subheader("Change a role")
    text = st.text_input("Who", placeholder="Name, card or e-mail", key="who")
    if not text:
        return
    with reading() as uow:
        found = find_members(uow, text, size=5)
    if not found.rows:
        st.info("Nobody fits. Check the spelling.", icon=":material/person_search:")
    for row in found.rows:
        words, choice, act = st.columns([3, 2, 1], vertical_alignment="bottom")
        words.markdown(f"**{plain(row.name)}**  \n{row.role.value} · {plain(row.email or '')}")
        role = choice.selectbox(
            "Role", CHOICES, CHOICES.index(row.role), format_func=lambda value: value.value.capitalize(),
            key=f"role-{row.account_id}",
        )  # fmt: skip
        if act.button("Change", key=f"change-{row.account_id}", disabled=role == row.role):
            with showing_refusals():
                with work() as uow:
                    appoint(uow, row.account_id, role)
                say(f"{row.name} is {role.value} now; their sessions have ended.")
                st.rerun()


def role_table() -> None:
    """What each role may do, as the program keeps it."""
    with st.expander("What each role may do", icon=":material/rule:"):
        st.table(
            pd.DataFrame(
                {
                    role.value: ["yes" if permission in GRANTS[role] else "" for permission in _SHOWN]
                    for role in CHOICES
                },
                index=[PHRASES[permission] for permission in _SHOWN],
            )
        )


_SHOWN = tuple(permission for permission in Permission if permission is not Permission.RUN_JOBS)
