"""Columns are recognised by name and content, remembered, and a mapping that is given wins."""

from pathlib import Path

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.ops.imports.columns import columns_of, guess, header_key
from lib.ops.imports.errors import NoColumns, NoSuchMapping, UnknownKind
from lib.ops.imports.reading import Line, open_table
from lib.ops.imports.run import import_file
from tests.builders import an_admin


def guessed(kind: str, header: str, *rows: str) -> dict[str, str]:
    lines = [Line(number, tuple(row.split(","))) for number, row in enumerate(rows, 2)]
    return guess(kind, header.split(","), lines)


@pytest.mark.parametrize(
    ("kind", "header", "row", "expected"),
    [
        ("titles", "ID,Titel,Autor,Jahr,ISBN", "7,Der Prozess,Kafka,1925,9783596294312",
         {"ID": "source_id", "Titel": "title", "Autor": "authors", "Jahr": "year", "ISBN": "isbn"}),
        ("titles", "書名,著者,出版年", "こころ,夏目漱石,1914", {"書名": "title", "著者": "authors", "出版年": "year"}),
        ("titles", "bookTitle,bookAuthor,publicationYear", "Dune,Herbert,1965",
         {"bookTitle": "title", "bookAuthor": "authors", "publicationYear": "year"}),
        ("titles", "title,code", "Dune,978-0-441-17271-9", {"title": "title", "code": "isbn"}),
        ("copies", "book_id,copies", "1,8", {"book_id": "title_id", "copies": "copies"}),
        ("copies", "Item Barcode,ISBN,Branch", "B0001,9780441172719,North",
         {"Item Barcode": "barcode", "ISBN": "isbn", "Branch": "location"}),
        ("members", "First Name,Last Name,contact", "Ada,Lovelace,ada@example.org",
         {"First Name": "given_name", "Last Name": "family_name", "contact": "email"}),
        ("loans", "patron_id,item barcode,date out,date due,date in", "P1,B1,2024-01-02,2024-01-23,",
         {"patron_id": "member_id", "item barcode": "barcode", "date out": "issued", "date due": "due",
          "date in": "returned"}),
    ],
)  # fmt: skip
def test_it_recognises_columns(kind: str, header: str, row: str, expected: dict[str, str]) -> None:
    assert guessed(kind, header, row, row) == expected


def test_a_column_whose_values_do_not_fit_its_name_is_left_out() -> None:
    assert guessed("members", "name,card", "Ada Lovelace,False", "Alan Turing,False") == {"name": "name"}
    assert guessed("titles", "title,isbn", "Dune,paperback", "Emma,hardback") == {"title": "title"}


def test_of_two_columns_for_one_field_the_surer_one_is_taken_and_the_other_left_out() -> None:
    found = guessed("titles", "other_id,book_id,title", "a1,1,Dune")
    assert found == {"book_id": "source_id", "title": "title"}


def test_both_columns_of_isbns_are_taken() -> None:
    found = guessed("titles", "title,isbn10,isbn13", "Dune,0441172717,9780441172719")
    assert found == {"title": "title", "isbn10": "isbn", "isbn13": "isbn"}


def test_first_lines_that_differ_in_case_and_signs_are_the_same() -> None:
    assert header_key(["Book_ID", "checkedOut"]) == header_key(["book id", "Checked-Out"])
    assert header_key(["a", "b"]) != header_key(["b", "a"])


def _columns(library: Installation, path: Path, kind: str = "titles", mapping: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    with begin_reading(library, an_admin(library)) as uow:
        found = columns_of(uow.connection, kind, open_table(path), mapping)
    return {column.header: (column.field, column.why) for column in found}


def test_a_given_mapping_wins_is_remembered_for_the_same_columns_and_told(
    sqlite_library: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("work,by whom,remark\nDune,Frank Herbert,Desert\n")
    with pytest.raises(NoColumns, match="remark"):
        _columns(sqlite_library, path)
    mapping = {"work": "title", "by whom": "authors", "remark": "description"}
    assert _columns(sqlite_library, path, mapping=mapping)["work"] == ("title", "chosen")
    import_file(sqlite_library, an_admin(sqlite_library), "titles", path, mapping=mapping)
    other = tmp_path / "later.csv"
    other.write_text("WORK,by_whom,remark\nEmma,Jane Austen,Matches\n")
    assert {field for field, _ in _columns(sqlite_library, path).values()} == {"title", "authors", "description"}
    assert _columns(sqlite_library, path)["remark"] == ("description", "as last time")
    assert _columns(sqlite_library, other)["remark"] == ("description", "as last time")


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"nothing": "title"}, "nothing"),
        ({"work": "colour"}, "colour"),
        ({"work": "title", "by whom": "title"}, "title, twice"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_name(
    sqlite_library: Installation, tmp_path: Path, mapping: dict[str, str], named: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("work,by whom\nDune,Frank Herbert\n")
    with pytest.raises(NoSuchMapping, match=named):
        _columns(sqlite_library, path, mapping=mapping)


def test_an_unknown_kind_is_refused(sqlite_library: Installation, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("work\nDune\n")
    with pytest.raises(UnknownKind, match="cats"):
        _columns(sqlite_library, path, kind="cats")
