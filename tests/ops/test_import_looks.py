"""Dates, series, names and kinds are read as people write them."""

from datetime import date, datetime

import pytest

from lib.ops.imports.looks import day_comes_first, moment_of
from lib.ops.imports.sources import name_from
from lib.ops.imports.titles import Work, kind_of, people, work_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-03", date(2024, 4, 3)),
        ("3.4.2024", date(2024, 4, 3)),
        ("03/04/2024", date(2024, 4, 3)),
        ("2024/04/03", date(2024, 4, 3)),
        ("20240403", date(2024, 4, 3)),
        ("2024-01-02T09:14:00", datetime(2024, 1, 2, 9, 14)),
        ("2024-01-02 09:14", datetime(2024, 1, 2, 9, 14)),
        ("3.4.2024 09:14", datetime(2024, 4, 3, 9, 14)),
        ("2024-02-30", None),
        ("31/31/2024", None),
        ("yesterday", None),
        ("", None),
        ("12", None),
    ],
)
def test_it_reads_dates(text: str, expected: date | None) -> None:
    assert moment_of(text) == expected


def test_a_column_with_the_month_first_is_recognised_by_a_day_past_twelve() -> None:
    assert not day_comes_first(["03/04/2024", "03/25/2024"])
    assert day_comes_first(["03/04/2024", "25/03/2024"])
    assert moment_of("03/04/2024", day_first=False) == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Hunger Games (The Hunger Games, #1)", Work("The Hunger Games", "The Hunger Games", "1")),
        ("His Dark Materials (His Dark Materials #1-3)", Work("His Dark Materials", "His Dark Materials", "1-3")),
        ("Ranma ½, Vol. 1 (Ranma ½ (US 2nd), #1)", Work("Ranma ½, Vol. 1", "Ranma ½ (US 2nd)", "1")),
        ("Raising Steam (Discworld, #40, Moist von Lipwig #3 )", Work("Raising Steam", "Discworld", "40")),
        ("A Storm of Swords: Steel and Snow (A Song of Ice and Fire, #3: Part 1 of 2)",
         Work("A Storm of Swords: Steel and Snow", "A Song of Ice and Fire", "3", "Part 1 of 2")),
        ("Three Men in a Boat (To Say Nothing of the Dog)", Work("Three Men in a Boat (To Say Nothing of the Dog)")),
        ("Room #9", Work("Room #9")),
        ("(#1)", Work("(#1)")),
    ],
)  # fmt: skip
def test_it_takes_the_series_out_of_a_title(text: str, expected: Work) -> None:
    assert work_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sand, George", ["Sand, George"]),
        ("J.K. Rowling; Mary GrandPré", ["J.K. Rowling", "Mary GrandPré"]),
        ("Paul, Cedar;Paul, Eden", ["Paul, Cedar", "Paul, Eden"]),
        ("Ada Lovelace, Alan Turing, Grace Hopper", ["Ada Lovelace", "Alan Turing", "Grace Hopper"]),
        ("宮本百合子", ["宮本百合子"]),
        ("", []),
    ],
)
def test_it_tells_names_apart(text: str, expected: list[str]) -> None:
    assert people(text) == expected


def test_kinds_are_known_by_everyday_words_and_unknown_ones_become_a_tag() -> None:
    assert kind_of("Periodical") == ("magazine", "")
    assert kind_of("Phonograph Record") == ("music", "")
    assert kind_of("") == ("book", "")
    assert kind_of("Photograph") == ("book", "Photograph")


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("books_10k.csv", "books-10k"),
        ("Loans 2024-05.csv", "loans"),
        ("members (2).xlsx", "members"),
        ("2024-05-01.csv", "2024-05-01"),
        ("本.csv", "本"),
    ],
)
def test_a_new_source_is_named_after_its_file(file_name: str, expected: str) -> None:
    assert name_from(file_name) == expected
