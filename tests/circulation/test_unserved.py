"""Who waits for what no copy can serve: found, counted, and helped."""

from typing import Any

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.hold_changes import choose_copy
from lib.circulation.not_there import not_there
from lib.circulation.unserved import unserved_count, unserved_holds
from tests.builders import a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, copy_id_of, hold


def _in_vain(library: Installation, desk: Actor) -> list[Any]:
    with begin_reading(library, desk) as uow:
        found = unserved_holds(uow)
        assert found.total == unserved_count(uow) == len(found.rows)
    return list(found.rows)


def test_when_the_last_copy_is_gone_whoever_waits_is_on_the_list(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    title, (barcode,) = a_lent_title(library, "Emma")
    hold(library, reader, title)
    assert _in_vain(library, desk) == [], "it is out and will come back"
    came_back(library, barcode)
    with begin_work(library, desk) as uow:
        not_there(uow, barcode=barcode)
    (row,) = _in_vain(library, desk)
    assert (row.title, row.member, row.copy_barcode, row.other_copies, row.lost) == ("Emma", "Ada", "", 0, 1)


def test_who_wants_a_copy_that_is_gone_may_have_another(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title, (barcode, _) = a_lent_title(library, copies=2)
    placed = hold(library, reader, title, copy_id=copy_id_of(library, barcode))
    came_back(library, barcode)
    with begin_work(library, desk) as uow:
        not_there(uow, barcode=barcode)
    (row,) = _in_vain(library, desk)
    assert (row.copy_barcode, row.other_copies) == (barcode, 1)
    with begin_work(library, desk) as uow:
        choose_copy(uow, placed.hold_id, None)
    assert _in_vain(library, desk) == []
