"""The real catalogues and loans come in by their columns alone, on both databases, and a second time add nothing."""

from pathlib import Path

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.ops.imports.report import ImportReport
from lib.ops.imports.run import import_file
from tests.ops.bringing import ask, broken, counts

TOWN = (
    ("titles", "catalogue/books_10k.csv", (10_000, 0, 0, 0)),
    ("copies", "catalogue/copies.csv", (10_000, 0, 0, 0)),
    ("titles", "catalogue/multilingual_titles.csv", (2_082, 0, 1, 0)),  # JA45494 stands in it twice
    ("members", "loans/demo_patrons.csv", (1_500, 0, 0, 0)),
    ("loans", "loans/demo_loans.csv", (45_302, 0, 0, 0)),
)
PARIS = (
    ("titles", "loans/shakespeare_co_books.csv", (6_020, 0, 0, 0)),
    ("members", "loans/shakespeare_co_members.csv", (5_235, 0, 0, 0)),
    ("loans", "loans/shakespeare_co_loans_dated.csv", (17_936, 0, 0, 2_357)),
    ("loans", "loans/shakespeare_co_borrows.csv", (0, 0, 0, 18_894)),
)
Wanted = tuple[tuple[str, str, tuple[int, int, int, int]], ...]
pytestmark = [pytest.mark.shared, pytest.mark.slow]


def _bring(library: Installation, folder: Path, files: Wanted) -> list[ImportReport]:
    reports = []
    for kind, name, wanted in files:
        report = import_file(library, SYSTEM, kind, folder / name)
        assert (name, counts(report)) == (name, wanted)
        assert report.accounted
        reports.append(report)
    assert broken(library) == ()
    return reports


def _again(library: Installation, folder: Path, files: Wanted) -> None:
    tables = ("title", "title_source", "author", "copy", "account", "loan")
    before = [ask(library, f"SELECT count(*) FROM {table}") for table in tables]
    for kind, name, (added, merged, unchanged, refused) in files:
        report = import_file(library, SYSTEM, kind, folder / name)
        assert (name, counts(report)) == (name, (0, 0, added + merged + unchanged, refused))
    assert [ask(library, f"SELECT count(*) FROM {table}") for table in tables] == before
    assert broken(library) == ()


def test_a_town_with_two_years_of_loans_comes_in_whole(library: Installation, shared_data: Path) -> None:
    _bring(library, shared_data, TOWN)
    assert ask(library, "SELECT count(*) FROM title") == [(12_082,)]
    assert ask(library, "SELECT status, count(*) FROM copy GROUP BY status ORDER BY status") == [
        ("available", 12_527), ("on_loan", 1_951),
    ]  # fmt: skip
    assert ask(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1_951,)]
    assert ask(library, "SELECT count(*) FROM account") == [(1_500,)]
    row = ask(library, "SELECT t.title, s.name, t.series_number, t.rating_count FROM title t"
              " JOIN series s ON s.id = t.series_id JOIN title_source o ON o.title_id = t.id"
              " WHERE o.source = 'books-10k' AND o.source_id = '1'")  # fmt: skip
    assert row == [("The Hunger Games", "The Hunger Games", "1", 4_942_365)]
    assert ask(library, "SELECT count(*) FROM loan WHERE fine_settled > fine_cap") == [(0,)]
    _again(library, shared_data, TOWN)


def test_a_real_lending_library_of_1919_comes_in_and_missing_members_are_named(
    library: Installation, shared_data: Path
) -> None:
    reports = _bring(library, shared_data, PARIS)
    dated, pairs = reports[2], reports[3]
    assert dated.reasons == (("There is no member “…” from shakespeare-co-members.", 2_357),)
    assert any("copies were made" in note for note in dated.notes)
    assert dict(pairs.reasons)["This row has no date of issue, so it cannot become a loan."] == 18_894
    assert dict(pairs.reasons)["There is no member “…” from shakespeare-co-members."] == 2_209
    _again(library, shared_data, PARIS)


def test_both_libraries_live_side_by_side_each_with_its_own_ids(
    sqlite_library: Installation, shared_data: Path
) -> None:
    for kind, name, _ in TOWN + PARIS:
        report = import_file(sqlite_library, SYSTEM, kind, shared_data / name)
        assert report.accounted
    assert broken(sqlite_library) == ()
    lent = ask(sqlite_library, "SELECT l.source, count(*) FROM loan l GROUP BY 1 ORDER BY 1")
    assert lent == [("demo-loans", 45_302), ("shakespeare-co-loans-dated", 17_936)]
    wrong = ask(sqlite_library, "SELECT count(*) FROM loan l JOIN account a ON a.id = l.account_id"
                " WHERE l.source = 'demo-loans' AND a.source <> 'demo-patrons'")  # fmt: skip
    assert wrong == [(0,)]


def test_a_dry_run_of_the_real_loans_tells_what_the_real_run_does(
    sqlite_library: Installation, shared_data: Path
) -> None:
    for kind, name, wanted in TOWN[:2] + TOWN[3:4]:
        assert counts(import_file(sqlite_library, SYSTEM, kind, shared_data / name)) == wanted
    path = shared_data / "loans/demo_loans.csv"
    assert counts(import_file(sqlite_library, SYSTEM, "loans", path, dry_run=True)) == (45_302, 0, 0, 0)
    assert ask(sqlite_library, "SELECT count(*) FROM loan") == [(0,)]
