"""What a card of a title says in a few words: where it stands, when it is back, its year, kind and language."""

from datetime import date, timedelta

import pytest

from lib.circulation.availability import Availability
from lib.ui.availability_line import availability_line, place_of
from lib.ui.title_card import kind_name, language_name, stars, year_text

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("found", "words", "look"),
    [
        (None, "No copy in the library", "none"),
        (Availability(0, 0), "No copy in the library", "none"),
        (Availability(1, 1, "Main library", "B-12"), "On the shelf, B-12", "in"),
        (Availability(1, 1, "Main library", ""), "On the shelf, Main library", "in"),
        (Availability(3, 2, "Main library", "B-12"), "2 of 3 on the shelf, B-12", "in"),
        (Availability(2, 0), "Not available at present", "out"),
        (Availability(2, 0, next_due=TODAY), "Due back today", "out"),
        (Availability(2, 0, next_due=TODAY + timedelta(days=1)), "Due back tomorrow", "out"),
        (Availability(2, 0, next_due=date(2026, 5, 3)), "Due back 3 May 2026", "out"),
        (Availability(2, 0, next_due=date(2026, 3, 1)), "All out, one overdue since 1 March 2026", "late"),
    ],
)
def test_availability_is_said_in_words_and_colour(found: Availability | None, words: str, look: str) -> None:
    line = availability_line(found, TODAY)
    assert (line.words, line.look) == (words, look)


def test_nothing_is_fetched_from_where_nothing_stands() -> None:
    assert place_of(Availability(2, 0, "Main library", "B-12")) == ""
    assert place_of(Availability(2, 1, "Main library", "")) == "Main library"
    assert place_of(None) == ""


def test_small_words_of_a_card() -> None:
    assert year_text(-375) == "375 BC"
    assert year_text(None) == ""
    assert kind_name("ebook") == "E-book"
    assert kind_name("board-game") == "Board game"
    assert language_name("ja") == "Japanese"
    assert language_name("x-klingon?") == "x-klingon?"
    assert "Rated 4.4 of 5 by 1,204" in stars(4.38, 1204)
    assert stars(None, 0) == ""
