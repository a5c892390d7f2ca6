"""A title's details as a list of facts; what is not known is left out."""

from lib.catalogue.queries import NamedRef, TitleDetail
from lib.catalogue.search_query import SearchQuery
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.search_address import address_of
from lib.ui.title_card import language_name, year_text
from lib.ui.words import number


def facts_html(detail: TitleDetail) -> str:
    """The facts as a definition list."""
    isbns = ", ".join(isbn.isbn13 + (f" ({isbn.isbn10})" if isbn.isbn10 else "") for isbn in detail.isbns)
    plain = {
        "Original title": detail.original_title if detail.original_title != detail.title else "",
        "Publisher": detail.publisher,
        "Year": year_text(detail.year),
        "Edition": detail.edition,
        "Volume": detail.volume,
        "Language": language_name(detail.language),
        "Pages": number(detail.pages) if detail.pages else "",
        "ISBN": isbns,
        "Call number": detail.call_number,
    }
    linked = {
        "Genres": _links(detail.genres, "genre"),
        "Sections": _links(detail.sections, "section"),
        "Tags": ", ".join(_tag(tag) for tag in detail.tags),
    }
    rows = [(name, f"<bdi>{esc(text)}</bdi>") for name, text in plain.items() if text]
    rows += [(name, html) for name, html in linked.items() if html]
    return '<dl class="facts">' + "".join(f"<dt>{name}</dt><dd>{html}</dd>" for name, html in rows) + "</dl>"


def _links(found: tuple[NamedRef, ...], facet: str) -> str:
    links = (anchor(href("catalogue", **{facet: one.id}), f"<bdi>{esc(one.name)}</bdi>", more=_TEXT) for one in found)
    return ", ".join(links)


def _tag(tag: NamedRef) -> str:
    address = address_of(SearchQuery(fields={"tag": tag.name}))
    return anchor(address, f"<bdi>{esc(tag.name)}</bdi>", more=_TEXT)


_TEXT = 'class="text"'
