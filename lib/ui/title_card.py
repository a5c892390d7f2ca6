"""A title as a card: cover, name, authors, year and form, rating, and whether it can be had."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError

from lib.catalogue.queries import TitleCard
from lib.circulation.availability import Availability
from lib.ui.availability_line import availability_html
from lib.ui.cover import cover_link
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.words import number, the_reader

KINDS = {
    "book": "Book", "ebook": "E-book", "audiobook": "Audiobook", "magazine": "Magazine", "film": "Film",
    "music": "Music", "map": "Map", "game": "Game",
}  # fmt: skip
MOST_AUTHORS = 3


def cards_html(
    cards: tuple[TitleCard, ...], places: Mapping[int, Availability], today: date, *, heading: str = "h3"
) -> str:
    """Cards as a grid, each with its line of availability."""
    return '<ol class="cards">' + "".join(_card(card, places.get(card.id), today, heading) for card in cards) + "</ol>"


def _card(card: TitleCard, place: Availability | None, today: date, heading: str) -> str:
    facts = " · ".join(filter(None, (year_text(card.year), kind_name(card.kind), language_name(card.language))))
    return (
        f'<li class="card">{cover_link(card.id, card.title)}{name_link(card, heading)}{authors_line(card)}'
        f'<span class="small soft">{esc(facts)}</span>{stars(card.rating, card.rating_count)}'
        f"{availability_html(place, today)}</li>"
    )


def small_card(card: TitleCard) -> str:
    """A card for a shelf: cover, name and authors."""
    return f'<div class="card">{cover_link(card.id, card.title)}{name_link(card, "h3")}{authors_line(card)}</div>'


def name_link(card: TitleCard, heading: str) -> str:
    """The title as a link under a heading of the given level."""
    tongue = f' lang="{esc(card.language)}"' if card.language else ""
    name = f'<span dir="auto"{tongue}>{esc(card.title)}</span>'
    return f'<{heading} class="name">{anchor(href("title", id=card.id), name)}</{heading}>'


def authors_line(card: TitleCard) -> str:
    """Authors as links to what else they wrote; "and others" after three."""
    names = [
        anchor(href("catalogue", author_id=a.id), f"<bdi>{esc(a.name)}</bdi>") for a in card.authors[:MOST_AUTHORS]
    ]
    more = " and others" if len(card.authors) > MOST_AUTHORS else ""
    return f'<span class="by soft">{", ".join(names)}{more}</span>' if names else ""


def stars(rating: float | None, count: int) -> str:
    """A rating as stars, said in words to those who listen."""
    if rating is None or not count:
        return ""
    full = round(rating)
    said = f"Rated {number(round(rating, 1))} of 5 by {number(count)}"
    shown = f'<b aria-hidden="true">{"★" * full}{"☆" * (5 - full)}</b> {number(round(rating, 1))}'
    return f'<span class="stars" title="{esc(said)}">{shown}</span>'


def kind_name(code: str) -> str:
    """What a kind of title is called."""
    return KINDS.get(code, code.replace("-", " ").capitalize())


def language_name(tag: str) -> str:
    """A language by its name in the reader's language, or the tag itself."""
    return _language(tag, the_reader().babel) if tag else ""


@lru_cache(maxsize=1024)
def _language(tag: str, reader: str) -> str:
    try:
        name = Locale.parse(tag, sep="-").get_display_name(reader)
    except (UnknownLocaleError, ValueError):
        return tag
    return name or tag


def year_text(year: int | None) -> str:
    """A year as people write it; years before our era are negative."""
    return "" if year is None else f"{-year} BC" if year < 0 else str(year)
