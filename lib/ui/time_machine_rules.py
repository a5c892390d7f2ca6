"""The proposed rules as a table to edit: a row a line, an empty cell leaves the value to the more general lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from lib.accounts.membership_types import MembershipTypeRow
from lib.catalogue.rows import KindRow
from lib.circulation.policy import BOUNDS, VALUES
from lib.circulation.policy_changes import PolicyState, ProposedLine
from lib.circulation.policy_sets import PolicyLineRow
from lib.kit.money import Money
from lib.ui.policy_table import AMOUNTS, LABELS
from lib.ui.words import day, the_reader

EVERYBODY, EVERYTHING = "Everybody", "Everything"
WHO, WHAT = "Member type", "Kind of item"
HEADS: Mapping[str, str] = {
    "loan_days": "Loan days", "max_loans": "Loans", "max_renewals": "Renewals", "fine_per_day": "Fine a day",
    "grace_days": "Grace days", "fine_cap": "Highest fine", "max_holds": "Holds", "hold_shelf_days": "Shelf days",
    "debt_block": "Debt block",
}  # fmt: skip


SHORT = dict(zip(VALUES, ("Days", "Loans", "Renew.", "Fine", "Grace", "Cap", "Holds", "Shelf", "Block"), strict=True))
# Pixels: every head is whole, and the table stands beside the menu on a screen of 1280.
WIDTHS = dict(zip(VALUES, (64, 74, 80, 64, 74, 60, 74, 70, 76), strict=True))


@dataclass(frozen=True, slots=True)
class Names:
    """What member types and kinds of item are called in the table, and which they are."""

    types: dict[str, int | None]
    kinds: dict[str, int | None]


def names_of(types: Iterable[MembershipTypeRow], kinds: Iterable[KindRow]) -> Names:
    """Names for the table; two of one name are told apart by their numbers."""
    return Names(
        {EVERYBODY: None, **_told_apart((row.id, row.name) for row in types)},
        {EVERYTHING: None, **_told_apart((row.id, row.name) for row in kinds)},
    )


def _told_apart(rows: Iterable[tuple[int, str]]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for number, name in rows:
        taken = name in found or name in (EVERYBODY, EVERYTHING)
        found[f"{name} ({number})" if taken else name] = number
    return found


def choose_start(state: PolicyState) -> tuple[PolicyLineRow, ...]:
    """The lines to start from: those in force, or a planned set."""
    if not state.planned:
        return state.lines
    chosen = st.selectbox(
        "Start from", [None, *state.planned], key="start-from",
        format_func=lambda row: f"Planned from {day(row.holds_from)}" if row else "The rules in force now",
    )  # fmt: skip
    return chosen.lines if chosen else state.lines


def rules_editor(lines: tuple[PolicyLineRow, ...], names: Names, key: str) -> list[ProposedLine]:
    """The table; returns the lines as they stand in it."""
    table = st.data_editor(
        _frame(lines, names), hide_index=True, num_rows="dynamic", key=key, alt="Proposed lines of the lending policy",
        column_config=_columns(names), placeholder="",
    )  # fmt: skip
    return proposed_lines(table, names)


def _frame(lines: tuple[PolicyLineRow, ...], names: Names) -> pd.DataFrame:
    types, kinds = ({number: name for name, number in known.items()} for known in (names.types, names.kinds))
    unit = Money(1, the_reader().currency).decimal
    data: dict[str, Any] = {
        WHO: [types.get(line.membership_type_id, EVERYBODY) for line in lines],
        WHAT: [kinds.get(line.item_kind_id, EVERYTHING) for line in lines],
    }
    for name in VALUES:
        given = [line.values[name] for line in lines]
        if name in AMOUNTS:
            amounts = [None if value is None else float(Decimal(value) * unit) for value in given]
            data[HEADS[name]] = pd.array(amounts, dtype="Float64")
        else:
            data[HEADS[name]] = pd.array(given, dtype="Int64")
    return pd.DataFrame(data)


def _columns(names: Names) -> dict[str, Any]:
    unit = Money(1, the_reader().currency).decimal
    pick = st.column_config.SelectboxColumn
    found: dict[str, Any] = {
        WHO: pick("Member", options=[*names.types], required=True, default=EVERYBODY, pinned=True, width=92),
        WHAT: pick("Kind", options=[*names.kinds], required=True, default=EVERYTHING, width=84),
    }
    for name in VALUES:
        low, high = BOUNDS[name]
        if name in AMOUNTS:
            found[HEADS[name]] = st.column_config.NumberColumn(
                SHORT[name], help=f"{LABELS[name]}, in {the_reader().currency}", min_value=0.0, step=float(unit),
                max_value=float(high * unit), format="%.2f" if unit < 1 else "%d", width=WIDTHS[name],
            )  # fmt: skip
        else:
            found[HEADS[name]] = st.column_config.NumberColumn(
                SHORT[name], help=LABELS[name], min_value=low, max_value=high, step=1, width=WIDTHS[name]
            )
    return found


def proposed_lines(table: pd.DataFrame, names: Names) -> list[ProposedLine]:
    """The rows of the table as lines; rows without a word are left out."""
    unit = Money(1, the_reader().currency).decimal
    found = []
    for row in table.to_dict("records"):
        values = {
            name: _minor(row[HEADS[name]], unit) if name in AMOUNTS else int(row[HEADS[name]])
            for name in VALUES
            if not pd.isna(row[HEADS[name]])
        }
        who, what = (None if pd.isna(row[head]) else str(row[head]) for head in (WHO, WHAT))
        if values or who or what:
            found.append(ProposedLine(names.types.get(who or EVERYBODY), names.kinds.get(what or EVERYTHING), values))
    return found


def _minor(amount: Any, unit: Decimal) -> int:
    return int((Decimal(str(amount)) / unit).to_integral_value())
