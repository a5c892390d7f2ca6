"""What a search found: how many, in which order, the cards, the panel beside them, or help when there is nothing."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from lib.access.work import UnitOfWork
from lib.catalogue.queries import author, series
from lib.catalogue.search import SearchResult
from lib.catalogue.search_query import SearchQuery
from lib.circulation.availability import Availability
from lib.kit.errors import NotFound
from lib.ui.facet_panel import chips_html, facets_html, sorts_html
from lib.ui.linked import anchor, esc, listed
from lib.ui.navigation import href
from lib.ui.pager import pager_html
from lib.ui.search_address import address_of
from lib.ui.title_card import cards_html
from lib.ui.words import count, number


def results_html(
    query: SearchQuery,
    result: SearchResult,
    places: Mapping[int, Availability],
    names: dict[str, str],
    today: date,
) -> str:
    """The whole answer as one piece of HTML; `names` are those of `names_of`."""
    chips = chips_html(query, result.facets, names)
    guess = _did_you_mean(query, result)
    if not result.total:
        return chips + guess + _nothing(query)
    told = f'<p class="count" role="status">{esc(_found(query, result))}</p>'
    cards = cards_html(result.cards, places, today, heading="h2")
    pages = pager_html(result.page, result.pages, lambda page: address_of(query, page=page))
    main = f'<div>{guess}<div class="told">{told}{sorts_html(query)}</div>{chips}{cards}{pages}</div>'
    aside = f'<aside aria-label="Narrow the results">{facets_html(query, result.facets)}</aside>'
    return f'<div class="results">{aside}{main}</div>'


def _found(query: SearchQuery, result: SearchResult) -> str:
    told = count(result.total, "title", "titles")
    if query.text:
        told += f" for “{query.text}”"
    return told + (f", page {number(result.page)} of {number(result.pages)}" if result.page > 1 else "")


def names_of(uow: UnitOfWork, query: SearchQuery) -> dict[str, str]:
    """What the author and the series of a search are called."""
    found = {}
    for name, read, asked in (("author", author, query.author_id), ("series", series, query.series_id)):
        if asked is not None:
            with suppress(NotFound):
                found[name] = read(uow, asked).name
    return found


def _did_you_mean(query: SearchQuery, result: SearchResult) -> str:
    if not result.did_you_mean:
        return ""
    link = anchor(address_of(query, text=result.did_you_mean), esc(result.did_you_mean), more='class="text"')
    return f'<p style="margin-bottom:1rem">Did you mean {link}?</p>'


def _nothing(query: SearchQuery) -> str:
    ways = [
        "Look at the spelling, or type only the beginning of a word.",
        "Leave a word out: every word has to be found.",
    ]
    if _narrowed(query):
        ways.insert(
            0, anchor(address_of(SearchQuery(text=query.text)), "Search the whole catalogue", more='class="text"')
        )
    ways.append(f"{anchor(href('browse'), 'Browse', more=_TEXT)} the sections, genres and authors.")
    asked = f" for “{esc(query.text)}”" if query.text else ""
    advice = f"<h2>Nothing found{asked}</h2><p>What may help:</p>{listed(ways, 'ways')}"
    return f'<div class="empty" role="status">{advice}</div>'


_TEXT = 'class="text"'


def _narrowed(query: SearchQuery) -> bool:
    return SearchQuery(text=query.text, sort=query.sort, page=query.page, size=query.size) != query
