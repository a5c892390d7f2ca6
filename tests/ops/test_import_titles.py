"""Titles and copies come in row by row: each added, merged, unchanged or refused with its reason."""

from pathlib import Path

import pytest

from lib.access.installation import Installation
from tests.ops.bringing import COPIES, MEMBERS, TITLES, Bring, ask, bringer, counts


@pytest.fixture
def bring(library: Installation, tmp_path: Path) -> Bring:
    """Imports a table given as text."""
    return bringer(library, tmp_path)


def test_a_title_comes_in_with_all_that_its_row_says(library: Installation, bring: Bring) -> None:
    report = bring(
        "titles",
        "book_id,isbn13,title,authors,year,language,ratings_1,ratings_2,ratings_3,ratings_4,ratings_5,genres,publisher\n"
        '7,9780439023481,"The Hunger Games (The Hunger Games, #1)","Suzanne Collins; Collins, S.",2008,eng,'
        "1,0,0,0,3,Fiction; Dystopia,Scholastic\n",
    )
    assert counts(report) == (1, 0, 0, 0)
    row = ask(library, "SELECT t.title, s.name, t.series_number, t.year, t.language, t.publisher, t.rating_sum,"
              " t.rating_count FROM title t JOIN series s ON s.id = t.series_id")  # fmt: skip
    assert row == [("The Hunger Games", "The Hunger Games", "1", 2008, "en", "Scholastic", 16, 4)]
    assert ask(library, "SELECT a.name FROM author a JOIN title_author p ON p.author_id = a.id"
               " ORDER BY p.position") == [("Suzanne Collins",), ("S. Collins",)]  # fmt: skip
    assert ask(library, "SELECT name FROM genre ORDER BY id") == [("Fiction",), ("Dystopia",)]
    assert ask(library, "SELECT isbn13 FROM title_isbn") == [("9780439023481",)]
    assert ask(library, "SELECT source, source_id FROM title_source") == [("titles", "7")]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (",,9780439023481,2008,en", "title", "no title"),
        ("Dune,,9780439023482,2008,en", "isbn", "not an ISBN"),
        ("Dune,,,someday,en", "year", "holds no year"),
        ("Dune,,,9999,en", "year", "not possible"),
        ("Dune,,,1965,qqqqqq", "language", "not a language"),
    ],
)
def test_a_title_that_cannot_be_is_refused_with_its_column_and_the_others_come_in(
    bring: Bring, row: str, column: str, says: str
) -> None:
    good = "".join(f"Title {n},Somebody,9780441172719,1965,en\n" for n in range(1))
    report = bring("titles", f"title,author,isbn,year,language\n{good}{row}\n")
    assert counts(report) == (1, 0, 0, 1)
    (fault,) = report.faults
    assert (fault.line, fault.column) == (3, column)
    assert says in fault.reason


def test_two_ids_of_one_file_are_two_titles_and_the_same_id_twice_is_one(library: Installation, bring: Bring) -> None:
    report = bring(
        "titles", "id,title,author,language\na,故郷,豊島与志雄,ja\nb,故郷,豊島与志雄,ja\nb,故郷,豊島与志雄,ja\n"
    )
    assert counts(report) == (2, 0, 1, 0)
    assert ask(library, "SELECT count(*) FROM title") == [(2,)]


def test_a_title_of_another_source_is_merged_by_isbn_or_by_words_and_fills_what_is_empty(
    library: Installation, bring: Bring
) -> None:
    bring("titles", "id,title,author,year,isbn\n1,Dune,Frank Herbert,1965,9780441172719\n2,Emma,Jane Austen,1815,\n")
    report = bring(
        "titles",
        "nr,title,author,year,isbn,publisher\nx,DUNE,F. Herbert,1965,0-441-17271-7,Ace\n"
        'y,Emma,"Austen, Jane",1815,,Murray\n',
        "other.csv",
    )
    assert counts(report) == (0, 2, 0, 0)
    assert report.source == "other"
    assert ask(library, "SELECT title, publisher FROM title ORDER BY id") == [("Dune", "Ace"), ("Emma", "Murray")]
    assert ask(library, "SELECT count(*) FROM title_source") == [(4,)]


