"""Money at the desk: one key opens the panel with everything owed, one more takes it; an amount typed meanwhile is
taken instead, and what is given beyond that is told as change. What is waived is waived for a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from lib.access.permissions import Permission
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
    """A payment that is being taken. `typed_minor`: what was typed, None for all; more than is owed counts as what is
    given. `given_minor`: what was typed after a stroke. `chosen`: the charges to pay, none for the oldest first;
    `waived_minor`: what is to be waived instead, once a reason is written. `key` is that of this one payment, however
    often its button is pressed."""

    typed_minor: int | None = None
    given_minor: int | None = None
    chosen: tuple[int, ...] = ()
    waived_minor: int | None = None
    key: str = field(default_factory=lambda: uuid4().hex)


def amounts_of(till: Till, charges: tuple[ChargeRow, ...], owed_minor: int) -> tuple[int, int]:
    """What the buttons take, and what is given for it: what was typed, else the chosen charges, else everything."""
    chosen = sum(charge.balance_minor for charge in charges if charge.id in till.chosen)
    most = max(0, min(chosen, owed_minor) if till.chosen else owed_minor)  # what is due to them pays first
    typed = most if till.typed_minor is None else till.typed_minor
    return min(typed, most), max(typed, till.given_minor or 0)


def till_panel(
    till: Till, member: DeskMember, pay: Callable[[PaymentMethod, int, int], None], waive: Callable[[int], None],
    close: Callable[[], None], *, why: bool,
) -> None:  # fmt: skip
    """What is owed and for what, and a button for each way of paying, by key; who may, waives it instead. `why`: the
    reason of a waiver is asked for above."""
    with reading() as uow:
        may_waive = uow.actor.may(Permission.WAIVE_CHARGES) and uow.actor.account_id != member.detail.id
        charges = tuple(
            row for row in charges_of(uow, member.detail.id, open_only=True).rows if row.balance_minor > 0
        )  # fmt: skip
    with st.container(border=True):
        _choice(till, charges)
        amount, given = amounts_of(till, charges, member.owed_minor)
        st.subheader(f"{'Waive' if why else 'Take'} {money(amount)}", anchor=False)
        if why:
            st.write("Write above why it is waived, then Enter. Or take the money after all:")
        elif given > amount:
            st.markdown(f"Given {money(given)} in cash: **give back {money(given - amount)}**.")
        else:
            st.write("Type another amount above, or what they give, then Enter. 10/50: take 10, they give 50.")
        with st.container(horizontal=True):
            for method, (word, shortcut) in METHODS.items():
                st.button(
                    word, key=f"till-{method}", on_click=pay, args=(method, amount, given), shortcut=shortcut,
                    disabled=amount <= 0,
                )  # fmt: skip
            if may_waive and amount > 0 and not why:
                st.button(f"Waive {money(amount)}", key="till-waive", on_click=waive, args=(amount,), shortcut="Alt+0",
                          help="A reason is asked for, and kept in the audit trail.")  # fmt: skip
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
    till.chosen = tuple(st.session_state.get(key) or ())
    till.typed_minor, till.given_minor = None, None
