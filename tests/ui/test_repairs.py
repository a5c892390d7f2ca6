"""Repairs on screen: mended for the shelf or for whoever waits, or withdrawn."""

from collections.abc import Callable

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.catalogue.models import Condition
from lib.circulation.repairs import in_repair
from lib.circulation.returns import Inspection
from lib.kit.errors import NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.steps import hand_in, rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, links, read

PAGE = "staff/repairs.py"
SessionOf = Callable[[Role], int]


def broken(served: Installation, title: int | None = None) -> str:
    a_loan(served, a_member(served), barcode := a_copy(served, title), days_ago=3)
    hand_in(served, a_librarian(served), barcode, Inspection(Condition.DAMAGED, "<b>Spine</b> broken"))
    return barcode


def status(served: Installation, barcode: str) -> str:
    return str(rows(served, f"SELECT status FROM copy WHERE barcode = '{barcode}'")[0][0])


def test_nothing_waits_to_be_mended(served: Installation, session_of: SessionOf) -> None:
    assert "Nothing waits to be mended" in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_a_mended_copy_goes_back_to_its_shelf_and_the_act_can_be_undone(
    served: Installation, session_of: SessionOf
) -> None:
    barcode = broken(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "<b>Spine</b> broken" in read(at)
    assert "<b>Spine" not in html_of(at)
    assert f"/copies?barcode={barcode}" in links(at)
    at.text_input[0].set_value("New spine")
    button(at, "End the repair").click().run()
    assert "is mended. Put it back on its shelf." in read(at)
    assert status(served, barcode) == "available"
    assert rows(served, f"SELECT condition, note FROM copy WHERE barcode = '{barcode}'") == [("good", "New spine")]
    button(at, "Undo").click().run()
    assert status(served, barcode) == "in_repair"


def test_a_mended_copy_that_is_waited_for_goes_to_the_hold_shelf(served: Installation, session_of: SessionOf) -> None:
    barcode = broken(served, title := a_title(served, "Emma"))
    hold(served, a_member(served), title)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "1 reader waits" in read(at)
    button(at, "End the repair").click().run()
    assert "Somebody waits for it: put it on the hold shelf" in read(at)
    assert status(served, barcode) == "on_hold_shelf"


def test_withdrawing_needs_a_reason(served: Installation, session_of: SessionOf) -> None:
    barcode = broken(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Withdraw the copy").click().run()
    assert status(served, barcode) == "in_repair"
    at.text_input[1].set_value("Beyond repair")
    button(at, "Withdraw the copy").click().run()
    assert status(served, barcode) == "withdrawn"
    assert "is withdrawn." in read(at)


def test_a_scanned_copy_is_mended_without_looking_for_it(served: Installation, session_of: SessionOf) -> None:
    broken(served)
    barcode = broken(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.session_state["tome.repairs.in-hand"] = barcode
    at.run()
    button(at, "End the repair").click().run()
    assert "is mended" in read(at)
    assert status(served, barcode) == "available"
    at.session_state["tome.repairs.in-hand"] = barcode
    assert "copy in repair" in at.run().error[0].value


def test_only_a_copy_in_repair_is_found_by_its_barcode(library: Installation) -> None:
    shelved, worn = a_copy(library), broken(library)
    with begin_reading(library, a_librarian(library)) as uow:
        assert in_repair(uow, f" {worn} ").barcode == worn
        with pytest.raises(NotFound):
            in_repair(uow, shelved)
