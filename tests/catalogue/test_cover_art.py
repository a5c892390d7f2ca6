"""Typeset covers: whole in any script, fitting, harmless, and always the same."""

import csv
import re
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.catalogue.cover_art import HEIGHT, SCHEMES, WIDTH, typeset_cover
from lib.catalogue.cover_lines import fit, is_rtl, is_vertical, width
from lib.catalogue.cover_patterns import PATTERNS, Dice

SVG = "{http://www.w3.org/2000/svg}"
ANYTHING = st.text(max_size=300)
TITLES = {
    "Latin": ("The Left Hand of Darkness", "Ursula K. Le Guin"),
    "Cyrillic": ("Почему христианские народы вообще", "Лев Толстой"),
    "Greek": ("Η Οδύσσεια", "Όμηρος"),
    "Arabic": ("ألف ليلة وليلة", "مجهول"),
    "Hebrew": ("שיר השירים", "שלמה המלך"),
    "Japanese": ("果して女の虚栄心が全部の原因か？", "宮本百合子"),
    "Chinese": ("紅樓夢", "曹雪芹"),
    "Korean": ("소년이 온다", "한강"),
    "Hindi": ("मानव अधिकारों की सार्वभौम घोषणा", "संयुक्त राष्ट्र"),
}


def _lines(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    found = [part.text or "" for part in root.iter(f"{SVG}tspan")]
    return found + [part.text for part in root.iter(f"{SVG}text") if part.text]


def _bare(text: str) -> str:
    return re.sub(r"[\s·]", "", text)


@pytest.mark.parametrize("script", TITLES)
def test_the_whole_title_and_author_stand_on_the_cover_in_any_script(script: str) -> None:
    title, author = TITLES[script]
    for seed in range(40):
        printed = _bare("".join(_lines(typeset_cover(title, author, seed=seed))))
        assert _bare(title) in printed
        assert _bare(author) in printed


@given(ANYTHING, ANYTHING, st.integers(), st.sampled_from(["book", "ebook", "audiobook", "film", "no such kind"]))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_well_formed_harmless_svg_under_six_kilobytes(
    title: str, author: str, seed: int, kind: str
) -> None:
    svg = typeset_cover(title, author, seed=seed, kind=kind)
    tags = {part.tag.removeprefix(SVG) for part in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "rect", "path", "circle", "text", "tspan", "g", "defs", "use", "pattern"}
    assert len(svg.encode()) < 6144


def test_markup_in_a_title_is_text_and_not_markup() -> None:
    hostile = '<script>alert(1)</script>"><image href="//evil.example/x"/>'
    for seed in range(20):
        svg = typeset_cover(hostile, hostile, seed=seed)
        assert "<script" not in svg
        assert "<image" not in svg
        ElementTree.fromstring(svg)


def test_the_same_title_has_the_same_cover_always() -> None:
    first = typeset_cover("Emma", "Jane Austen", seed=7)
    assert typeset_cover("Emma", "Jane Austen", seed=7) == first
    assert Dice("7|Emma").number(1000) == 212


def test_titles_differ_in_cover() -> None:
    assert len({typeset_cover("Emma", "Jane Austen", seed=seed) for seed in range(60)}) > 55


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_draws_something_in_a_wide_a_narrow_and_a_square_field(pattern: str) -> None:
    inks = SCHEMES["ink"].field
    for wide, high in ((300, 238), (96, 450), (70, 70), (300, 450)):
        drawn = PATTERNS[pattern](Dice("x"), wide, high, inks)
        assert inks.b in drawn
        assert len(drawn) < 4200


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", SCHEMES)
def test_type_is_readable_on_every_cloth(name: str) -> None:
    scheme = SCHEMES[name]
    assert _contrast(scheme.ink, scheme.ground) >= 5.5
    assert _contrast(scheme.ornament, scheme.ground) >= 3.9
    assert _contrast(scheme.field.c, scheme.field.ground) >= 4.5


def test_lines_stay_within_their_box_and_break_between_words() -> None:
    setting = fit("The Unbearable Lightness of Being", wide=200, high=160, sizes=(50, 40, 30, 20))
    assert " ".join(setting.lines) == "The Unbearable Lightness of Being"
    assert all(width(line) * setting.size <= 200 for line in setting.lines)


def test_a_word_wider_than_the_cover_is_cut_and_a_text_too_long_ends_in_dots() -> None:
    long_word = fit("Donaudampfschifffahrtselektrizitätengesellschaft", wide=100, high=90, sizes=(30, 15))
    assert "".join(long_word.lines) == "Donaudampfschifffahrtselektrizitätengesellschaft"
    endless = fit("word " * 200, wide=100, high=60, sizes=(30, 15))
    assert endless.lines[-1].endswith("…")
    assert len(endless.lines) <= 3


def test_cjk_breaks_anywhere_but_never_puts_a_full_stop_first() -> None:
    setting = fit("果して、女の、虚栄心が、全部の、原因か？", wide=60, high=400, sizes=(20,), most=20)
    assert len(setting.lines) > 4
    assert not any(line[0] in "、？" for line in setting.lines)


def test_marks_stay_with_their_letters_when_a_word_is_cut() -> None:
    setting = fit("सार्वभौमसार्वभौमसार्वभौम", wide=40, high=400, sizes=(20,), most=20)
    assert not any("\u0900" <= line[0] <= "\u0903" or "\u093a" <= line[0] <= "\u094f" for line in setting.lines)


def test_arabic_and_hebrew_are_set_from_the_right() -> None:
    assert is_rtl("«ألف ليلة»")
    assert not is_rtl("1984 (العربية)") or is_rtl("1984 العربية")
    for seed in range(12):
        assert 'direction="rtl"' in typeset_cover("ألف ليلة وليلة", "مجهول", seed=seed)
        assert "rtl" not in typeset_cover("Emma", "Jane Austen", seed=seed)


def test_only_chinese_and_japanese_titles_run_downwards() -> None:
    assert is_vertical("紅樓夢")
    assert not is_vertical("소년이 온다")
    assert not is_vertical("Emma")
    assert any("vertical-rl" in typeset_cover("紅樓夢", "曹雪芹", seed=seed) for seed in range(5))


@pytest.mark.shared
def test_covers_of_the_real_catalogues_show_their_titles_whole(shared_data: Path) -> None:
    cut = total = 0
    for name in ("books_10k.csv", "multilingual_titles.csv"):
        with (shared_data / "catalogue" / name).open(encoding="utf-8") as file:
            for row in islice(csv.DictReader(file), 0, None, 12):
                svg = typeset_cover(row["title"], row.get("authors") or row.get("author") or "", seed=total)
                total += 1
                cut += "…" in svg and "…" not in row["title"]
                assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in svg
    assert total > 900
    assert cut <= total * 0.03
