"""The lending policy as people read it: one value as a table of membership types by kinds, and a line's form."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import streamlit as st

from lib.circulation.policy import BOUNDS
from lib.circulation.policy_sets import PolicyLineRow
from lib.kit.money import Money
from lib.ui.linked import esc, show_linked
from lib.ui.words import money, number, the_reader

LABELS: Mapping[str, str] = {
    "loan_days": "Loan period (days)", "max_loans": "Loans at a time", "max_renewals": "Renewals",
    "fine_per_day": "Fine per day", "grace_days": "Days of grace", "fine_cap": "Highest fine per loan",
    "max_holds": "Holds at a time", "hold_shelf_days": "Days on the hold shelf",
    "debt_block": "Owing more than this blocks",
}  # fmt: skip
ROWS = (
    ("loan_days", "max_loans", "max_renewals"), ("fine_per_day", "grace_days", "fine_cap"),
    ("max_holds", "hold_shelf_days", "debt_block"),
)  # fmt: skip
AMOUNTS = {"fine_per_day", "fine_cap", "debt_block"}


def value_text(name: str, value: int) -> str:
    """A value as it is written: an amount of money or a number."""
    return money(value) if name in AMOUNTS else number(value)


def policy_matrix(types: list[str], kinds: list[str], cell: Callable[[int, int], int], name: str) -> None:
    """A table of one value: a row a membership type, a column a kind of item."""
    head = "".join(f'<th scope="col" class="num">{esc(kind)}</th>' for kind in kinds)
    body = "".join(
        f'<tr><th scope="row">{esc(kind)}</th>'
        + "".join(f'<td class="num">{esc(value_text(name, cell(row, place)))}</td>' for place in range(len(kinds)))
        + "</tr>"
        for row, kind in enumerate(types)
    )
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="What holds now">{table}</div>', "matrix")


def line_form(line: PolicyLineRow | None, general: Mapping[str, int | None], key: str) -> dict[str, int | None] | None:
    """The form of a line; an empty field leaves the value to the more general lines. Returns values on submit."""
    whole = line is not None and line.membership_type_id is None and line.item_kind_id is None
    with st.form(key):
        values: dict[str, int | None] = {}
        for names in ROWS:  # a row each, so that a phone shows them in this order too
            for place, name in zip(st.columns(3), names, strict=True):
                values[name] = _field(place, name, line.values.get(name) if line else None, general, whole, key)
        return values if st.form_submit_button("Save this line", type="primary") else None


def _field(
    place: "st.delta_generator.DeltaGenerator",
    name: str,
    value: int | None,
    general: Mapping[str, int | None],
    whole: bool,
    key: str,
) -> int | None:
    low, high = BOUNDS[name]
    usual = general.get(name)
    hint = "" if whole or usual is None else f"as usual: {value_text(name, usual)}"
    if name not in AMOUNTS:
        typed = place.number_input(LABELS[name], low, high, value, 1, key=f"{key}-{name}", placeholder=hint)
        return None if typed is None else int(typed)
    unit = Money(1, the_reader().currency).decimal
    shown = None if value is None else float(Decimal(value) * unit)
    amount = place.number_input(
        LABELS[name], 0.0, None, shown, float(max(unit, Decimal("0.05"))), key=f"{key}-{name}", placeholder=hint
    )
    return None if amount is None else int((Decimal(str(amount)) / unit).to_integral_value())
