"""Dates, money and counts as the reader writes them; typed text letter by letter."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from lib.ui.words import Reader, count, day, due, label, moment, money, plain, unlinked, weekday, when

BRITON, GERMAN, YANK = Reader("en-GB"), Reader("de", zone="Europe/Berlin"), Reader("en-US", "USD")
TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "3 days overdue, was due 7 March 2026"),
        (-1, "1 day overdue, was due 9 March 2026"),
        (0, "due today, 10 March 2026"),
        (1, "due tomorrow, 11 March 2026"),
        (14, "due in 14 days, 24 March 2026"),
        (15, "due 25 March 2026"),
    ],
)
def test_a_due_day_is_told_as_people_say_it_with_the_date(days: int, words: str) -> None:
    assert due(TODAY + timedelta(days=days), TODAY, BRITON) == words


def test_days_and_instants_follow_the_readers_language_and_the_librarys_zone() -> None:
    assert day(TODAY, GERMAN) == "10. März 2026"
    assert day(TODAY, YANK) == "March 10, 2026"
    assert weekday(TODAY, BRITON) == "Tuesday, 10 March 2026" or weekday(TODAY, BRITON) == "Tuesday 10 March 2026"
    assert when(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), GERMAN).startswith("2. Juli 2026, 00:30")


def test_a_moment_says_no_more_than_it_must() -> None:
    at = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
    assert moment(at, date(2026, 3, 9), BRITON) == "13:30"
    assert moment(at, TODAY, BRITON) == "9 March, 13:30"
    assert moment(at, TODAY, GERMAN) == "9. März, 14:30"
    assert moment(at, date(2027, 1, 2), BRITON) == "9 March 2026, 13:30"


def test_money_and_counts_follow_the_readers_language() -> None:
    assert money(240, BRITON) == "€2.40"
    assert money(240, YANK) == "$2.40"
    assert money(240, GERMAN) == "2,40\xa0€"
    assert count(1, "copy", "copies", BRITON) == "1 copy"
    assert count(12083, "copy", "copies", BRITON) == "12,083 copies"
    assert count(0, "copy", "copies", BRITON) == "0 copies"


def test_a_language_that_nobody_knows_is_read_as_english() -> None:
    assert day(TODAY, Reader("xx-nonsense")) == "10 March 2026"


@pytest.mark.parametrize("typed", ["![x](https://evil.example/a.png)", "[a](b)", "<img src=x>", "**b**", "`c`",
                                   "# h", "$x$", ":material/home:", ":red[x]", "| a |", "~~s~~"])  # fmt: skip
def test_every_mark_of_typed_text_is_escaped(typed: str) -> None:
    bare = plain(typed).replace("\u2060", "")
    assert bare.replace("\\", "") == typed
    for place, char in enumerate(bare):
        if char in "*_`[]()<>#|$:~!":
            assert bare[place - 1] == "\\"


def test_an_address_in_typed_text_becomes_no_link() -> None:
    assert "://" not in plain("https://evil.example").replace("\\", "")
    assert "www." not in plain("www.evil.example").replace("\\", "")
    assert "a@" not in label("a@library.example")


def test_a_name_in_a_sentence_of_ours_becomes_no_link_picture_or_colour() -> None:
    sentence = unlinked(r"[Ann](https://evil.example) \[x](y) ![p](//h/i.png) :red[No] https://evil.example joins.")
    assert re.search(r"(?<!\\)(?:\\\\)*\[", sentence) is None
    assert "://" not in sentence
    assert unlinked("“Dune” is saved.") == "“Dune” is saved."
