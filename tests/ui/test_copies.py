"""Copies: one scanned and edited, those that readers cannot have, the locations."""

from collections.abc import Callable

from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.catalogue.models import Copy, Location
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, links, read

PAGE = "staff/copies.py"
SessionOf = Callable[[Role], int]


def status_of(library: Installation, barcode: str) -> str:
    with library.engine.connect() as connection:
        return str(connection.scalar(select(Copy.status).where(Copy.barcode == barcode)))


def test_copies_in_repair_are_listed_and_lead_to_their_form(served: Installation, session_of: SessionOf) -> None:
    code = a_copy(served, a_title(served, "<b>Emma</b>"), status="in_repair", note="Spine")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert f"/copies?barcode={code}" in links(at)
    assert "Spine" in read(at)
    assert "<b>Emma</b>" not in html_of(at)


def test_the_list_follows_the_chosen_status(served: Installation, session_of: SessionOf) -> None:
    lost = a_copy(served, status="lost")
    repair = a_copy(served, status="in_repair")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.radio(key="status").set_value("lost").run()
    words = read(at)
    assert lost in words
    assert repair not in words


def test_a_copy_is_edited_and_withdrawn_with_a_reason(served: Installation, session_of: SessionOf) -> None:
    code = a_copy(served, a_title(served, "Emma"))
    at = at_page(session_of(Role.LIBRARIAN), PAGE, barcode=code)
    assert "Emma" in read(at)
    assert "on the shelf" in read(at)
    next(found for found in at.text_input if found.label == "Shelf").set_value("B-12")
    button(at, "Save the copy").click().run()
    with served.engine.connect() as connection:
        assert connection.scalar(select(Copy.shelf).where(Copy.barcode == code)) == "B-12"
    next(found for found in at.text_input if found.label == "Reason").set_value("Torn")
    button(at, "Withdraw the copy").click().run()
    assert status_of(served, code) == "withdrawn"
    assert "Put it back into stock" in [found.label for found in at.button]


def test_a_copy_on_loan_is_not_withdrawn(served: Installation, session_of: SessionOf) -> None:
    code = a_copy(served)
    a_loan(served, a_member(served), code)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, barcode=code)
    next(found for found in at.text_input if found.label == "Reason").set_value("Torn")
    button(at, "Withdraw the copy").click().run()
    assert at.error
    assert status_of(served, code) == "on_loan"


def test_a_barcode_that_is_none_says_so(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, barcode="<script>")
    assert at.error
    assert not at.exception
    assert "Something went wrong" not in read(at)


def test_a_location_is_added(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    next(found for found in at.text_input if found.label == "Code").set_value("ANNEX")
    next(found for found in at.text_input if found.label == "Name").set_value("The annex")
    button(at, "Save the location").click().run()
    with served.engine.connect() as connection:
        assert connection.scalar(select(Location.name).where(Location.code == "ANNEX")) == "The annex"
