"""The charts of a replay: due dates that move, and one measure by month and by membership type; each beside a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from lib.kit.money import Money
from lib.reports.replay_sums import WIDEST, Group, Outcome
from lib.reports.time_machine import Replay
from lib.ui.linked import esc, show_linked
from lib.ui.words import count, money, number, the_reader

HEIGHT = 300  # pixels
RUNNING = timedelta(days=42)  # loans made so shortly before the end of the period were mostly not due yet
WORLDS = ("What really was", "Rules in force now", "Proposed rules")


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure: its name, its value in an outcome, how it is written, and whether it is an amount in minor units."""

    name: str
    value: Callable[[Outcome], int]
    text: Callable[[int], str]
    amount: bool = False


SHOWN = (
    Shown("Overdue loans", lambda one: one.overdue, number),
    Shown("Fines", lambda one: one.fines, money, amount=True),
    Shown("Refused loans", lambda one: one.refused, number),
)


def shifts_chart(replay: Replay) -> None:
    """How many due dates move, and by how many days."""
    moved = {days: many for days, many in replay.shifts if days}
    if not moved:
        st.caption("No due date moves.")
        return
    import plotly.graph_objects as go  # noqa: PLC0415  # heavy, and only here and on the overview

    _, _, proposed = _colours()
    figure = go.Figure()
    figure.add_bar(
        x=[*moved], y=[*moved.values()], marker_color=proposed, width=0.8, customdata=[_days(days) for days in moved],
        hovertemplate="%{customdata}: %{y}<extra></extra>",
    )  # fmt: skip
    _lay_out(figure, "Loans", xaxis={"title": "days earlier (−) or later (+)", "fixedrange": True})
    most = max(moved, key=lambda days: moved[days])
    alt = (
        f"Due dates that move: {number(sum(moved.values()))} loans, most of them ({number(moved[most])}) {_days(most)}."
    )
    st.plotly_chart(figure, config={"displayModeBar": False}, key="replay-shifts", alt=alt)
    with st.expander("The same as a table", icon=":material/table_rows:"):
        rows = [(_days(days), number(many)) for days, many in moved.items()]
        show_linked(_table(("Due date moves", "Loans"), rows), "replay-shifts-table")


def _days(days: int) -> str:
    size = f"{WIDEST} days or more" if abs(days) == WIDEST else count(abs(days), "day", "days")
    return f"{size} {'later' if days > 0 else 'earlier'}"


def measure_charts(replay: Replay, types: Mapping[int, str], month: Callable[[Any], str]) -> None:
    """One measure at choice, by month of issue and by membership type."""
    shown = st.radio(
        "What to compare", SHOWN, format_func=lambda one: one.name, horizontal=True, key="replay-measure"
    ) or SHOWN[0]  # fmt: skip
    worlds = 3 if shown.name != "Refused loans" else 2  # what was lent was not refused
    months = [(_month(group.key if isinstance(group.key, date) else None, replay, month), group)
              for group in replay.by_month]  # fmt: skip
    kinds = [(type_name(group.key, types), group) for group in replay.by_type]
    left, right = st.columns(2)
    with left:
        _grouped(f"{shown.name} by month", "Month of issue", months, shown, worlds, lines=len(months) > 2)
        if any(name.endswith(PART) for name, _ in months):
            st.caption(f"{PART} So late in the period that many of its loans were not due yet.")
    with right:
        _grouped(f"{shown.name} by member type", "Member type", kinds, shown, worlds, lines=False)


def _month(first: date | None, replay: Replay, month: Callable[[Any], str]) -> str:
    """A month's name, with a mark where many of its loans were not due yet."""
    if first is None:
        return "Other months"
    ends = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    whole = replay.first <= first and ends <= replay.last - RUNNING
    return month(first) + ("" if whole else PART)


def type_name(key: object, types: Mapping[int, str]) -> str:
    """A membership type's name; small groups together and readers without a type have words of their own."""
    if key is None:
        return "Smaller groups"
    return types.get(key, "Type unknown") if isinstance(key, int) else str(key)


def _grouped(
    title: str, what: str, groups: Sequence[tuple[str, Group]], shown: Shown, worlds: int, *, lines: bool
) -> None:
    import plotly.graph_objects as go  # noqa: PLC0415  # heavy, and only here and on the overview

    st.markdown(f"**{title}**")
    figure = go.Figure()
    names = [name for name, _ in groups]
    table = [[shown.value(one) for one in (group.recorded, group.current, group.proposed)] for _, group in groups]
    for place in range(3 - worlds, 3):
        values = [row[place] for row in table]
        unit = float(Money(1, the_reader().currency).decimal) if shown.amount else 1
        look: dict[str, Any] = {
            "x": names, "y": [value * unit for value in values], "name": WORLDS[place],
            "customdata": [shown.text(one) for one in values], "hovertemplate": "%{x}: %{customdata}<extra></extra>",
        }  # fmt: skip
        colour = _colours()[place]
        if lines:
            figure.add_scatter(
                **look, mode="lines", line={"color": colour, "width": _WIDTHS[place], "dash": _DASHES[place]}
            )
        else:
            figure.add_bar(**look, marker_color=colour)
    _lay_out(figure, shown.name, barmode="group", xaxis={"fixedrange": True, "type": "category", "nticks": 8})
    sums = [shown.text(sum(row[place] for row in table)) for place in range(3)]
    told = "; ".join(f"{WORLDS[place]}: {sums[place]}" for place in range(3 - worlds, 3))
    st.plotly_chart(figure, config={"displayModeBar": False}, key=f"replay-{what}", alt=f"{title}. {told}.")
    with st.expander("The same as a table", icon=":material/table_rows:"):
        rows = [(name, *map(shown.text, row[3 - worlds :])) for name, row in zip(names, table, strict=True)]
        show_linked(_table((what, *WORLDS[3 - worlds :]), rows), f"replay-{what}-table")


_DASHES, _WIDTHS = ("solid", "dash", "solid"), (7, 2, 3)  # what really was lies broad below the rules that made it
PART = "*"


def _colours() -> tuple[str, str, str]:
    return ("#7d6f64", "#8fb0c4", "#e0b15c") if st.context.theme.type == "dark" else ("#b9a58d", "#5b7486", "#8c2f39")


def _lay_out(figure: Any, measure: str, **more: Any) -> None:
    figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 0, "t": 8, "b": 0}, bargap=0.3,
        legend={"orientation": "h", "y": 1.16, "x": 0},
        yaxis={"title": measure, "fixedrange": True, "rangemode": "tozero"}, **more,
    )  # fmt: skip


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of words first and numbers after."""
    first, *others = heads
    head = f'<th scope="col">{esc(first)}</th>' + "".join(
        f'<th scope="col" class="num">{esc(one)}</th>' for one in others
    )
    body = "".join(
        f'<tr><th scope="row">{esc(row[0])}</th>'
        + "".join(f'<td class="num">{esc(one)}</td>' for one in row[1:])
        + "</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(first)}">{table}</div>'
