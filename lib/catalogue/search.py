"""Searching the catalogue: one box, fields, filters with counts, pages."""

from dataclasses import dataclass

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.queries import TitleCard, cards
from lib.catalogue.search_facets import FacetCount
from lib.catalogue.search_hits import select_page
from lib.catalogue.search_query import FIELDS, SearchQuery, Sort

__all__ = ["FIELDS", "FacetCount", "SearchQuery", "SearchResult", "Sort", "search"]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits. `facets` by name: genre, language, section, kind, location, decade, rating, available."""

    cards: tuple[TitleCard, ...]
    total: int
    pages: int
    page: int
    facets: dict[str, tuple[FacetCount, ...]]
    did_you_mean: str | None
    ordered_by: Sort


def search(uow: UnitOfWork, query: SearchQuery) -> SearchResult:
    """What a query finds, one page of it. No text is wrong: one that means nothing finds nothing.

    `ordered_by` is popularity instead of relevance where there were more than 2,000 hits to put in order, or
    nothing by which to tell them apart. `did_you_mean` is a text for the box that finds more, what was asked of
    single fields included (so empty `fields` with it); only where the query found two titles at most.

    Raises:
        Forbidden: archived titles were asked for without the permission to edit the catalogue.
    """
    uow.require(Permission.SEARCH)
    if query.include_archived:
        uow.require(Permission.EDIT_CATALOGUE)
    found = select_page(uow, query)
    known = cards(uow, found.ids)
    rows = tuple(known[number] for number in found.ids if number in known)
    return SearchResult(rows, found.total, found.pages, found.page, found.facets, found.did_you_mean, found.ordered_by)
