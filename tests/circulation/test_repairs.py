"""Repair: what waits to be mended, and where a mended copy goes."""

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Condition
from lib.circulation.errors import NotInRepair, StillDamaged
from lib.circulation.repairs import RepairReceipt, end_repair, repair_queue
from lib.circulation.returns import Inspection
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.money_steps import sound
from tests.circulation.steps import hand_in, issue, rows


def _id(library: Installation, barcode: str) -> int:
    return int(rows(library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0])


def _mend(library: Installation, desk: Actor, barcode: str, **given: object) -> RepairReceipt:
    with begin_work(library, desk) as uow:
        return end_repair(uow, copy_id=_id(library, barcode), **{"condition": Condition.GOOD, **given})  # type: ignore[arg-type]


def test_a_damaged_return_wakes_no_hold_and_a_mended_copy_does(library: Installation) -> None:
    desk, waits, title = a_librarian(library), a_member(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, a_member(library))
    hold(library, waits, title)
    assert hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet")).hold is None
    assert rows(library, "SELECT state FROM hold") == [("waiting",)]
    receipt = _mend(library, desk, barcode, note="Dried", key="k")
    assert receipt.status == "on_hold_shelf"
    assert receipt.hold_id == rows(library, "SELECT id FROM hold")[0][0]
    assert rows(library, "SELECT condition, note FROM copy") == [("good", "Dried")]
    assert _mend(library, desk, barcode, note="Dried", key="k") == receipt
    sound(library)


def test_a_mended_copy_nobody_waits_for_stands_on_the_shelf(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, status="in_repair", condition="damaged")
    assert _mend(library, desk, barcode, condition=Condition.WORN).status == "available"
    assert rows(library, "SELECT action FROM audit") == [("copy.mend",)]


def test_the_queue_shows_first_what_most_readers_wait_for(library: Installation) -> None:
    desk, wanted = a_librarian(library), a_title(library, "Dune")
    for title in (a_title(library, "Emma"), wanted):
        a_copy(library, title, status="in_repair", condition="damaged", note="Spine")
    a_copy(library)
    for _ in range(2):
        hold(library, a_member(library), wanted)
    with begin_reading(library, desk) as uow:
        page = repair_queue(uow)
    assert [(row.title, row.waiting, row.note) for row in page.rows] == [("Dune", 2, "Spine"), ("Emma", 0, "Spine")]
    assert page.total == 2


def test_what_is_not_in_repair_is_not_mended(library: Installation) -> None:
    desk, broken, fine = a_librarian(library), a_copy(library, status="in_repair"), a_copy(library)
    with pytest.raises(NotInRepair, match="available"):
        _mend(library, desk, fine)
    with pytest.raises(StillDamaged):
        _mend(library, desk, broken, condition=Condition.DAMAGED)
    with pytest.raises(Forbidden):
        _mend(library, a_member(library), broken)
    with pytest.raises(NotFound), begin_work(library, desk) as uow:
        end_repair(uow, copy_id=10**9, condition=Condition.GOOD)
