"""ISBN, sorting, keys, moves of copies and barcodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import (
    BY_HAND,
    COPY_MOVES,
    barcode_of,
    barcode_ok,
    isbn10_of,
    isbn13_of,
    match_key_of,
    may_move,
    may_set_by_hand,
    number_of_own,
    own_barcode,
    rating_rank_of,
    sort_title_of,
    word_key_of,
)


@pytest.mark.parametrize(
    ("text", "isbn13", "isbn10"),
    [
        ("0439023483", "9780439023481", "0439023483"),
        ("0-439-02348-3", "9780439023481", "0439023483"),
        ("978-0-439-02348-1", "9780439023481", "0439023483"),
        ("ISBN 978 0 439 02348 1", "9780439023481", "0439023483"),
        ("ISBN-13: 9780439023481", "9780439023481", "0439023483"),
        ("urn:isbn:9780439023481", "9780439023481", "0439023483"),
        ("978‐0‐439‐02348‐1", "9780439023481", "0439023483"),  # typographic hyphens
        ("９７８０４３９０２３４８１", "9780439023481", "0439023483"),  # full-width digits
        ("080442957X", "9780804429573", "080442957X"),
        ("080442957x", "9780804429573", "080442957X"),
        ("439023483", "9780439023481", "0439023483"),  # a spreadsheet ate the leading zero
        ("9791032300824", "9791032300824", None),  # 979 has no short form
        ("979-8-6024-0545-3", "9798602405453", None),
        ("9791032300825", None, None),  # check digit
        ("9780439023482", None, None),
        ("0439023484", None, None),
        ("979-0-2600-0043-8", None, None),  # sheet music
        ("9770439023484", None, None),  # a periodical
        ("978043902348", None, None),
        ("97804390234811", None, None),
        ("X804429570", None, None),
        ("abcdefghij", None, None),
        ("", None, None),
        ("   ", None, None),
        ("٠٤٣٩٠٢٣٤٨٣", None, None),
    ],
)
def test_an_isbn_is_known_however_it_is_written(text: str, isbn13: str | None, isbn10: str | None) -> None:
    assert isbn13_of(text) == isbn13
    assert isbn10_of(text) == isbn10


@given(st.integers(0, 10**9 - 1))
def test_one_wrong_digit_is_always_seen(number: int) -> None:
    stem = f"978{number:09d}"
    good = next(f"{stem}{digit}" for digit in range(10) if isbn13_of(f"{stem}{digit}"))
    assert [isbn13_of(f"{stem}{digit}") for digit in range(10)].count(good) == 1
    short = isbn10_of(good)
    assert short is not None
    assert isbn13_of(short) == good


@given(st.text(max_size=40))
def test_no_text_upsets_the_rules(text: str) -> None:
    isbn13_of(text)
    sort_title_of(text, "fr")
    match_key_of(text, text)
    assert word_key_of(text) or not text
    barcode_ok(barcode_of(text))


@pytest.mark.parametrize(
    ("title", "language", "sorted_as"),
    [
        ("The Hobbit", "en", "hobbit"),
        ("The Hobbit", "en-GB", "hobbit"),
        ("The Hobbit", "", "hobbit"),
        ("A Tale of Two Cities", "en", "tale of two cities"),
        ("A la recherche du temps perdu", "fr", "a la recherche du temps perdu"),
        ("L'Étranger", "fr", "etranger"),
        ("L’Étranger", "fr", "etranger"),
        ("Der Prozess", "de", "prozess"),
        ("Die Hard", "en", "die hard"),
        ("Die Welt", "de", "welt"),
        ("«Les» Misérables", "fr", "les» miserables"),
        ("'t Hooge Nest", "nl", "hooge nest"),
        ("El amor", "es", "amor"),
        ("O Crime", "pt", "crime"),
        ("الأيام", "ar", "ايام"),
        ("The", "en", "the"),
        ("A", "en", "a"),
        ("...And Justice for All", "en", "and justice for all"),
        ("Theory", "en", "theory"),
        ("Émile", "fr", "emile"),
        ("罪と罰", "ja", "罪と罰"),
        ("???", "", "???"),
    ],
)
def test_lists_pass_over_the_articles_of_a_titles_own_language(title: str, language: str, sorted_as: str) -> None:
    assert sort_title_of(title, language) == sorted_as


def test_a_match_key_forgives_case_accents_and_punctuation() -> None:
    assert match_key_of("Les Misérables", "Victor Hugo") == match_key_of("LES MISERABLES!", "victor hugo")
    assert match_key_of("Utopia", "Thomas More") != match_key_of("Utopia", "Lyman Sargent")
    assert match_key_of("???", "") != match_key_of("!!!", "")


def test_a_copy_moves_only_along_the_arrows() -> None:
    assert set(COPY_MOVES) == set(CopyStatus)
    for old in CopyStatus:
        for new in CopyStatus:
            assert may_move(old, new) == (new == old or new in COPY_MOVES[old])
    assert not may_move(CopyStatus.WITHDRAWN, CopyStatus.ON_LOAN)
    assert not may_move(CopyStatus.ON_LOAN, CopyStatus.WITHDRAWN)
    assert not may_move(CopyStatus.ON_ORDER, CopyStatus.ON_LOAN)
    assert not may_move(CopyStatus.LOST, CopyStatus.ON_LOAN)


def test_no_hand_moves_a_copy_where_loans_and_holds_decide() -> None:
    for old in CopyStatus:
        for new in CopyStatus:
            if old != new and not {old, new} <= BY_HAND:
                assert not may_set_by_hand(old, new)
    assert may_set_by_hand(CopyStatus.AVAILABLE, CopyStatus.IN_REPAIR)
    assert may_set_by_hand(CopyStatus.LOST, CopyStatus.AVAILABLE)
    assert may_set_by_hand(CopyStatus.ON_LOAN, CopyStatus.ON_LOAN)


@given(st.integers(0, 10**11 - 1))
def test_our_own_barcodes_prove_themselves(number: int) -> None:
    barcode = own_barcode(number)
    assert len(barcode) == 14
    assert barcode_ok(barcode)
    assert number_of_own(barcode) == number
    wrong = barcode[:-1] + str((int(barcode[-1]) + 1) % 10)
    assert number_of_own(wrong) is None


@pytest.mark.parametrize(
    ("typed", "kept", "fine"),
    [
        (" 3000 0000 0000 12 ", "30000000000012", True),
        ("*ab-12*", "AB-12", True),
        ("Ａ１", "A1", True),
        ("", "", False),
        ("-1", "-1", False),
        ("A" * 41, "A" * 41, False),
        ("<script>", "<SCRIPT>", False),
        ("книга", "КНИГА", False),
    ],
)
def test_a_barcode_is_kept_as_scanners_read_it(typed: str, kept: str, fine: bool) -> None:
    assert barcode_of(typed) == kept
    assert barcode_ok(kept) is fine


def test_one_enthusiast_does_not_top_a_thousand_readers() -> None:
    assert rating_rank_of(5, 1) < rating_rank_of(4800, 1000)
    assert rating_rank_of(0, 0) == 0
