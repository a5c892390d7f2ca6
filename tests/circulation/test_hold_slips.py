"""Slips for the hold shelf."""

import re

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.slips import new_slips, new_slips_pdf, slip_pdf, slips_pdf
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, forward, hold
from tests.circulation.steps import rows


def _ready(library: Installation, name: str, title: str = "Dune") -> int:
    number, (barcode,) = a_lent_title(library, title)
    found = hold(library, a_member(library, name=name), number).hold_id
    came_back(library, barcode)
    return found


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_each_ready_hold_has_a_page(library: Installation) -> None:
    awkward = _ready(library, "Ærøskøbing-Łukasz #let \\ [x] $1$ von und zu Habichtsburg", "A title \\ #[x] " * 12)
    ids = [_ready(library, "Ada"), awkward]
    desk = a_librarian(library)
    with begin_reading(library, desk) as uow:
        both, one = slips_pdf(uow, [*ids, 10**9]), slip_pdf(uow, ids[0])
    assert one.startswith(b"%PDF")
    assert (_pages(both), _pages(one)) == (2, 1)
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'hold.print-slips'") == [(2,)]


def test_without_a_copy_on_the_shelf_there_is_no_slip(sqlite_library: Installation) -> None:
    title, _ = a_lent_title(sqlite_library)
    waiting = hold(sqlite_library, a_member(sqlite_library), title).hold_id
    desk = a_librarian(sqlite_library)
    for ids in ([waiting], []):
        with pytest.raises(NotFound), begin_reading(sqlite_library, desk) as uow:
            slips_pdf(uow, ids)
    with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
        slip_pdf(uow, waiting)


def test_new_slips_are_those_since_the_last_print_of_them(library: Installation) -> None:
    desk, first = a_librarian(library), _ready(library, "Ada")
    with begin_reading(library, desk) as uow:
        assert new_slips(uow) == (first,)
        slip_pdf(uow, first)
    with begin_reading(library, desk) as uow:
        assert new_slips(uow) == (first,), "one slip alone prints nothing of the rest"
        assert _pages(new_slips_pdf(uow)) == 1
    forward(library, minutes=5)
    second = _ready(library, "Bo")
    with begin_reading(library, desk) as uow:
        assert new_slips(uow) == (second,)
        assert _pages(new_slips_pdf(uow)) == 1
    with pytest.raises(NotFound), begin_reading(library, desk) as uow:
        new_slips_pdf(uow)
    for ask in (new_slips, new_slips_pdf):
        with pytest.raises(Forbidden), begin_reading(library, a_member(library)) as uow:
            ask(uow)