def test_the_same_file_again_adds_nothing_whatever_it_is_called(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES)
    bring("copies", COPIES)
    bring("members", MEMBERS)
    loans = "loan_id,member_id,book_id,copy_no,issued,returned\n1,m1,1,1,2024-01-02,2024-01-20\n2,m2,2,1,2026-03-01,\n"
    bring("loans", loans)
    tables = ("title", "copy", "account", "loan", "title_source", "author")
    before = [ask(library, f"SELECT count(*) FROM {table}") for table in tables]
    for kind, content in (("titles", TITLES), ("copies", COPIES), ("members", MEMBERS), ("loans", loans)):
        report = bring(kind, content, f"renamed_{kind}_copy.csv")
        assert counts(report) == (0, 0, 2, 0)
    assert [ask(library, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_the_same_numbers_with_other_contents_are_another_source(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES)
    report = bring("titles", "id,title,author,year,language\n1,Emma,Jane Austen,1815,en\n2,Faust,Goethe,1808,de\n")
    assert report.source == "titles-2"
    assert "new" in report.why
    assert ask(library, "SELECT count(*) FROM title") == [(4,)]


def test_a_later_file_with_the_same_columns_goes_on_with_the_same_source(bring: Bring) -> None:
    bring("titles", TITLES)
    report = bring("titles", "id,title,author,year,language\n3,Emma,Jane Austen,1815,en\n", "may.csv")
    assert report.source == "titles"
    assert "same columns" in report.why


def test_copies_meet_their_titles_in_the_source_that_knows_most_of_their_ids(
    library: Installation, bring: Bring
) -> None:
    bring("titles", "id,title\n" + "".join(f"{n},Low {n}\n" for n in range(1, 6)), "low.csv")
    bring("titles", "id,title,year\n" + "".join(f"{n},High {n},1990\n" for n in range(4, 30)), "high.csv")
    report = bring("copies", "book_id,copies\n" + "".join(f"{n},1\n" for n in range(4, 30)))
    assert counts(report) == (26, 0, 0, 0)
    assert report.source == "high"
    assert ask(library, "SELECT count(*) FROM copy c JOIN title t ON t.id = c.title_id WHERE t.title LIKE 'Low%'") == [
        (0,)
    ]


def test_a_source_that_is_given_wins(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES, source="Town library")
    report = bring("copies", COPIES, source="Town library")
    assert counts(report) == (2, 0, 0, 0)
    assert ask(library, "SELECT DISTINCT source FROM title_source") == [("Town library",)]


def test_a_count_makes_so_many_copies_once(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES)
    assert counts(bring("copies", COPIES)) == (2, 0, 0, 0)
    assert ask(library, "SELECT source_id FROM copy ORDER BY id") == [("1#1",), ("1#2",), ("2#1",)]
    assert counts(bring("copies", "id,copies\n1,3\n2,1\n")) == (1, 0, 1, 0)
    assert ask(library, "SELECT count(*) FROM copy") == [(4,)]


def test_a_copy_comes_in_with_all_that_its_row_says(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES)
    report = bring(
        "copies",
        "book_id,barcode,branch,shelf,condition,status,price,acquired,note\n"
        "1,b-001,North,A-3,fair,damaged,€ 12.50,3.4.2020,Signed\n2,b-002,North,,new,withdrawn,,,\n",
    )
    assert counts(report) == (2, 0, 0, 0)
    rows = ask(library, "SELECT c.barcode, p.name, c.shelf, c.condition, c.status, c.price_minor, c.acquired_on,"
               " c.note, c.withdrawn_at IS NULL FROM copy c JOIN location p ON p.id = c.location_id"
               " ORDER BY c.id")  # fmt: skip
    assert [str(part) for part in rows[0][:8]] == [
        "B-001",
        "North",
        "A-3",
        "worn",
        "in_repair",
        "1250",
        "2020-04-03",
        "Signed",
    ]
    assert rows[1][4] == "withdrawn"
    assert not rows[1][8]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("9,,1,good", "book_id", "no title “9” from titles"),
        (",,1,good", "book_id", "names no title"),
        ("2,b1,1,good", "barcode", "on a copy of another title"),
        ("2,,0,good", "copies", "0 copies"),
        ("2,,many,good", "copies", "not a whole number"),
        ("2,,1000,good", "copies", "from 0 to 999"),
        ("2,b7,2,good", "copies", "cannot share one barcode"),
        ("2,b 7?,1,good", "barcode", "cannot be a barcode"),
        ("2,,1,sticky", "condition", "no condition"),
    ],
)
def test_a_copy_that_cannot_be_is_refused_with_its_column(bring: Bring, row: str, column: str, says: str) -> None:
    bring("titles", TITLES)
    report = bring("copies", f"book_id,barcode,copies,condition\n1,b1,1,good\n{row}\n")
    assert counts(report) == (1, 0, 0, 1)
    (fault,) = report.faults
    assert (fault.line, fault.column) == (3, column)
    assert says in fault.reason
