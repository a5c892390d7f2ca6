"""The pull list on screen: in the order of a walk, scanned when fetched."""

from collections.abc import Callable

from sqlalchemy import insert

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.catalogue.models import Location
from tests.builders import a_copy, a_member, a_title
from tests.circulation.hold_steps import hold, set_lending, states
from tests.ui.conftest import a_page, at_page
from tests.ui.on_screen import html_of, read

PAGE = "staff/pull_list.py"
SCAN = """
import streamlit as st
from lib.ui.pull_rows import answer, fetched
for at, code in enumerate(st.session_state["codes"]):
    fetched(code, f"scan-{at}")
    st.markdown(f"{answer().tone}: {answer().html}" if answer() else "nothing")
"""
DONE = """
from lib.ui.done_note import show_done
from lib.ui.pull_rows import PAGE
if not st.session_state["codes"]:
    st.markdown(f"{answer().tone}: {answer().html}" if answer() else "nothing")
show_done(PAGE)
"""
SessionOf = Callable[[Role], int]


def wanted(served: Installation, name: str, title: str = "Emma", **copy: object) -> str:
    """A copy on the shelf for which somebody waits; its barcode."""
    set_lending(served, hold_on_shelf=True)
    barcode = a_copy(served, number := a_title(served, title), **copy)
    hold(served, a_member(served, name=name), number)
    return barcode


def test_nothing_is_to_be_fetched(served: Installation, session_of: SessionOf) -> None:
    assert "Nothing is to be fetched" in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_copies_stand_by_place_and_shelf_and_name_no_reader(served: Installation, session_of: SessionOf) -> None:
    with served.engine.begin() as connection:
        place = connection.execute(
            insert(Location).values(code="annex", name="<i>Annex</i>").returning(Location.id)
        ).scalar_one()
    wanted(served, "Ada Vega", "Late", shelf="Z-1")
    wanted(served, "Bo Lind", "Early", shelf="A-1")
    wanted(served, "Cy Moss", "Far", location_id=place)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    assert said.index("Early") < said.index("Late")
    assert "3 copies are on the shelves" in said
    assert not any(name in said for name in ("Ada", "Bo", "Cy"))
    assert "<i>Annex" not in html_of(at)
    at.selectbox(key="location").set_value("annex").run()
    assert "1 copy is on the shelves" in read(at)
    assert "Early" not in read(at)


def test_what_was_undone_is_said_no_more_and_nothing_is_said_twice(served: Installation, session_of: SessionOf) -> None:
    barcode = wanted(served, "Ada Vega")
    at = a_page(SCAN + DONE, session_of(Role.LIBRARIAN))
    at.session_state["codes"] = [barcode]
    at.run()
    assert read(at).count("Put it on the hold shelf for") == 1
    at.session_state["codes"] = []
    at.button[0].click().run()
    assert "Undone" in read(at)
    assert "Put it on the hold shelf for" not in read(at)


def test_after_a_wrong_scan_the_one_before_is_not_offered_to_be_undone(
    served: Installation, session_of: SessionOf
) -> None:
    barcode = wanted(served, "Ada Vega")
    at = a_page(SCAN + DONE, session_of(Role.LIBRARIAN))
    at.session_state["codes"] = [barcode, "NOWHERE"]
    at.run()
    assert "No copy has the barcode" in read(at)
    assert "Scanned:" not in read(at)
    assert [button.label for button in at.button] == []


def test_a_copy_that_is_put_aside_already_is_told_once_where_it_belongs(
    served: Installation, session_of: SessionOf
) -> None:
    barcode = wanted(served, "Ada Vega")
    at = a_page(SCAN, session_of(Role.LIBRARIAN))
    at.session_state["codes"] = [barcode, barcode]
    at.run()
    assert str(at.markdown[1].value).count("It belongs on the hold shelf.") == 1


def test_a_fetched_copy_is_put_aside_and_told_for_whom(served: Installation, session_of: SessionOf) -> None:
    barcode, other = wanted(served, "Ada <Vega>"), a_copy(served)
    at = a_page(SCAN, session_of(Role.LIBRARIAN))
    at.session_state["codes"] = [barcode, other, "NOWHERE"]
    at.run()
    said = [element.value for element in at.markdown]
    assert said[0].startswith("good: ")
    assert "Put it on the hold shelf for Ada &lt;Vega&gt;, until" in said[0]
    assert said[1].startswith("ask: ")
    assert "It goes back to its shelf." in said[1]
    assert said[2].startswith("bad: No copy has the barcode")
    assert states(served) == ["ready"]
