"""Card numbers that catch a slip of the finger, and cards that print."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.cards import barcode_svg, card_number_of, card_pdf, check_digit, new_card_number
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_librarian, a_member


@pytest.mark.parametrize(("body", "digit"), [("400638133393", "1"), ("978030640615", "7"), ("290123456789", "6")])
def test_the_check_digit_is_that_of_ean_13(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(body: int, place: int, shift: int) -> None:
    text = f"{body:012d}"
    good = text + check_digit(text)
    wrong = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
    assert card_number_of(good) == good
    assert card_number_of(wrong) is None


@pytest.mark.parametrize(
    ("scanned", "meant"),
    [
        (" 29 0123-4567896 ", "2901234567896"), ("2901234567895", None), ("", None), ("abc", None), ("12", None),
        ("21234000000007", None), ("21234567890122", None), ("20000000000006", "20000000000006"),
        ("٢٩٠١٢٣٤٥٦٧٨٩٦", None),
    ],
)  # fmt: skip
def test_what_a_scanner_sends_is_judged(scanned: str, meant: str | None) -> None:
    assert card_number_of(scanned) == meant


def test_new_numbers_are_valid_and_do_not_follow_one_another(sqlite_library: Installation) -> None:
    with begin_work(sqlite_library, SYSTEM) as uow:
        numbers = [new_card_number(uow) for _ in range(50)]
    assert len(set(numbers)) == 50
    assert all(card_number_of(number) == number and number.startswith("29") for number in numbers)
    assert numbers != sorted(numbers)


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "ابن رشد", "李小龙", '"], #image("/etc/passwd") //', "A" * 120, "#panic() $x$ `y` \\"]
)
def test_a_card_prints_for_any_name(sqlite_library: Installation, name: str) -> None:
    reader = a_member(sqlite_library, name=name)
    with begin_reading(sqlite_library, reader) as uow:
        pdf = card_pdf(uow, reader.account_id or 0)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert b"242.6" in pdf  # 85.6 mm in points: the width of a bank card


@pytest.mark.parametrize("number", ["2901234567896", "2900000000002", "20000000000006"])
def test_bars_are_drawn_for_every_number_in_use(number: str) -> None:
    assert barcode_svg(number).count(b"<rect") > 20


def test_staff_print_cards_of_others_and_readers_do_not(sqlite_library: Installation) -> None:
    reader, other = a_member(sqlite_library), a_member(sqlite_library)
    with pytest.raises(Forbidden), begin_reading(sqlite_library, other) as uow:
        card_pdf(uow, reader.account_id or 0)
    with begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        assert card_pdf(uow, reader.account_id or 0)
    unnumbered = a_member(sqlite_library, card_number=None)
    with pytest.raises(NotFound), begin_reading(sqlite_library, unnumbered) as uow:
        card_pdf(uow, unnumbered.account_id or 0)
