"""Search of the catalogue."""

from typing import Annotated

from fastapi import APIRouter, Query

from lib.api.answers import AskedId, AskedNumber, Paging
from lib.api.callers import Caller, reading
from lib.api.strictness import StrictRoute
from lib.catalogue.search import SearchResult, search
from lib.catalogue.search_query import SearchQuery, Sort

router = APIRouter(prefix="/search", tags=["Search"], route_class=StrictRoute)
Many = Annotated[list[str], Query(max_length=50)]


@router.get("", summary="Find titles, with facets")
def get_search(
    actor: Caller,
    paging: Paging,
    q: Annotated[str, Query(max_length=400, description="Words, “phrases”, -exclusions, fields like author:…")] = "",
    available: bool = False,
    genre: Annotated[list[AskedNumber], Query(max_length=50)] = [],  # noqa: B006
    language: Many = [],  # noqa: B006
    section: Annotated[list[AskedNumber], Query(max_length=50)] = [],  # noqa: B006
    kind: Many = [],  # noqa: B006
    location: Annotated[list[AskedNumber], Query(max_length=50)] = [],  # noqa: B006
    year_from: Annotated[int | None, Query(ge=-3000, le=2999)] = None,
    year_to: Annotated[int | None, Query(ge=-3000, le=2999)] = None,
    min_rating: Annotated[float | None, Query(ge=0, le=5)] = None,
    author_id: AskedId = None,
    series_id: AskedId = None,
    sort: Sort = Sort.RELEVANCE,
) -> SearchResult:
    query = SearchQuery(
        text=q, available=available, genres=tuple(genre), languages=tuple(language), sections=tuple(section),
        kinds=tuple(kind), locations=tuple(location), year_from=year_from, year_to=year_to, min_rating=min_rating,
        author_id=author_id, series_id=series_id, sort=sort, page=paging.page, size=paging.size,
    )  # fmt: skip
    with reading(actor) as uow:
        found = search(uow, query)
    paging.link(found.page, found.pages)
    return found
