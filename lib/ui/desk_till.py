"""Money at the desk: one key opens the panel with everything owed, one more takes it; an amount typed meanwhile is
taken instead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from lib.billing.models import PaymentMethod
from lib.billing.queries import ChargeRow, charges_of
from lib.desk.counter import DeskMember
from lib.ui.doorway import reading
from lib.ui.words import money, plain

METHODS = {
    PaymentMethod.CASH: ("Cash", "Alt+5"), PaymentMethod.CARD: ("Card terminal", "Alt+6"),
    PaymentMethod.TRANSFER: ("Transfer", "Alt+7"),
}  # fmt: skip


@dataclass(slots=True)
class Till:
    """A payment that is being taken. `amount_minor`: what was typed, None for all; `chosen`: the charges to pay, none
    for the oldest first; `key` is that of this one payment, however often its button is pressed."""

    amount_minor: int | None = None
    chosen: tuple[int, ...] = ()
    key: str = field(default_factory=lambda: uuid4().hex)


def amount_of(till: Till, charges: tuple[ChargeRow, ...], owed_minor: int) -> int:
    """What the buttons take: what was typed, else the chosen charges, else everything."""
    if till.amount_minor is not None:
        return till.amount_minor
    if till.chosen:
        return sum(charge.balance_minor for charge in charges if charge.id in till.chosen)
    return owed_minor


def till_panel(
    till: Till, member: DeskMember, pay: Callable[[PaymentMethod, int], None], close: Callable[[], None]
) -> None:
    """What is owed and for what, and a button for each way of paying, by key."""
    with reading() as uow:
        charges = tuple(
            row for row in charges_of(uow, member.detail.id, open_only=True).rows if row.balance_minor > 0
        )  # fmt: skip
    with st.container(border=True):
        _choice(till, charges)
        amount = amount_of(till, charges, member.owed_minor)
        st.subheader(f"Take {money(amount)}", anchor=False)
        st.write("Another amount: type it above, then Enter.")
        with st.container(horizontal=True):
            for method, (word, shortcut) in METHODS.items():
                st.button(
                    word, key=f"till-{method}", on_click=pay, args=(method, amount), shortcut=shortcut,
                    disabled=amount <= 0,
                )  # fmt: skip
            st.button("Not now", key="till-close", on_click=close, shortcut="Alt+X")


def _choice(till: Till, charges: tuple[ChargeRow, ...]) -> None:
    if len(charges) < 2:
        for charge in charges:
            st.write(f"{plain(charge.what)}: {money(charge.balance_minor)}")
        return
    names = {charge.id: f"{plain(charge.what)}: {money(charge.balance_minor)}" for charge in charges}
    key = f"till-charges-{till.key}"
    st.multiselect(
        "Only these charges", list(names), format_func=names.__getitem__, key=key, on_change=_chosen,
        args=(till, key), placeholder="All, the oldest first",
    )  # fmt: skip


def _chosen(till: Till, key: str) -> None:
    till.chosen, till.amount_minor = tuple(st.session_state.get(key) or ()), None
