"""Copies are added with barcodes of their own and edited once."""

import threading
from datetime import date

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.copies import CopyForm, add_copies, edit_copy, next_barcode
from lib.catalogue.errors import BarcodeTaken, CopyCannotMove, TitleIsArchived
from lib.catalogue.locations import list_locations, locations_named, save_location
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import number_of_own
from lib.catalogue.queries import copy_by_barcode, title
from lib.kit.errors import Forbidden, Invalid, NotFound, StaleEdit
from tests.builders import a_copy, a_librarian, a_member, a_title


def test_copies_get_barcodes_in_a_row(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    with begin_work(library, actor) as uow:
        promised = next_barcode(uow)
        first = add_copies(uow, title_id, CopyForm(shelf="B-12", price_minor=1250, acquired_on=date(2024, 2, 29)), 3)
        more = add_copies(uow, title_id, CopyForm())
    assert first[0] == promised
    assert [number_of_own(barcode) for barcode in first + more] == [1, 2, 3, 4]
    with begin_reading(library, actor) as uow:
        found = copy_by_barcode(uow, f" {first[0]}\n")
    assert (found.shelf, found.price_minor, found.acquired_on) == ("B-12", 1250, date(2024, 2, 29))
    assert (found.location, found.status, found.version) == ("Main library", CopyStatus.AVAILABLE, 1)


def test_barcodes_go_on_after_foreign_ones_in_our_range(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    a_copy(library, title_id, barcode="30000000000999")  # no check digit of ours
    with begin_work(library, actor) as uow:
        drawn = add_copies(uow, title_id, CopyForm(), 2)
    assert [number_of_own(barcode) for barcode in drawn] == [100, 101]


@pytest.mark.parametrize("foreign", ["301A0000000000", "30-00000000001", "301-0000000001", "3000000000000Z"])
def test_barcodes_are_drawn_past_codes_that_only_begin_like_ours(library: Installation, foreign: str) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    a_copy(library, title_id, barcode=foreign)
    with begin_work(library, actor) as uow:
        first, second = add_copies(uow, title_id, CopyForm(), 2)
    assert (number_of_own(first), number_of_own(second)) == (1, 2)


def test_a_barcode_is_on_one_copy(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    with begin_work(library, actor) as uow:
        add_copies(uow, title_id, CopyForm(barcode="ab-1"))
        with pytest.raises(BarcodeTaken) as refusal:
            add_copies(uow, title_id, CopyForm(barcode="AB-1"))
        other = add_copies(uow, title_id, CopyForm())[0]
    assert refusal.value.facts["barcode"] == "AB-1"
    with begin_work(library, actor) as uow:
        copy = copy_by_barcode(uow, other)
        with pytest.raises(BarcodeTaken):
            edit_copy(uow, copy.id, CopyForm(barcode="AB-1"), seen_version=1)


def test_many_drawing_barcodes_at_once_get_different_ones(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    drawn: list[str] = []
    start = threading.Barrier(5)

    def draw() -> None:
        start.wait()
        with begin_work(library, actor) as uow:
            mine = add_copies(uow, title_id, CopyForm(), 4)
        drawn.extend(mine)

    people = [threading.Thread(target=draw) for _ in range(5)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(drawn) == len(set(drawn)) == 20


@pytest.mark.parametrize(
    ("form", "count", "field"),
    [
        (CopyForm(barcode="no spaces or <tags>"), 1, "barcode"),
        (CopyForm(barcode="X1"), 2, "barcode"),
        (CopyForm(), 0, "count"),
        (CopyForm(), 101, "count"),
        (CopyForm(location="MOON"), 1, "location"),
        (CopyForm(price_minor=-1), 1, "price_minor"),
        (CopyForm(status=CopyStatus.ON_LOAN), 1, "status"),
        (CopyForm(status=CopyStatus.WITHDRAWN), 1, "status"),
    ],
)
def test_what_cannot_be_a_copy_is_refused(library: Installation, form: CopyForm, count: int, field: str) -> None:
    title_id = a_title(library)
    with begin_work(library, a_librarian(library)) as uow, pytest.raises(Invalid) as refusal:
        add_copies(uow, title_id, form, count)
    assert [fault.field for fault in refusal.value.faults] == [field]


def test_copies_need_a_title_that_is_there_and_not_archived(library: Installation) -> None:
    actor, archived = a_librarian(library), a_title(library, archived_at=library.clock.now())
    with begin_work(library, actor) as uow:
        with pytest.raises(NotFound):
            add_copies(uow, 999, CopyForm())
        with pytest.raises(TitleIsArchived):
            add_copies(uow, archived, CopyForm())


def test_a_copy_is_edited_once_and_says_who_was_first(library: Installation) -> None:
    anna, ben = a_librarian(library, name="Anna"), a_librarian(library)
    barcode = a_copy(library)
    with begin_work(library, anna) as uow:
        copy_id = copy_by_barcode(uow, barcode).id
        form = CopyForm(shelf="C-3", condition=Condition.WORN, status=CopyStatus.IN_REPAIR, note="Spine loose")
        edit_copy(uow, copy_id, form, seen_version=1)
    with begin_reading(library, ben) as uow:
        found = copy_by_barcode(uow, barcode)
    assert (found.shelf, found.condition, found.status, found.note, found.version) == (
        "C-3", Condition.WORN, CopyStatus.IN_REPAIR, "Spine loose", 2)  # fmt: skip
    with pytest.raises(StaleEdit) as refusal, begin_work(library, ben) as uow:
        edit_copy(uow, copy_id, CopyForm(shelf="D-4"), seen_version=1)
    assert refusal.value.facts["changed_by"] == "Anna"


@pytest.mark.parametrize("status", [CopyStatus.ON_LOAN, CopyStatus.ON_HOLD_SHELF, CopyStatus.WITHDRAWN])
def test_an_edit_keeps_a_status_that_loans_and_holds_decide(library: Installation, status: CopyStatus) -> None:
    actor, barcode = a_librarian(library), a_copy(library, status=status)
    with begin_work(library, actor) as uow:
        copy_id = copy_by_barcode(uow, barcode).id
        with pytest.raises(CopyCannotMove):
            edit_copy(uow, copy_id, CopyForm(status=CopyStatus.AVAILABLE), seen_version=1)
        edit_copy(uow, copy_id, CopyForm(status=status, shelf="E-5"), seen_version=1)
        after = copy_by_barcode(uow, barcode)
    assert (after.status, after.shelf) == (status, "E-5")


def test_no_copy_is_set_on_loan_by_hand(library: Installation) -> None:
    actor, barcode = a_librarian(library), a_copy(library)
    with begin_work(library, actor) as uow:
        copy_id = copy_by_barcode(uow, barcode).id
        for status in (CopyStatus.ON_LOAN, CopyStatus.ON_HOLD_SHELF, CopyStatus.WITHDRAWN):
            with pytest.raises(CopyCannotMove):
                edit_copy(uow, copy_id, CopyForm(status=status), seen_version=1)


def test_readers_see_no_notes_prices_or_withdrawn_copies(library: Installation) -> None:
    title_id = a_title(library)
    shown = a_copy(library, title_id, note="Stolen once", price_minor=900)
    hidden = a_copy(library, title_id, status=CopyStatus.WITHDRAWN)
    for actor in (GUEST, a_member(library)):
        with begin_reading(library, actor) as uow:
            found = copy_by_barcode(uow, shown)
            assert (found.note, found.price_minor) == ("", None)
            assert [copy.barcode for copy in title(uow, title_id).copies] == [shown]
            with pytest.raises(NotFound):
                copy_by_barcode(uow, hidden)
    with begin_reading(library, a_librarian(library)) as uow:
        assert copy_by_barcode(uow, shown).note == "Stolen once"
        assert {copy.barcode for copy in title(uow, title_id).copies} == {shown, hidden}


def test_only_cataloguers_change_copies(library: Installation) -> None:
    barcode, title_id = a_copy(library), a_title(library)
    with begin_work(library, a_member(library)) as uow:
        with pytest.raises(Forbidden):
            add_copies(uow, title_id, CopyForm())
        with pytest.raises(Forbidden):
            edit_copy(uow, copy_by_barcode(uow, barcode).id, CopyForm(), seen_version=1)
        with pytest.raises(Forbidden):
            save_location(uow, code="X", name="X")


def test_places_are_made_renamed_and_found_by_name(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        east = save_location(uow, code="east-2", name="East wing")
        save_location(uow, code="EAST-2", name="East wing, second floor", location_id=east)
        with pytest.raises(Invalid):
            save_location(uow, code="über", name="")
        codes = locations_named(uow, ["main", "Main Library", "Naïve Annex", "naive annex"])
    assert codes == {"main": "MAIN", "Main Library": "MAIN", "Naïve Annex": "NAIVE-ANNEX", "naive annex": "NAIVE-ANNEX"}
    with begin_reading(library, GUEST) as uow:
        names = {row.code: row.name for row in list_locations(uow)}
    assert names == {"EAST-2": "East wing, second floor", "MAIN": "Main library", "NAIVE-ANNEX": "Naïve Annex"}


def test_a_loan_made_meanwhile_stands_against_setting_the_copy_available(library: Installation) -> None:
    actor, barcode = a_librarian(library), a_copy(library)
    with begin_work(library, actor) as uow:
        copy_id = copy_by_barcode(uow, barcode).id
        uow.connection.execute(text("UPDATE copy SET status = 'on_loan'"))
        with pytest.raises(CopyCannotMove):
            edit_copy(uow, copy_id, CopyForm(), seen_version=1)
