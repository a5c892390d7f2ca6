"""The weeding list as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.kit.errors import Forbidden, Invalid
from lib.ops.weeding_file import COLUMNS, weeding_csv
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.steps import rows


def _file(library: Installation, **given: Any) -> list[dict[str, str]]:
    with begin_reading(library, a_librarian(library)) as uow:
        made = weeding_csv(uow, **{"years": 2} | given)
    assert made.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"))))


def test_it_has_every_copy_once_and_runs_no_formula(library: Installation) -> None:
    old = {"added_at": library.clock.now() - timedelta(days=4000)}
    for number in range(230):
        a_copy(library, a_title(library, f"=SUM({number})"), price_minor=1250, **old)
    a_copy(library, a_title(library, "New"))
    found = _file(library)
    assert len({row["barcode"] for row in found}) == len(found) == 230
    assert tuple(found[0]) == COLUMNS
    assert all(row["title"].startswith("'=SUM(") for row in found)
    assert (found[0]["price"], found[0]["last_issued_on"], found[0]["loans"]) == ("12.50", "", "0")
    assert _file(library, location="nowhere") == _file(library, section_id=10**9) == _file(library, worn=True) == []
    assert len(_file(library, location=rows(library, "SELECT code FROM location ORDER BY id")[0][0])) == 230


def test_it_is_for_those_who_keep_the_collection(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
        weeding_csv(uow, years=2)
    with pytest.raises(Invalid), begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        weeding_csv(uow, years=101)
