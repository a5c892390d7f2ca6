"""The theme: text reaches 4.5 : 1 and shapes 3 : 1 in light and dark; fonts travel with the product."""

import tomllib
from typing import Any

import pytest

from lib.kit.config import HOME
from lib.ui.theme import AA_SHAPES, AA_TEXT, ASSETS, blend, contrast

CONFIG = tomllib.loads((HOME / ".streamlit" / "config.toml").read_text("utf-8"))
THEME: dict[str, Any] = CONFIG["theme"]
WHITE = "#ffffff"
FADED = 0.6  # how opaque Streamlit paints captions
AREAS = {
    "light": THEME["light"], "dark": THEME["dark"],
    "light sidebar": THEME["light"] | THEME["light"]["sidebar"],
    "dark sidebar": THEME["dark"] | THEME["dark"]["sidebar"],
}  # fmt: skip
COLOURS = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


@pytest.mark.parametrize("name", AREAS)
def test_text_and_links_can_be_read(name: str) -> None:
    area = AREAS[name]
    for ground in (area["backgroundColor"], area["secondaryBackgroundColor"]):
        assert contrast(area["textColor"], ground) >= AA_TEXT
        assert contrast(area["linkColor"], ground) >= AA_TEXT


@pytest.mark.parametrize("name", AREAS)
def test_captions_can_be_read(name: str) -> None:
    area = AREAS[name]
    for ground in (area["backgroundColor"], area["secondaryBackgroundColor"]):
        assert contrast(blend(area["textColor"], ground, FADED), ground) >= AA_TEXT


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_primary_button_can_be_read_and_seen(name: str) -> None:
    area = AREAS[name]
    assert contrast(WHITE, area["primaryColor"]) >= AA_TEXT
    assert contrast(area["primaryColor"], area["backgroundColor"]) >= AA_SHAPES


@pytest.mark.parametrize("name", AREAS)
def test_the_edge_of_an_input_can_be_seen(name: str) -> None:
    area = AREAS[name]
    for ground in (area["backgroundColor"], area["secondaryBackgroundColor"]):
        assert contrast(area["borderColor"], ground) >= AA_SHAPES


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("colour", COLOURS)
def test_coloured_words_and_messages_can_be_read(name: str, colour: str) -> None:
    area = AREAS[name]
    assert contrast(area[f"{colour}TextColor"], area["backgroundColor"]) >= AA_TEXT
    assert contrast(area[f"{colour}TextColor"], area[f"{colour}BackgroundColor"]) >= AA_TEXT


def test_the_measure_itself_is_right() -> None:
    assert round(contrast("#000000", WHITE), 2) == 21
    assert round(contrast("#777777", WHITE), 2) == 4.48
    assert blend("#000000", WHITE, 0.5) == "#808080"


def test_every_font_is_there_named_so_that_css_accepts_it_and_small() -> None:
    faces = THEME["fontFaces"]
    for face in faces:
        assert (ASSETS / face["url"].removeprefix("/assets/")).is_file()
        assert not any(word[0].isdigit() for word in face["family"].split()), "CSS drops such a name unless quoted"
    families = {face["family"] for face in faces}
    assert families == {"Tome Sans", "Tome Serif"}
    assert THEME["font"].startswith("'Tome Sans'")
    assert THEME["headingFont"].startswith("'Tome Serif'")
    assert sum(file.stat().st_size for file in ASSETS.rglob("*.woff2")) < 1_500_000


def test_every_font_comes_with_its_licence() -> None:
    licences = [file.read_text("utf-8") for file in (ASSETS / "fonts").glob("*LICENSE.txt")]
    assert len(licences) == 2
    assert all("SIL Open Font License" in text for text in licences)


def test_pictures_load_nothing_from_elsewhere() -> None:
    for file in ASSETS.glob("*.svg"):
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text
        assert "<script" not in text
