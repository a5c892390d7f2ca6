"""Forms about copies: add, edit, withdraw, delete."""

from collections.abc import Callable

import streamlit as st
from babel.numbers import get_currency_precision

from lib.access.work import UnitOfWork
from lib.catalogue.copies import add_copies
from lib.catalogue.forms import CopyForm
from lib.catalogue.locations import LocationRow
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.rows import CopyRow
from lib.circulation.capture import Offer
from lib.circulation.copy_moves import edit_copy
from lib.circulation.withdrawal import delete_copy, reinstate_copy, withdraw_copy
from lib.ui.doorway import form_key, renew_key, say, showing_refusals, work
from lib.ui.words import count, day, the_reader

BY_HAND = (CopyStatus.AVAILABLE, CopyStatus.IN_REPAIR, CopyStatus.ON_ORDER, CopyStatus.LOST)
WORDS = {
    CopyStatus.AVAILABLE: "on the shelf", CopyStatus.ON_LOAN: "on loan", CopyStatus.ON_HOLD_SHELF: "on the hold shelf",
    CopyStatus.IN_REPAIR: "in repair", CopyStatus.ON_ORDER: "on order", CopyStatus.LOST: "lost",
    CopyStatus.WITHDRAWN: "withdrawn",
}  # fmt: skip


def add_copies_form(title_id: int, places: tuple[LocationRow, ...], like: CopyRow | None = None) -> None:
    """A form for new copies of a title; their barcodes are drawn unless one is scanned. They go where `like` is."""
    key = form_key(f"copies-{title_id}")
    with st.form(f"add-{key}"):
        left, right = st.columns([1, 3])
        number = left.number_input("How many", 1, 200, 1, 1)
        barcode = right.text_input("Barcode", max_chars=40, placeholder="Scan it, or leave it empty for a new one")
        form = _fields(None, places, barcode, like)
        if not st.form_submit_button("Add copies", type="primary"):
            return
    with showing_refusals():
        with work() as uow:
            made = add_copies(uow, title_id, form, int(number))
        renew_key(f"copies-{title_id}")
        say(f"{count(len(made), 'copy', 'copies')} added: {', '.join(made[:5])}{'…' if len(made) > 5 else ''}")
        st.rerun()


def edit_copy_form(copy: CopyRow, places: tuple[LocationRow, ...]) -> None:
    """A form for one copy, and what else can be done with it."""
    with st.form(f"copy-{copy.id}-{copy.version}"):
        barcode = st.text_input("Barcode", copy.barcode, max_chars=40)
        form = _fields(copy, places, barcode)
        saved = st.form_submit_button("Save the copy", type="primary")
    if saved:
        _do(lambda uow: edit_copy(uow, copy.id, form, seen_version=copy.version), "The copy is saved.")
    with st.container(horizontal=True):
        if copy.status is CopyStatus.WITHDRAWN:
            if st.button("Put it back into stock", key=f"reinstate-{copy.id}"):
                _do(lambda uow: reinstate_copy(uow, copy.id), "The copy is back in stock.")
        else:
            _withdrawal(copy)
        with st.popover("Delete", help="For copies entered by mistake; one that was ever lent stays."):
            st.write(f"Copy {copy.barcode} will be gone for good.")
            if st.button("Delete the copy", key=f"delete-{copy.id}"):
                _do(lambda uow: delete_copy(uow, copy.id), "The copy was deleted.")


def _withdrawal(copy: CopyRow) -> None:
    with st.popover("Withdraw"), st.form(f"withdraw-{copy.id}"):
        st.write("It leaves the stock; its history stays.")
        reason = st.text_input("Reason", max_chars=500)
        if st.form_submit_button("Withdraw the copy"):
            _do(lambda uow: withdraw_copy(uow, copy.id, reason), "The copy was withdrawn.")


def _fields(
    old: CopyRow | None, places: tuple[LocationRow, ...], barcode: str, like: CopyRow | None = None
) -> CopyForm:
    names = {row.code: row.name for row in places}
    states = list(dict.fromkeys([*([old.status] if old else []), *BY_HAND]))
    unit = 10 ** get_currency_precision(the_reader().currency)
    key = f"copy-field-{old.id}-{old.version}" if old else "copy-field-new"
    one, two, three, four = st.columns(4)
    codes, beside = list(names), old or like
    place = one.selectbox(
        "Location", codes, codes.index(beside.location_code) if beside else 0, format_func=lambda code: names[code],
        key=f"{key}-place",
    )  # fmt: skip
    shelf = two.text_input(
        "Shelf", beside.shelf if beside else "", max_chars=40, placeholder="B-12", key=f"{key}-shelf"
    )
    conditions = list(Condition)
    condition = three.selectbox(
        "Condition", conditions, conditions.index(old.condition if old else Condition.GOOD), key=f"{key}-condition",
        format_func=lambda value: value.value,
    )  # fmt: skip
    status = four.selectbox("Status", states, 0, format_func=lambda value: WORDS[value], key=f"{key}-status")
    known = old.price_minor / unit if old and old.price_minor is not None else None
    price = one.number_input(f"Price ({the_reader().currency})", 0.0, None, known, 0.5, key=f"{key}-price")
    acquired = two.date_input(
        "Acquired on", old.acquired_on if old else None, key=f"{key}-acquired", format="DD/MM/YYYY"
    )
    note = st.text_input("Note", old.note if old else "", max_chars=500, key=f"{key}-note")
    return CopyForm(
        barcode=barcode, location=place, shelf=shelf, condition=condition, status=status, acquired_on=acquired,
        price_minor=None if price is None else round(price * unit), note=note,
    )  # fmt: skip


def _do(act: Callable[[UnitOfWork], object], done: str) -> None:
    with showing_refusals():
        with work() as uow:
            came_of_it = act(uow)
        if isinstance(came_of_it, Offer):
            done += f" {came_of_it.name} waits for it: put it on the hold shelf, until {day(came_of_it.shelf_until)}."
        say(done)
        st.rerun()
