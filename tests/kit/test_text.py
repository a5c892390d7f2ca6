"""The one normaliser behind every search, and what may come in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.kit.errors import Invalid
from lib.kit.text import clean, fold, index_words, is_cjk, one_line, tokens

TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Les Misérables", "les miserables"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ångström", "angstrom"),
        ("Łódź", "lodz"),
        ("Þórbergur Þórðarson", "thorbergur thordarson"),
        ("Œuvres", "oeuvres"),
        ("Søren  Kierkegaard", "soren kierkegaard"),
        ("İstanbul", "istanbul"),
        ("Ισλανδός", "ισλανδοσ"),
        ("Ёлка", "елка"),
        ("Война и мир", "воина и мир"),
        ("ﬁne ﬀ", "fine ff"),
        ("ＦＵＬＬ width", "full width"),
        ("أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("हिन्दी", "हिन्दी"),
        ("がぎぐ", "がぎぐ"),
        ("O’Brien", "o'brien"),
        ("\u00a0 a \t\n b ", "a b"),
        ("", ""),
    ],
)
def test_texts_are_compared_without_case_accents_or_forms(written: str, compared: str) -> None:
    assert fold(written) == compared


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_it_does_not_matter_in_which_normal_form_a_text_comes(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Hitch-Hiker's Guide, vol. 2", ["the", "hitch", "hikers", "guide", "vol", "2"]),
        ("snake_case", ["snake", "case"]),
        ("C++ & C#", ["c", "c"]),
        ("源氏物語", ["源氏", "氏物", "物語", "語"]),
        ("Norwegian Wood ノルウェイ", ["norwegian", "wood", "ノル", "ルウ", "ウェ", "ェイ", "イ"]),
        ("한글 소설", ["한글", "글", "소설", "설"]),
        ("हिन्दी साहित्य", ["हिन्दी", "साहित्य"]),
        ("٣ رجال", ["٣", "رجال"]),
        ("—…!", []),
    ],
)
def test_texts_are_found_under_these_words(text: str, words: list[str]) -> None:
    assert index_words(text) == words


@given(TEXTS)
def test_words_are_folded_and_hold_no_spaces(text: str) -> None:
    for word in tokens(text):
        assert word
        assert not any(char.isspace() for char in word)
        assert fold(word) == word


@given(st.text(alphabet="源氏物語あいう한글", min_size=1, max_size=8))
def test_every_single_cjk_character_starts_some_word(text: str) -> None:
    words = index_words(text)
    assert all(any(word.startswith(char) for word in words) for char in fold(text))
    assert all(is_cjk(word) for word in words)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfffy"])
def test_what_databases_choke_on_is_refused_at_the_door(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(text, "title")
    assert refused.value.faults[0].field == "title"


def test_texts_are_stored_composed_and_without_outer_spaces() -> None:
    assert clean("  e\u0301\n b ") == "é\n b"


def test_names_stand_on_one_line() -> None:
    assert one_line(" A\r\n  Farewell\u00a0to\tArms ") == "A Farewell to Arms"
