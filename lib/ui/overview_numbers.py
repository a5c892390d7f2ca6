"""The overview's numbers, each with its trend, and what needs attention as sentences that lead somewhere."""

import streamlit as st

from lib.reports.overview import Alert, BusyTitle, Measure
from lib.ui.linked import anchor, esc, listed, show_linked
from lib.ui.navigation import href
from lib.ui.words import number

BETTER_LOWER = {"overdue"}
# Where an alert is dealt with, more exactly than its page.
PLACES: dict[str, tuple[str, dict[str, str]]] = {
    "long-overdue": ("overdue", {"days": "28"}),
}


def measure_tiles(measures: tuple[Measure, ...]) -> None:
    """Six numbers, each with what it was four weeks earlier and a line of its last weeks."""
    with st.grid(min_column_width=220, gap="medium"):
        for measure in measures:
            _tile(measure)


def _tile(measure: Measure) -> None:
    change = None if measure.before is None else measure.value - measure.before
    st.metric(
        measure.label,
        number(measure.value),
        None if change is None else f"{'+' if change > 0 else ''}{number(change)}",
        "off" if not change else "inverse" if measure.key in BETTER_LOWER else "normal",
        delta_arrow="auto" if change else "off",
        delta_description="to 28 days ago" if measure.key in ("overdue", "copies") else "to the 28 days before",
        help=f"{measure.detail[:1].upper()}{measure.detail[1:]}. The line has a point a week.",
        chart_data=[value for _, value in measure.trend],
        chart_type="area",
        border=True,
    )


def show_alerts(alerts: tuple[Alert, ...]) -> None:
    """What needs attention, a line each; a calm word when nothing does."""
    if not alerts:
        st.success("Nothing needs your attention.", icon=":material/check_circle:")
        return
    items = (anchor(_address(alert), esc(alert.sentence), more=_TEXT) for alert in alerts)
    html = f'<div class="empty"><h2>What needs attention</h2>{listed(items, "plain")}</div>'
    show_linked(html, "alerts")


def _address(alert: Alert) -> str:
    page, query = PLACES.get(alert.code, (alert.page, {}))
    return href(page, **query)


_TEXT = 'class="text"'


def busiest_titles(titles: tuple[BusyTitle, ...]) -> None:
    """The most lent titles of the last 90 days, as a table."""
    if not titles:
        st.caption("Nothing was lent in the last 90 days.")
        return
    rows = "".join(
        f'<tr><td class="num">{place}</td>'
        f"<td>{anchor(href('title', id=row.title_id), f'<bdi>{esc(row.title)}</bdi>', more=_TEXT)}</td>"
        f'<td class="num">{esc(number(row.loans))}</td></tr>'
        for place, row in enumerate(titles, 1)
    )
    head = '<tr><th class="num" scope="col">#</th><th scope="col">Title</th><th class="num" scope="col">Loans</th></tr>'
    show_linked(f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>", "busiest")
