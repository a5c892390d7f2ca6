"""Membership types and kinds of item: what the lending policy is made for. Names to change, new ones to add."""

from collections.abc import Callable

import streamlit as st

from lib.access.work import UnitOfWork
from lib.accounts.membership_types import MembershipTypeRow, save_type
from lib.catalogue.kinds import add_kind, delete_kind, rename_kind
from lib.catalogue.rows import KindRow
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.words import count, number, plain

LABELS = {"code": "Short name", "name": "Name", "months": "Months"}
CODE_HELP = "For files and programs: a–z, 0–9 and dashes, like public or board-game."


def membership_types(types: tuple[MembershipTypeRow, ...]) -> None:
    """Every type with its form, and a form for a new one."""
    st.write(
        "What sort of reader somebody is. Lending rules are made for them, and a membership lasts as long as here."
    )
    for row in types:
        lasts = "for good" if row.months is None else count(row.months, "month", "months")
        label = f"**{plain(row.name)}** · {lasts}" + (" · retired" if row.retired else "")
        with st.expander(label):
            _type_form(row)
    with st.expander("Add a membership type", icon=":material/add:"):
        _type_form(None)


def _type_form(row: MembershipTypeRow | None) -> None:
    key = f"type-{row.id}-{row.code}-{row.name}-{row.months}-{row.retired}" if row else "type-new"
    with st.form(key, clear_on_submit=row is None):
        left, middle, right = st.columns([3, 2, 2])
        name = left.text_input("Name", row.name if row else "", max_chars=200, key=f"{key}-name")
        code = middle.text_input("Short name", row.code if row else "", max_chars=30, help=CODE_HELP, key=f"{key}-code")
        months = right.number_input(
            "Months", 1, 1200, row.months if row else 12, 1, help="Empty: for good.", key=f"{key}-months"
        )
        retired = row is not None and st.toggle("Retired: given to nobody new", row.retired, key=f"{key}-retired")
        if not st.form_submit_button("Save" if row else "Add the type", type="primary" if row is None else "secondary"):
            return
    _do(
        lambda uow: save_type(uow, code=code, name=name, months=None if months is None else int(months),
                              type_id=row.id if row else None, retired=retired),
        f"“{name}” is saved.",
    )  # fmt: skip


def item_kinds(kinds: tuple[KindRow, ...]) -> None:
    """Every kind with its form, and a form for a new one."""
    st.write(
        "What sorts of things the library lends. Lending rules are made for them; readers narrow a search by them."
    )
    for row in kinds:
        with st.expander(f"**{plain(row.name)}** · {count(row.titles, 'title', 'titles')}"):
            _kind_form(row)
    with st.expander("Add a kind of item", icon=":material/add:"), st.form("kind-new", clear_on_submit=True):
        left, right = st.columns([3, 2])
        name = left.text_input("Name", max_chars=60, key="kind-new-name", placeholder="Board game")
        code = right.text_input("Short name", max_chars=30, help=f"{CODE_HELP} It stays.", key="kind-new-code")
        if st.form_submit_button("Add the kind", type="primary"):
            _do(lambda uow: add_kind(uow, code, name), f"“{name}” is there now.")


def _kind_form(row: KindRow) -> None:
    with st.form(f"kind-{row.id}-{row.name}"):
        name = st.text_input("Name", row.name, max_chars=60, key=f"kind-{row.id}-{row.name}-name")
        if st.form_submit_button("Save"):
            _do(lambda uow: rename_kind(uow, row.id, name), f"“{name}” is saved.")
    why = f"{number(row.titles)} titles are of this kind." if row.titles else None
    if st.button("Delete this kind", key=f"kind-{row.id}-delete", disabled=row.titles > 0, help=why):
        _do(lambda uow: delete_kind(uow, row.id), f"“{row.name}” was deleted.")


def _do(act: Callable[[UnitOfWork], object], done: str) -> None:
    with showing_refusals(**LABELS):
        with work() as uow:
            act(uow)
        say(done)
        st.rerun()
