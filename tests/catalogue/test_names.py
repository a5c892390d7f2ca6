"""Names of people: shown, sorted, compared and split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalogue.names import person_name, split_name


@pytest.mark.parametrize(
    ("text", "shown", "sorted_as", "split"),
    [
        ("Suzanne Collins", "Suzanne Collins", "collins, suzanne", ("Collins", "Suzanne")),
        ("Collins, Suzanne", "Suzanne Collins", "collins, suzanne", ("Collins", "Suzanne")),
        ("Ursula K. Le Guin", "Ursula K. Le Guin", "le guin, ursula k.", ("Le Guin", "Ursula K.")),
        ("Le Guin, Ursula K., 1929-2018.", "Ursula K. Le Guin", "le guin, ursula k.", ("Le Guin", "Ursula K.")),
        ("García Márquez, Gabriel", "Gabriel García Márquez", "garcia marquez, gabriel", ("García Márquez", "Gabriel")),
        ("Vincent van Gogh", "Vincent van Gogh", "gogh, vincent", ("van Gogh", "Vincent")),
        ("King, Martin Luther, Jr.", "Martin Luther King, Jr.", "king, martin luther", ("King", "Martin Luther, Jr.")),
        ("Martin Luther King, Jr.", "Martin Luther King, Jr.", "king, martin luther, jr.",
         ("King", "Martin Luther, Jr.")),
        ("Homer", "Homer", "homer", ("Homer", "")),
        ("村上春樹", "村上春樹", "村上春樹", ("村上春樹", "")),
        ("Пушкин, Александр Сергеевич", "Александр Сергеевич Пушкин", "пушкин, александр сергеевич",
         ("Пушкин", "Александр Сергеевич")),
        ("World Health Organization", "World Health Organization", "world health organization",
         ("World Health Organization", "")),
        ("Simon & Schuster", "Simon & Schuster", "simon & schuster", ("Simon & Schuster", "")),
    ],
)  # fmt: skip
def test_a_name_is_read_in_either_order(text: str, shown: str, sorted_as: str, split: tuple[str, str]) -> None:
    person = person_name(text)
    assert (person.name, person.sort_name) == (shown, sorted_as)
    assert split_name(person.name, person.sort_name) == split


@pytest.mark.parametrize(
    ("one", "other"),
    [("J.K. Rowling", "Rowling, J. K."), ("Sand, George", "GEORGE SAND"), ("Émile Zola", "Zola, Emile, 1840-1902")],
)
def test_the_same_person_has_the_same_key(one: str, other: str) -> None:
    assert person_name(one).key == person_name(other).key


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_every_name_has_a_key_and_keeps_it_when_read_again(text: str) -> None:
    person = person_name(text.strip())
    assert person.name
    assert person.key
    assert person_name(person.name).key == person.key
    split_name(person.name, person.sort_name)
