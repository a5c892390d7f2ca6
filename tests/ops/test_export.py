"""What is exported imports again as it was, opens safely in a spreadsheet, and never stands in memory whole."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import begin_reading
from lib.kit.errors import Forbidden, NotSignedIn
from lib.ops.demo import make_demo
from lib.ops.export import KINDS, export_file, export_library, export_lines
from lib.ops.imports.errors import UnknownKind
from lib.ops.imports.run import import_file
from lib.ops.safe_cells import plain_cell, safe_cell
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.ops.bringing import ask, broken, counts


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－cmd", "'－cmd"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("'=1+1", "''=1+1"),
        ("'tis", "'tis"),
        ("-７５０", "'-７５０"),
        ("-750", "-750"),
        ("+4.5", "+4.5"),
        ("plain", "plain"),
        ("", ""),
        (7, 7),
        (None, None),
    ],
)
def test_cells_that_would_run_as_formulas_are_escaped_and_numbers_are_not(value: Any, cell: Any) -> None:
    assert safe_cell(value) == cell
    assert plain_cell(cell) == value if isinstance(cell, str) else cell == value


def test_everything_that_can_be_exported_imports_into_another_library(
    library: Installation, postgres_library: Installation, sqlite_library: Installation, tmp_path: Path
) -> None:
    other = sqlite_library if library is postgres_library else postgres_library
    make_demo(library)
    folder = tmp_path / "out"
    rows = export_library(library, SYSTEM, folder)
    assert list(rows) == list(KINDS)
    for kind in KINDS:
        report = import_file(other, SYSTEM, kind, folder / f"{kind}.csv", source="nexus")
        assert counts(report) == (rows[kind], 0, 0, 0), report.reasons
    assert broken(other) == ()
    for question in (
        "SELECT title, subtitle, original_title, year, language, description, series_number, call_number, price_minor,"
        " sort_title, loan_count FROM title ORDER BY title, year, language",
        # Holds are not exported: what lay on the hold shelf is on its own shelf there.
        "SELECT barcode, shelf, condition, CASE status WHEN 'on_hold_shelf' THEN 'available' ELSE status END,"
        " price_minor FROM copy ORDER BY barcode",
        # Machines are no readers: they stay behind too.
        "SELECT name, sort_name, email, card_number, language FROM account WHERE status = 'active'"
        " AND role <> 'terminal' ORDER BY email",
        "SELECT c.barcode, l.issued_on, l.due_on, l.returned_on, l.renewals, l.fine_settled FROM loan l"
        " JOIN copy c ON c.id = l.copy_id ORDER BY c.barcode, l.issued_at",
        "SELECT t.title, a.name, x.role, x.position FROM title_author x JOIN title t ON t.id = x.title_id"
        " JOIN author a ON a.id = x.author_id ORDER BY t.title, t.year, t.language, x.position",
    ):
        assert _plain(other, question) == _plain(library, question)
    for kind in KINDS:
        again = import_file(other, SYSTEM, kind, folder / f"{kind}.csv", source="nexus")
        assert counts(again) == (0, 0, rows[kind], 0)


def _plain(library: Installation, question: str) -> list[list[str]]:
    return sorted([str(cell) for cell in row] for row in ask(library, question))


def test_escaped_cells_come_back_as_they_were(library: Installation, tmp_path: Path) -> None:
    a_title(library, "=Danger", description="@home", year=-750)
    path = tmp_path / "titles.csv"
    assert export_file(library, SYSTEM, "titles", path) == 1
    (row,) = rows_of(path)
    assert (row["title"], row["description"], row["year"]) == ("'=Danger", "'@home", "-750")
    with library.engine.begin() as connection:
        connection.execute(text("DELETE FROM title"))
    import_file(library, SYSTEM, "titles", path)
    assert ask(library, "SELECT title, description, year FROM title") == [("=Danger", "@home", -750)]


@pytest.mark.parametrize("name", ["＝cmd()", "＋1 for trying", "－273", "＠home", "'=quoted", "'Tis", "''@twice"])
def test_a_title_with_a_dangerous_beginning_is_the_same_after_a_round_trip(
    sqlite_library: Installation, tmp_path: Path, name: str
) -> None:
    a_title(sqlite_library, name)
    path = tmp_path / "titles.csv"
    export_file(sqlite_library, SYSTEM, "titles", path)
    (row,) = rows_of(path)
    assert not row["title"].startswith(("＝", "＋", "－", "＠", "="))
    with sqlite_library.engine.begin() as connection:
        connection.execute(text("DELETE FROM title"))
    import_file(sqlite_library, SYSTEM, "titles", path)
    assert ask(sqlite_library, "SELECT title FROM title") == [(name,)]


def test_loans_carry_their_instants_with_zone_and_members_their_opened_fields(
    library: Installation, tmp_path: Path
) -> None:
    member = a_member(library, phone_sealed=library.keys.seal("+44 20 7946 0018"))
    a_loan(library, member, days_ago=3)
    export_library(library, SYSTEM, tmp_path)
    (loan,) = rows_of(tmp_path / "loans.csv")
    assert loan["issued_at"] == "2026-03-07T12:00:00+00:00"
    assert loan["returned_at"] == ""
    (person,) = rows_of(tmp_path / "members.csv")
    assert person["phone"] == "'+44 20 7946 0018"


def test_what_is_archived_closed_or_taken_back_stays_out(library: Installation, tmp_path: Path) -> None:
    a_copy(library, a_title(library, archived_at=library.clock.now()))
    gone = a_member(library, status="closed")
    assert gone.account_id
    now = library.clock.now()
    a_loan(library, a_member(library), returned_at=now, returned_on=now.date(), undone_at=now)
    assert export_library(library, SYSTEM, tmp_path) == {"titles": 1, "copies": 1, "members": 1, "loans": 0}


def test_it_comes_in_portions_however_long_it_is(library: Installation) -> None:
    of = a_title(library)
    with library.engine.begin() as connection:
        place = connection.execute(text("SELECT min(id) FROM location")).scalar_one()
        connection.execute(
            text("INSERT INTO copy (title_id, barcode, location_id, shelf, condition, status, note, added_at, version)"
                 " VALUES (:of, :code, :place, '', 'good', 'available', '', '2026-01-01 00:00:00+00', 1)"),
            [{"of": of, "code": f"B{n}", "place": place} for n in range(2_500)],
        )  # fmt: skip
    with begin_reading(library, SYSTEM) as uow:
        portions = [portion.count("\n") for portion in export_lines(uow, "copies")]
    assert portions == [1_001, 1_000, 500, 0]


def test_exports_ask_for_permission_and_are_audited(library: Installation, tmp_path: Path) -> None:
    for actor, refusal in ((GUEST, NotSignedIn), (a_member(library), Forbidden)):
        with pytest.raises(refusal):
            export_file(library, actor, "titles", tmp_path / "x.csv")
    librarian = a_librarian(library)
    key = Actor(librarian.account_id, Role.LIBRARIAN, scopes=frozenset({Permission.IMPORT}))
    with pytest.raises(Forbidden):
        export_file(library, key, "members", tmp_path / "x.csv")
    export_file(library, librarian, "members", tmp_path / "x.csv")
    assert ask(library, "SELECT action FROM audit") == [("members.export",)]
    with pytest.raises(UnknownKind), begin_reading(library, SYSTEM) as uow:
        export_lines(uow, "secrets")


def test_what_was_read_is_exported_without_names_unless_an_admin_moves_the_library(
    library: Installation, tmp_path: Path
) -> None:
    reader, now = a_member(library), library.clock.now()
    a_loan(library, reader)
    a_loan(library, reader, returned_at=now, returned_on=now.date())
    for actor, named in ((a_librarian(library), 1), (an_admin(library), 2), (SYSTEM, 2)):
        assert export_file(library, actor, "loans", tmp_path / "loans.csv") == 2
        found = [row["member_id"] for row in rows_of(tmp_path / "loans.csv")]
        assert found.count(str(reader.account_id)) == named
        assert found.count("") == 2 - named
        days = [row["issued_at"] for row in rows_of(tmp_path / "loans.csv") if not row["member_id"]]
        assert days == ["2026-03-10"] * (2 - named)
