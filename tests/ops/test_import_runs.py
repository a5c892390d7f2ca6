"""A whole import: dry runs, all or nothing, going on after a crash, letting others write, and its report."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import chain_faults
from lib.catalogue.titles import Contributor, TitleForm, add_title
from lib.kit.errors import Forbidden, NotFound, NotSignedIn
from lib.ops.imports import titles as title_rows
from lib.ops.imports.report import fault_file, import_report, import_runs
from lib.ops.imports.run import import_file, preview_file
from tests.builders import a_librarian, a_member
from tests.ops.bringing import Bring, ask, bringer, broken, counts

GOOD = "id,title,author\n" + "".join(f"{n},Title {n},Author {n % 7}\n" for n in range(1, 301))
MIXED = GOOD + "301,,Nobody\n302,Fine,Somebody\n"


@pytest.fixture
def bring(library: Installation, tmp_path: Path) -> Bring:
    """Imports a table given as text."""
    return bringer(library, tmp_path)


def everything(library: Installation) -> list[Any]:
    """How many rows each table holds, those of the run's own books aside."""
    tables = ("title", "title_source", "title_search", "author", "copy", "account", "loan", "import_mapping")
    return [ask(library, f"SELECT count(*) FROM {table}") for table in tables]


def test_a_dry_run_tells_the_same_and_keeps_nothing(library: Installation, bring: Bring) -> None:
    before = everything(library)
    dry = bring("titles", MIXED, dry_run=True)
    assert everything(library) == before
    assert (dry.dry_run, dry.written) == (True, False)
    assert "Nothing was kept." in dry.notes
    real = bring("titles", MIXED)
    assert counts(dry) == counts(real) == (301, 0, 0, 1)
    assert dry.faults == real.faults
    assert (real.dry_run, real.written) == (False, True)


def test_a_dry_run_of_loans_sees_clashes_within_the_file(library: Installation, bring: Bring) -> None:
    bring("titles", GOOD)
    bring("copies", "book_id,copies\n1,1\n")
    bring("members", "id,name\nm1,Ada\n")
    loans = (
        "id,member_id,book_id,copy_no,issued,returned\n1,m1,1,1,2024-01-01,2024-02-01\n2,m1,1,1,2024-01-20,2024-02-01\n"
    )
    assert counts(bring("loans", loans, dry_run=True)) == (1, 0, 0, 1)
    assert ask(library, "SELECT count(*) FROM loan") == [(0,)]


def test_a_dry_run_leaves_no_copy_of_the_database_behind(sqlite_library: Installation, tmp_path: Path) -> None:
    bringer(sqlite_library, tmp_path)("titles", GOOD, dry_run=True)
    assert not list((sqlite_library.config.data_dir / "tmp").iterdir())


def test_all_or_nothing_keeps_nothing_when_a_row_is_refused(library: Installation, bring: Bring) -> None:
    before = everything(library)
    report = bring("titles", MIXED, all_or_nothing=True)
    assert everything(library) == before
    assert not report.written
    assert [(fault.line, fault.column) for fault in report.faults] == [(302, "title")]
    assert bring("titles", GOOD, all_or_nothing=True).written
    assert ask(library, "SELECT count(*) FROM title") == [(300,)]


