"""The weekly pattern as seven rows: open or closed, and the button that changes it."""

from collections.abc import Iterable
from datetime import date

import streamlit as st

from lib.circulation.closure_entries import ClosureRow, new_entries
from lib.circulation.models import ClosureKind
from lib.closures.reach import CalendarChange
from lib.ui.closure_asked import Asked, ask
from lib.ui.closure_list import weekday_name
from lib.ui.closure_preview import preview_at
from lib.ui.words import day, plain


def week_rows(rows: Iterable[ClosureRow], today: date) -> None:
    """A row for each weekday, Monday first; what is changed here holds from today on."""
    closed = {row.weekday: row for row in rows if row.kind is ClosureKind.WEEKLY}
    st.subheader("The week", anchor=False)
    for weekday in range(7):
        name, row, place = weekday_name(weekday), closed.get(weekday), f"weekday-{weekday}"
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            if row is None:
                st.markdown(f":material/check_circle: **{name}**: open", width="content")
                entries = new_entries(ClosureKind.WEEKLY, weekday=weekday, first=today)
                asked = Asked(place, "Close", f"every {name}", CalendarChange(add=entries))
                st.button(f"Close every {name}", key=place, on_click=ask, args=(asked,))
            else:
                reason = f" · {plain(row.reason)}" if row.reason else ""
                begins = f" from {day(row.since)} on" if row.since and row.since > today else ""
                st.markdown(f":material/do_not_disturb_on: **{name}**: closed{begins}{reason}", width="content")
                asked = Asked(place, "Open", f"every {name} from today on", CalendarChange(remove=(row.id,)))
                st.button(f"Open every {name}", key=place, on_click=ask, args=(asked,))
        preview_at(place)
