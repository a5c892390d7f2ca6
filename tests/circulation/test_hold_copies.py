"""Copies that come and go while somebody waits: brought back by hand, reinstated, withdrawn, archived, deleted."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import CopyStatus
from lib.circulation.capture import Offer
from lib.circulation.copy_moves import edit_copy
from lib.circulation.errors import CopyIsWaitedFor, CopyOnHoldShelf, HasHistory, TitleIsOut, TitleIsWaitedFor
from lib.circulation.holds import cancel_all_holds
from lib.circulation.withdrawal import archive_title, delete_copy, delete_title, reinstate_copy, withdraw_copy
from lib.kit.errors import Forbidden, Invalid
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, copy_id_of, hold, set_lending, sound, states
from tests.circulation.steps import rows


def _edited(library: Installation, barcode: str, status: CopyStatus) -> Offer | None:
    copy_id = copy_id_of(library, barcode)
    (version,) = rows(library, f"SELECT version FROM copy WHERE id = {copy_id}")[0]
    with begin_work(library, a_librarian(library)) as uow:
        return edit_copy(uow, copy_id, CopyForm(location="MAIN", status=status), seen_version=version)


@pytest.mark.parametrize("status", [CopyStatus.IN_REPAIR, CopyStatus.ON_ORDER, CopyStatus.LOST])
def test_a_copy_brought_back_by_hand_goes_to_who_waits(library: Installation, status: CopyStatus) -> None:
    title, _ = a_lent_title(library)
    barcode, reader = a_copy(library, title, status=status), a_member(library)
    hold(library, reader, title)
    offer = _edited(library, barcode, CopyStatus.AVAILABLE)
    assert offer is not None
    assert offer.account_id == reader.account_id
    assert rows(library, f"SELECT status FROM copy WHERE barcode = '{barcode}'") == [("on_hold_shelf",)]
    sound(library)


def test_an_edit_of_a_copy_that_stands_on_its_shelf_takes_it_nowhere(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    title = a_title(library)
    barcode = a_copy(library, title)
    hold(library, a_member(library), title)
    assert _edited(library, barcode, CopyStatus.AVAILABLE) is None
    assert _edited(library, barcode, CopyStatus.IN_REPAIR) is None
    assert states(library) == ["waiting"]
    with pytest.raises(Forbidden), begin_work(library, a_member(library)) as uow:
        edit_copy(uow, 1, CopyForm(), seen_version=1)


def test_a_reinstated_copy_goes_to_who_waits(library: Installation) -> None:
    title, _ = a_lent_title(library)
    barcode = a_copy(library, title, status="withdrawn")
    hold(library, a_member(library), title)
    with begin_work(library, a_librarian(library)) as uow:
        assert reinstate_copy(uow, copy_id_of(library, barcode)) is not None
    assert states(library) == ["ready"]
    sound(library)


def test_a_copy_on_the_hold_shelf_is_neither_withdrawn_nor_deleted(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    hold(library, a_member(library), title)
    came_back(library, barcode)
    desk, copy_id = a_librarian(library), copy_id_of(library, barcode)
    with pytest.raises(CopyOnHoldShelf), begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id, "Mould")
    with pytest.raises(CopyOnHoldShelf), begin_work(library, desk) as uow:
        delete_copy(uow, copy_id)


def test_the_last_copy_that_can_serve_who_waits_stays_until_the_holds_are_cancelled(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    desk, title = a_librarian(library), a_title(library)
    first, last = a_copy(library, title), a_copy(library, title)
    a_copy(library, title, status="lost")
    reader = a_member(library)
    hold(library, reader, title)
    hold(library, a_member(library), title, copy_id=copy_id_of(library, first))
    with pytest.raises(CopyIsWaitedFor) as refused, begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id_of(library, first), "Mould")
    assert refused.value.facts["count"] == 1  # the other hold can be served by the other copy
    with begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id_of(library, last), "Mould")
    with pytest.raises(CopyIsWaitedFor, match="can serve: 2"), begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id_of(library, first), "Mould")
    with pytest.raises(Invalid), begin_work(library, desk) as uow:
        cancel_all_holds(uow, title_id=title, reason=" ")
    with begin_work(library, desk) as uow:
        assert cancel_all_holds(uow, title_id=title, reason="The last copy is mouldy") == 2
    with begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id_of(library, first), "Mould")
    assert states(library) == ["cancelled", "cancelled"]
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-cancelled'") == [(2,)]
    sound(library)


def test_a_title_that_is_waited_for_is_neither_archived_nor_deleted(library: Installation) -> None:
    desk, title = a_librarian(library), a_title(library)
    a_copy(library, title, status="on_order")
    hold(library, a_member(library), title)
    for act in (archive_title, delete_title):
        with pytest.raises(TitleIsWaitedFor, match="title: 1"), begin_work(library, desk) as uow:
            act(uow, title)
    with begin_work(library, desk) as uow:
        cancel_all_holds(uow, title_id=title, reason="It will not be published")
    with pytest.raises(HasHistory, match="held"), begin_work(library, desk) as uow:
        delete_title(uow, title)
    with begin_work(library, desk) as uow:
        archive_title(uow, title)


def test_cancelling_all_holds_promises_a_copy_on_the_shelf_to_nobody(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    for _ in range(3):
        hold(library, a_member(library), title)
    came_back(library, barcode)
    with begin_work(library, a_librarian(library)) as uow:
        assert cancel_all_holds(uow, title_id=title, reason="It leaves the collection") == 3
    assert rows(library, "SELECT kind, count(*) FROM notice GROUP BY kind") == [("hold-cancelled", 3)]
    assert rows(library, "SELECT status FROM copy") == [("available",)]
    out, _ = a_lent_title(library)
    with pytest.raises(TitleIsOut), begin_work(library, a_librarian(library)) as uow:
        archive_title(uow, out)
    sound(library)
