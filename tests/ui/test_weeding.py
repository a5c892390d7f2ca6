"""Weeding on screen: what nobody borrowed, chosen and withdrawn, with what could not go told."""

from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.circulation.weeding import weeding_list
from tests.builders import a_copy, a_librarian, a_title
from tests.circulation.steps import rows
from tests.ui.conftest import a_page, at_page
from tests.ui.on_screen import button, read

PAGE = "staff/weeding.py"
CHOSEN = """
import streamlit as st
from lib.ui.weeding_list import what_stayed, withdraw_chosen
from lib.ui.done_note import show_done
show_done("weeding")
what_stayed()
withdraw_chosen(st.session_state["chosen"])
"""
SessionOf = Callable[[Role], int]


def old(served: Installation, title: str, **given: object) -> str:
    return a_copy(served, a_title(served, title), added_at=served.clock.now() - timedelta(days=4000), **given)


def listed(at: object) -> pd.DataFrame:
    return at.dataframe[0].value  # type: ignore[attr-defined]


def test_nothing_is_that_long_unread(served: Installation, session_of: SessionOf) -> None:
    a_copy(served)
    assert "No copy is that long unread" in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_the_list_says_what_speaks_for_and_against_each(served: Installation, session_of: SessionOf) -> None:
    old(served, "Forgotten", price_minor=1250)
    old(served, "Worn", condition="worn")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    table = listed(at).set_index("Title")
    assert set(table.index) == {"Forgotten", "Worn"}
    assert (table.loc["Forgotten", "Last loan"], table.loc["Forgotten", "Price"]) == (None, 12.5)
    at.toggle(key="worn").set_value(True).run()
    assert list(listed(at)["Title"]) == ["Worn"]
    assert at.slider(key="years").set_value(30).run()
    assert "No copy is that long unread" in read(at)


def test_what_was_chosen_goes_with_one_reason_and_what_may_not_go_stays(
    served: Installation, session_of: SessionOf
) -> None:
    going, staying = old(served, "Forgotten"), old(served, "*Late*")
    with begin_reading(served, a_librarian(served)) as uow:
        chosen = list(weeding_list(uow, years=5).rows)
    with served.engine.begin() as connection:  # somebody was faster
        connection.exec_driver_sql(f"UPDATE copy SET status = 'lost' WHERE barcode = '{staying}'")
        connection.exec_driver_sql(
            f"UPDATE copy SET status = 'withdrawn', withdrawn_at = '2026-01-01' WHERE barcode = '{staying}'"
        )
    at = a_page(CHOSEN, session_of(Role.LIBRARIAN))
    at.session_state["chosen"] = chosen
    at.run()
    assert "2 copies leave the collection" in read(at)
    assert "no undo" in read(at)
    button(at, "Withdraw 2 copies").click().run()
    assert rows(served, f"SELECT status FROM copy WHERE barcode = '{going}'") == [("available",)], "not without reason"
    at.text_input[0].set_value("Not read for years")
    button(at, "Withdraw 2 copies").click().run()
    assert rows(served, f"SELECT status FROM copy WHERE barcode = '{going}'") == [("withdrawn",)]
    said = read(at).replace("\\", "")
    assert "1 copy was withdrawn." in said
    assert "*Late*" in said
    assert rows(served, "SELECT count(*) FROM audit WHERE action = 'copy.withdraw'") == [(1,)]
