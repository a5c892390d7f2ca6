"""Days and amounts for one reader."""

from datetime import date

import pytest

from lib.kit.wording import Wording


@pytest.mark.parametrize(
    ("locale", "day", "weekday", "money"),
    [
        ("en-GB", "3 September 2026", "Thursday, 3 September 2026", "€2.40"),
        ("en", "September 3, 2026", "Thursday, September 3, 2026", "€2.40"),
        ("de", "3. September 2026", "Donnerstag, 3. September 2026", "2,40\xa0€"),
        ("ja", "2026年9月3日", "2026年9月3日木曜日", "€2.40"),
    ],
)
def test_a_reader_finds_days_and_amounts_as_they_write_them(locale: str, day: str, weekday: str, money: str) -> None:
    words = Wording(locale, "EUR")
    assert (words.day(date(2026, 9, 3)), words.weekday(date(2026, 9, 3)), words.money(240)) == (day, weekday, money)


@pytest.mark.parametrize("tag", ["", "xx-nonsense", "not a tag", "🙂"])
def test_a_language_that_nobody_knows_is_read_as_english(tag: str) -> None:
    assert Wording(tag, "EUR").day(date(2026, 9, 3)) == "3 September 2026"
    assert Wording(tag, "EUR").money(240) == "€2.40"
