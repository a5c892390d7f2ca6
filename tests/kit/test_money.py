"""Money is an integer of minor units and a currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.kit.errors import Invalid
from lib.kit.money import LARGEST, Money, parse_money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("2.40", "EUR", 240), ("2,40", "EUR", 240), ("2", "EUR", 200), (" 1 000,50 ", "EUR", 100050),
        ("1\u00a0000", "EUR", 100000), ("0", "EUR", 0), ("-1.5", "EUR", -150), ("500", "JPY", 500),
        ("1.234", "KWD", 1234), ("1e2", "EUR", 10000), ("0.10", "USD", 10),
    ],
)  # fmt: skip
def test_it_reads_what_people_write(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1_0", "1.2.3", "1,2,3", "nan", "NaN", "inf", "-Infinity", "1.005", "1e400", "9" * 40, "1.000,50", "٣x"],
)
def test_it_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_money(text, "EUR", "price")
    assert refused.value.faults[0].field == "price"
    with pytest.raises(Invalid) as refused:
        parse_money(text, "EUR")
    assert refused.value.faults[0].field == "amount"


# written, what is said of it
WORDS = [
    ("two euros", "“two euros” is not an amount of money, like 2.40."),
    ("1.005", "“1.005” is not an amount in EUR."),
    ("1,234.50", "“1,234.50” is not an amount of money, like 2.40."),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_it_says_what_was_wrong_with_an_amount(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_money(text, "EUR")
    assert refused.value.faults[0].text == words


def test_an_amount_may_be_ten_thousand_million_euros_and_no_cent_more() -> None:
    assert LARGEST == 1_000_000_000_000
    for sign in (1, -1):
        assert parse_money(str(sign * 10_000_000_000), "EUR").minor == sign * LARGEST
        with pytest.raises(Invalid):
            parse_money(f"{'-' if sign < 0 else ''}10000000000.01", "EUR")


def test_a_currency_without_cents_takes_no_decimals() -> None:
    with pytest.raises(Invalid, match="JPY"):
        parse_money("1.5", "JPY")


@given(st.integers(-LARGEST, LARGEST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_is_read_back_exactly(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert parse_money(str(amount.decimal), currency) == amount


def test_sums_stay_whole() -> None:
    assert Money(10, "EUR") * 3 + Money(5, "EUR") - Money(1, "EUR") == Money(34, "EUR")
    assert Money(29, "EUR").decimal == Decimal("0.29")
    assert not Money(0, "EUR")
    assert Money(1, "EUR")


@pytest.mark.parametrize("act", [lambda a, b: a + b, lambda a, b: a - b])
def test_two_currencies_do_not_mix(act: object) -> None:
    with pytest.raises(ValueError, match=r"^USD is not EUR$"):
        act(Money(1, "EUR"), Money(1, "USD"))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "€2,345.40"), ("de", "2.345,40\u00a0€"), ("de-AT", "€\u00a02.345,40"), ("de_AT", "€\u00a02.345,40"),
        ("en-GB", "€2,345.40"), ("xx-nonsense", "€2,345.40"), ("!", "€2,345.40"),
    ],
)  # fmt: skip
def test_it_is_written_as_readers_are_used_to(locale: str, text: str) -> None:
    assert Money(234540, "EUR").text(locale) == text
    assert Money(240, "EUR").text() == "€2.40"


def test_amounts_of_one_currency_have_an_order() -> None:
    assert sorted([Money(3, "EUR"), Money(-1, "EUR"), Money(2, "EUR")])[0] == Money(-1, "EUR")
