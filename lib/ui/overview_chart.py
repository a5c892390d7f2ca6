"""Loans a day: bars, and the mean of each day and the six open days before it; also as a table."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from lib.ui.linked import esc, show_linked
from lib.ui.words import day, number

Day = tuple[date, int, bool]
WINDOW = 7
HEIGHT = 320  # pixels


def open_means(days: Sequence[Day]) -> list[float | None]:
    """For each day the mean of the last seven open days up to it, None where there are fewer or it is closed."""
    means: list[float | None] = []
    seen: list[int] = []
    for _, loans, is_open in days:
        if is_open or loans:
            seen.append(loans)
        means.append(sum(seen[-WINDOW:]) / WINDOW if is_open and len(seen) >= WINDOW else None)
    return means


def loans_chart(days: Sequence[Day]) -> None:
    """The chart, in the theme's colours, and under it the same as a table, a row a week."""
    import plotly.graph_objects as go  # noqa: PLC0415  # heavy, and only the overview draws

    if not any(loans for _, loans, _ in days):
        st.caption("Nothing was lent in the last 90 days: the chart begins with the first loan.")
        return
    on = [entry[0] for entry in days]
    dark = st.context.theme.type == "dark"
    bars, line = ("#7d6f64", "#e0b15c") if dark else ("#cdbba4", "#8c2f39")
    figure = go.Figure()
    figure.add_bar(x=on, y=[loans for _, loans, _ in days], name="Loans", marker_color=bars,
                   customdata=[day(one) for one in on], hovertemplate="%{customdata}: %{y}<extra></extra>")  # fmt: skip
    figure.add_scatter(x=on, y=open_means(days), name="Mean of seven open days", mode="lines", connectgaps=True,
                       line={"color": line, "width": 3}, hovertemplate="%{y:.1f}<extra></extra>")  # fmt: skip
    figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 0, "t": 8, "b": 0}, bargap=0.25, hovermode="x unified",
        legend={"orientation": "h", "y": 1.12, "x": 0}, xaxis={"fixedrange": True},
        yaxis={"fixedrange": True, "rangemode": "tozero"},
    )  # fmt: skip
    st.plotly_chart(figure, config={"displayModeBar": False}, key="loans-a-day", alt=_alt(days))
    with st.expander("The same as a table", icon=":material/table_rows:"):
        _table(days)


def _alt(days: Sequence[Day]) -> str:
    most = max(days, key=lambda entry: entry[1])
    total = number(sum(entry[1] for entry in days))
    return f"Loans a day over {len(days)} days: {total} in all, at most {number(most[1])} on {day(most[0])}."


def weeks(days: Sequence[Day]) -> list[tuple[date, int, int]]:
    """The days in weeks: first day, loans, days open; newest first."""
    found: dict[date, list[Day]] = {}
    for entry in days:
        found.setdefault(entry[0] - timedelta(days=entry[0].weekday()), []).append(entry)
    return [
        (week[0][0], sum(loans for _, loans, _ in week), sum(is_open for _, _, is_open in week))
        for _, week in sorted(found.items(), reverse=True)
    ]


def _table(days: Sequence[Day]) -> None:
    rows = "".join(
        f'<tr><td>{esc(day(first))}</td><td class="num">{esc(number(loans))}</td>'
        f'<td class="num">{opens}</td><td class="num">{esc(number(round(loans / opens, 1))) if opens else ""}</td></tr>'
        for first, loans, opens in weeks(days)
    )
    names = ("Loans", "Days open", "Loans a day open")
    head = '<th scope="col">Week from</th>' + "".join(f'<th class="num" scope="col">{name}</th>' for name in names)
    show_linked(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", "loans-a-week")
