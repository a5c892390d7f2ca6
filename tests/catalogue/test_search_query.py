"""How the search box reads what is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalogue.search_query import Parsed, Term, parse


def _shown(term: Term) -> str:
    return f"{term.field}:" * bool(term.field) + "+".join(term.words) + "*" * term.prefix


@pytest.mark.parametrize(
    ("text", "terms", "excluded", "isbns"),
    [
        ("", [], [], []),
        ("harry pot", ["harry", "pot*"], [], []),
        ("Harry POT", ["harry", "pot*"], [], []),
        ("a", ["a"], [], []),
        ("García Márquez", ["garcia", "marquez*"], [], []),
        ('"lord of the" ring', ["lord+of+the", "ring*"], [], []),
        ("“lord of”", ["lord+of"], [], []),
        ('"lord of', ["lord+of"], [], []),
        ("rings -hobbit", ["rings*"], ["hobbit"], []),
        ('rings -"the hobbit"', ["rings*"], ["the+hobbit"], []),
        ("spider-man", ["spider", "man*"], [], []),
        ("spider - man", ["spider", "man*"], [], []),
        ("author:tolkien hobbit", ["author:tolkien", "hobbit*"], [], []),
        ("AUTHOR: tolkien", ["author:tolkien*"], [], []),
        ('title:"the hobbit"', ["title:the+hobbit"], [], []),
        ("-genre:war epic", ["epic*"], ["genre:war"], []),
        ("dune: messiah", ["dune", "messiah*"], [], []),
        ("title:", ["title*"], [], []),
        ("猫", ["猫*"], [], []),
        ("吾輩は猫", ["吾輩+輩は+は猫"], [], []),
        ('"猫である"', ["猫で+であ+ある"], [], []),
        ("0-547-92822-X", [], [], ["9780547928227"]),
        ("054792822x", [], [], ["9780547928227"]),
        ("0547928228", ["0547928228*"], [], []),
        ("978-0-547-92822-7", [], [], ["9780547928227"]),
        ("isbn:054792822X", [], [], ["9780547928227"]),
        ("ISBN 978 0 547 92822 7", [], [], ["9780547928227"]),
        ("isbn:97805", [], [], ["97805"]),
        ("97805479", [], [], ["97805479"]),
        ("1984", ["1984*"], [], []),
        ("???", [], [], []),
    ],
)
def test_it_reads_words_phrases_exclusions_fields_and_isbns(
    text: str, terms: list[str], excluded: list[str], isbns: list[str]
) -> None:
    parsed = parse(text)
    assert [_shown(term) for term in parsed.terms] == terms
    assert [_shown(term) for term in parsed.excluded] == excluded
    assert list(parsed.isbns) == isbns


def test_fields_given_apart_join_what_the_box_says() -> None:
    parsed = parse("ring", {"author": "tolk", "title": '"lord of"', "isbn": "0-547-92822-X", "shoe-size": "44"})
    assert [_shown(term) for term in parsed.terms] == ["ring*", "author:tolk*", "title:lord+of"]
    assert parsed.isbns == ("9780547928227",)


def test_only_plain_words_can_be_a_title() -> None:
    assert parse("the hobbit").plain == "the hobbit"
    assert parse("", {"title": "the hobbit"}).plain == "the hobbit"
    for text in ('"the hobbit"', "hobbit -ring", "author:tolkien", "9780547928227"):
        assert parse(text).plain == ""


@given(st.text(max_size=800))
def test_any_text_is_read_without_a_complaint(text: str) -> None:
    parsed = parse(text, {"title": text, "isbn": text})
    assert isinstance(parsed, Parsed)
    assert len(parsed.terms) <= 24
    for term in parsed.terms + parsed.excluded:
        assert term.words
        assert not any(char in word for word in term.words for char in "\"'\\ \x00")
