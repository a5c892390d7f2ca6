"""Weeding: what nobody borrowed for years, and what is worn."""

from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.hold_queue import append
from lib.circulation.weeding import WeedingRow, weeding_list
from lib.kit.errors import Forbidden, Invalid
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title

YEAR = timedelta(days=366)


def _list(library: Installation, **given: Any) -> dict[str, WeedingRow]:
    with begin_reading(library, a_librarian(library)) as uow:
        page = weeding_list(uow, **given)
    assert page.total == len(page.rows)
    return {row.title: row for row in page.rows}


def _shelf(library: Installation) -> None:
    now, reader = library.clock.now(), a_member(library)
    old = {"added_at": now - 10 * YEAR}
    for name, days, copy in (
        ("Forgotten", 6 * 366, old), ("Worn", 5, old | {"condition": "worn"}), ("Read", 30, old), ("Never", None, old),
        ("New", None, {"added_at": now - 100 * timedelta(days=1)}), ("Lost", None, old | {"status": "lost"}),
        ("Waited for", None, old),
    ):  # fmt: skip
        barcode = a_copy(library, title := a_title(library, name), **copy)
        if days is not None:
            back = now - timedelta(days=days - 1)
            a_loan(library, reader, barcode, days_ago=days, returned_at=back, returned_on=back.date())
        if name == "Waited for":
            _wait(library, title, reader)


def _wait(library: Installation, title: int, reader: Actor) -> None:
    """A plain row: what stands on the shelf cannot be waited for by every setting."""
    with begin_work(library, SYSTEM) as uow:
        append(uow, title_id=title, copy_id=None, account_id=reader.account_id or 0, shelf_days=7)


def test_it_lists_what_nobody_borrowed_for_years_and_is_old_enough(library: Installation) -> None:
    _shelf(library)
    found = _list(library, years=5)
    assert set(found) == {"Forgotten", "Never"}
    assert (found["Forgotten"].loans, found["Never"].last_issued_on, found["Never"].others) == (1, None, 0)


def test_it_lists_what_is_worn_whatever_was_borrowed(library: Installation) -> None:
    _shelf(library)
    assert set(_list(library, years=0, worn=True)) == {"Worn"}
    assert set(_list(library, years=5, worn=True)) == set()
    assert set(_list(library, years=0)) == {"Forgotten", "Worn", "Read", "Never", "New"}


def test_it_is_for_who_edits_the_catalogue_and_for_years_that_can_be(library: Installation) -> None:
    with pytest.raises(Invalid):
        _list(library, years=-1)
    with pytest.raises(Forbidden), begin_reading(library, a_member(library)) as uow:
        weeding_list(uow, years=5)