def test_an_import_that_was_cut_off_goes_on_when_it_is_started_again(
    library: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "titles.csv"
    path.write_text(GOOD)
    monkeypatch.setattr("lib.ops.imports.run.POSTGRES_BATCH", 100)

    def cut_off(done: int, total: int) -> None:
        if done >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(library, SYSTEM, "titles", path, progress=cut_off)
    ((status, read, added),) = ask(library, "SELECT status, rows_read, added FROM import_run")
    assert (status, read) == ("failed", added)
    assert 100 <= added < 300
    report = import_file(library, SYSTEM, "titles", path)
    assert counts(report) == (300 - added, 0, added, 0)
    assert broken(library) == ()


def test_others_write_between_the_batches(library: Installation, tmp_path: Path) -> None:
    path = tmp_path / "titles.csv"
    path.write_text(GOOD)
    seen: list[int] = []

    def somebody_else(done: int, total: int) -> None:
        with begin_work(library, a_librarian(library)) as uow:
            add_title(uow, TitleForm(title=f"By hand {done}", contributors=[Contributor(name="A hand")]))
        seen.append(done)

    import_file(library, SYSTEM, "titles", path, progress=somebody_else)
    assert seen[-1] == 300
    assert ask(library, "SELECT count(*) FROM title") == [(300 + len(seen),)]


def test_a_row_that_only_the_database_refuses_is_singled_out(
    library: Installation, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = title_rows.put_titles

    def with_a_hidden_fault(uow: Any, records: Sequence[Any], **given: Any) -> Any:
        puts = real(uow, records, **given)
        for record, (title_id, _) in zip(records, puts, strict=True):
            if record.values["title"] == "Title 77":
                uow.connection.execute(text("UPDATE title SET pages = -1 WHERE id = :id"), {"id": title_id})
        return puts

    monkeypatch.setattr(title_rows, "put_titles", with_a_hidden_fault)
    report = bring("titles", GOOD)
    assert counts(report) == (299, 0, 0, 1)
    assert report.faults[0].line == 78
    with begin_reading(library, SYSTEM) as uow:
        assert list(chain_faults(uow)) == []


def test_who_may_not_import_is_refused_before_the_file_is_opened(sqlite_library: Installation, tmp_path: Path) -> None:
    absent = tmp_path / "absent.csv"
    with pytest.raises(NotSignedIn):
        import_file(sqlite_library, GUEST, "titles", absent)
    with pytest.raises(Forbidden):
        import_file(sqlite_library, a_member(sqlite_library), "titles", absent)


def test_the_report_tells_how_the_file_was_read_and_can_be_looked_up_again(library: Installation, bring: Bring) -> None:
    report = bring("titles", "id;title;colour\n1;Dune;red\n", file_name="My list.csv")
    assert report.told == "CSV, semicolon, UTF-8"
    assert [(column.header, column.label) for column in report.columns] == [
        ("id", "Id in the other system"), ("title", "Title"), ("colour", ""),
    ]  # fmt: skip
    assert report.unused == ("colour",)
    assert (report.source, report.file_name, report.status) == ("my-list", "My list.csv", "done")
    with begin_reading(library, SYSTEM) as uow:
        assert import_report(uow, report.run_id) == report
        assert [row.run_id for row in import_runs(uow).rows] == [report.run_id]
        with pytest.raises(NotFound):
            import_report(uow, 9999)


def test_the_faults_come_as_a_file_in_which_no_formula_runs(library: Installation, bring: Bring) -> None:
    report = bring("titles", 'id,title,=year\n1,Dune,"=HYPERLINK(""http://x"")"\n2,,1815\n3,Emma,1815\n4,Faust,1808\n')
    assert report.refused == 2
    with begin_reading(library, SYSTEM) as uow:
        rows = list(csv.reader(io.StringIO("".join(fault_file(uow, report.run_id)))))
    assert rows[0] == ["line", "column", "reason"]
    assert [row[:2] for row in rows[1:]] == [["2", "'=year"], ["3", "title"]]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_reasons_are_counted_with_their_values_taken_out(bring: Bring) -> None:
    bring("titles", GOOD)
    report = bring("copies", "book_id,copies\n1,1\n2,1\n" + "".join(f"x{n},1\n" for n in range(50)))
    assert report.reasons == (("There is no title “…” from titles.", 50),)


def test_a_preview_shows_columns_with_samples_and_the_source_and_changes_nothing(
    library: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "titles.csv"
    path.write_text(GOOD)
    before = everything(library)
    preview = preview_file(library, SYSTEM, "titles", path)
    assert (preview.rows, preview.source) == (300, "titles")
    assert preview.columns[1].samples == ("Title 1", "Title 2", "Title 3")
    assert everything(library) == before


def test_a_whole_batch_takes_a_fixed_number_of_audit_rows_and_the_chain_verifies(
    library: Installation, bring: Bring
) -> None:
    bring("titles", GOOD)
    rows = ask(library, "SELECT action FROM audit ORDER BY id")
    assert rows[0] == ("import.start",)
    assert rows[-1] == ("import.finish",)
    assert len(rows) < 30
    with begin_reading(library, SYSTEM) as uow:
        assert list(chain_faults(uow)) == []
