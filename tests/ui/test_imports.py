"""The import page: a file looked at, tried, taken in; and files that are none."""

from collections.abc import Callable

from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.catalogue.models import Title
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, read

PAGE = "staff/imports.py"
CSV = b"title,author,year\nEmma,Jane Austen,1815\nDracula,Bram Stoker,1897\n,Nobody,1900\n"
SessionOf = Callable[[Role], int]


def titles(library: Installation) -> list[str]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Title.title).order_by(Title.title)))


def test_nothing_was_imported_yet(served: Installation, session_of: SessionOf) -> None:
    assert "None yet." in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_a_dry_run_tells_and_changes_nothing_then_the_file_is_taken_in(
    served: Installation, session_of: SessionOf
) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.file_uploader[0].upload("books.csv", CSV, "text/csv").run()
    button(at, "Dry run").click().run()
    assert "2 would be added" in read(at)
    assert "1 refused" in read(at)
    assert titles(served) == []
    button(at, "Import 3 rows").click().run()
    assert titles(served) == ["Dracula", "Emma"]
    assert "2 were added" in read(at)


def test_the_same_file_again_adds_nothing(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.file_uploader[0].upload("books.csv", CSV, "text/csv").run()
    button(at, "Import 3 rows").click().run()
    button(at, "Import 3 rows").click().run()
    assert "0 were added" in read(at)
    assert len(titles(served)) == 2


def test_all_or_nothing_takes_in_nothing_when_a_row_is_refused(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.file_uploader[0].upload("books.csv", CSV, "text/csv").run()
    at.toggle[0].set_value(True)
    button(at, "Import 3 rows").click().run()
    assert titles(served) == []


def test_files_that_are_no_tables_are_refused_in_words(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    for name, content in (("a.csv", b""), ("b.csv", b"\x00\xff\xfe\x01" * 50), ("c.xlsx", b"not a workbook")):
        at.file_uploader[0].upload(name, content, "text/csv").run()
        assert not at.exception
        assert "Something went wrong" not in read(at), name
        assert "Import" not in [label.split(" ")[0] for label in labels(at)] or at.error, name
