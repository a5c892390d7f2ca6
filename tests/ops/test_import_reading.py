"""Files are read for what they are: encoding, delimiter and form told, damage kept to its row, nothing ever crashes."""

import csv
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.kit.errors import Refusal
from lib.ops.imports.errors import FileTooLarge, TooManyRows, UnreadableFile
from lib.ops.imports.reading import LARGEST_ROWS, Line, open_table

_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def a_file(folder: Path, content: bytes | str, name: str = "titles.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def a_spreadsheet(folder: Path, rows: list[list[str | float]]) -> Path:
    """A small XLSX file with inline strings and numbers."""
    cells = "".join(
        f'<row r="{r}">'
        + "".join(
            f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"
            for value in row
        )
        + "</row>"
        for r, row in enumerate(rows, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELS}"><sheets>'
        '<sheet name="Books" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>',
    }
    path = folder / "books.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return path


def lines_of(path: Path) -> list[Line]:
    return list(open_table(path).lines())


@pytest.mark.parametrize(
    ("encoding", "told", "text"),
    [
        ("utf-8", "UTF-8", "Ærø, œuvre, 鷲, Чехов"),
        ("utf-8-sig", "UTF-8 with byte order mark", "Ærø"),
        ("utf-16", "UTF-16 with byte order mark", "Ærø, 鷲"),
        ("utf-16-le", "UTF-16-LE", "a plain title"),
        ("cp1252", "Windows-1252", "Émile Zola: L’Assommoir – édition illustrée"),
        ("cp1251", "Windows-1251", "Преступление и наказание"),
        ("cp932", "Shift_JIS", "吾輩は猫である。名前はまだない"),
    ],
)
def test_it_tells_the_encoding_and_reads_the_text(tmp_path: Path, encoding: str, told: str, text: str) -> None:
    path = a_file(tmp_path, f'id;title\r\n1;"{text}"\r\n2;"{text}"\r\n'.encode(encoding))
    table = open_table(path)
    assert table.told == f"CSV, semicolon, {told}"
    assert [line.cells[1] for line in table.lines()] == [text, text]


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_it_tells_the_delimiter_even_where_others_stand_in_the_text(tmp_path: Path, sign: str, name: str) -> None:
    others = "".join(other for other in ",;|" if other != sign)
    path = a_file(tmp_path, f'id{sign}title{sign}year\n1{sign}"A {others} title"{sign}1999\n2{sign}Other{sign}2000\n')
    table = open_table(path)
    assert name in table.told
    assert table.headers == ("id", "title", "year")
    assert [len(line.cells) for line in table.lines()] == [3, 3]


def test_a_first_line_that_names_the_delimiter_is_believed(tmp_path: Path) -> None:
    path = a_file(tmp_path, "sep=;\nid;title\n1;Dune\n")
    assert lines_of(path) == [Line(3, ("1", "Dune"))]


def test_lines_are_numbered_as_in_the_file_also_after_cells_with_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'id,title\n1,"two\nlines"\n\n,\n2,one\n')
    assert [(line.number, line.cells[0]) for line in lines_of(path)] == [(2, "1"), (6, "2")]
    assert open_table(path).total == 2


def test_a_few_bytes_that_are_not_utf8_are_faults_of_their_rows_and_not_another_encoding(tmp_path: Path) -> None:
    good = "".join(f"{n},Übermut und Größe\n" for n in range(50)).encode()
    table = open_table(a_file(tmp_path, b"id,title\n" + good + b"99,\xff\xfe bad\n"))
    assert table.told == "CSV, comma, UTF-8"
    bad = [line for line in table.lines() if line.fault]
    assert [(line.number, line.column) for line in bad] == [(52, "title")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1,Dune,1965,extra", "4 cells"),
        ("1,Dune", "2 cells"),
        ("1,Du\x00ne,1965", "not text"),
    ],
)
def test_a_damaged_row_says_what_is_wrong_and_the_others_are_read(tmp_path: Path, row: str, says: str) -> None:
    lines = lines_of(a_file(tmp_path, f"id,title,year\n{row}\n2,Emma,1815\n"))
    assert says in lines[0].fault
    assert lines[1] == Line(3, ("2", "Emma", "1815"))


def test_a_quotation_mark_that_never_closes_is_a_fault_and_not_the_end(tmp_path: Path) -> None:
    text = 'id,title\n1,"never closed\n' + "".join(f"{n},Title number {n}\n" for n in range(20_000))
    lines = lines_of(a_file(tmp_path, text))
    assert "never closes" in lines[0].fault
    assert any(not line.fault for line in lines)


def test_headers_that_are_missing_or_twice_get_names_of_their_own(tmp_path: Path) -> None:
    assert open_table(a_file(tmp_path, "isbn,,isbn\n1,2,3\n")).headers == ("isbn", "column 2", "isbn (3)")


def test_a_spreadsheet_is_read_with_whole_numbers_as_such(tmp_path: Path) -> None:
    table = open_table(a_spreadsheet(tmp_path, [["isbn", "title"], [9780439023481.0, "Dune"], ["x", "鷲"]]))
    assert table.form == "XLSX"
    assert [line.cells for line in table.lines()] == [("9780439023481", "Dune"), ("x", "鷲")]


def test_a_file_of_more_than_fifty_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, "id,title\n")
    with path.open("r+b") as file:
        file.truncate((50 << 20) + 1)
    with pytest.raises(FileTooLarge, match="51 MB"):
        open_table(path)


def test_a_file_of_more_than_two_hundred_thousand_rows_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TooManyRows, match="200,000"):
        open_table(a_file(tmp_path, "id,title\n" + "1,a\n" * (LARGEST_ROWS + 1)))
    assert open_table(a_file(tmp_path, "id,title\n" + "1,a\n" * LARGEST_ROWS)).total == LARGEST_ROWS


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n\n", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        open_table(a_file(tmp_path, content))


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(51):
                entry.write(b"0" * (10 << 20))
    with pytest.raises(UnreadableFile, match="500 MB"):
        open_table(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused_and_never_crash(tmp_path: Path, content: bytes) -> None:
    path = a_file(tmp_path, content)
    try:
        table = open_table(path)
    except Refusal:
        return
    lines = list(table.lines())
    assert len(lines) == table.total
    assert all(line.fault or len(line.cells) == len(table.headers) for line in lines)
    assert all(line.fault or "\x00" not in "".join(line.cells) for line in lines)
    assert not any("\ud800" <= char <= "\udfff" for header in table.headers for char in header)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text(
                st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r\n\ufeff"),
                min_size=1,
                max_size=20,
            ),
            st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=30),
            st.integers(),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_a_csv_writer_wrote_comes_back_as_it_was(tmp_path: Path, rows: list[tuple[str, str, int]]) -> None:
    path = tmp_path / "given.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("first name", "second", "third"), *rows])
    found = [line.cells for line in lines_of(path)]
    assert found == [(first, second, str(third)) for first, second, third in rows]
