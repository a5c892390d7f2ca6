"""The hold shelf searched, and the pull list on paper."""

import re

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.hold_shelf import search_shelf
from lib.circulation.pull_paper import pull_list_pdf
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, forward, hold, set_lending
from tests.circulation.steps import rows


def _lies_there(library: Installation, name: str, card: str) -> str:
    title, (barcode,) = a_lent_title(library, f"For {name}")
    hold(library, a_member(library, name=name, card_number=card), title)
    came_back(library, barcode)
    return barcode


def _found(library: Installation, text: str) -> list[str]:
    with begin_reading(library, a_librarian(library)) as uow:
        found = search_shelf(uow, text)
    assert found.total == len(found.rows)
    return [row.name for row in found.rows]


def test_the_shelf_is_searched_by_name_card_and_barcode_soonest_first(library: Installation) -> None:
    barcode = _lies_there(library, "Zoë Ångström", "2988800000010")
    forward(library, days=2)
    _lies_there(library, "Ada Vega", "2988800000027")
    assert _found(library, "") == ["Zoë Ångström", "Ada Vega"]
    assert _found(library, "zoe ang") == ["Zoë Ångström"]
    assert _found(library, " 2988800000027 ") == ["Ada Vega"]
    assert _found(library, barcode.lower()) == ["Zoë Ångström"]
    assert _found(library, "nobody") == []
    assert _found(library, "%") == []
    with begin_reading(library, a_librarian(library)) as uow:
        second = search_shelf(uow, page=2, size=1)
    assert (second.total, second.pages, [row.name for row in second.rows]) == (2, 2, ["Ada Vega"])


def test_the_shelf_is_for_the_desk(sqlite_library: Installation) -> None:
    for ask in (search_shelf, pull_list_pdf):
        with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
            ask(uow)


def test_the_pull_list_is_printed_place_by_place(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    for number in range(60):
        title = a_title(library, f"Title #{number} \\ $x$ [y]")
        a_copy(library, title, shelf=f"S-{number % 7}")
        hold(library, a_member(library), title)
    code = rows(library, "SELECT code FROM location LIMIT 1")[0][0]
    with begin_reading(library, a_librarian(library)) as uow:
        made = pull_list_pdf(uow)
        assert pull_list_pdf(uow, location=code).startswith(b"%PDF")
        with pytest.raises(NotFound):
            pull_list_pdf(uow, location="nowhere")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 2
