"""Shapes that several requests and answers share; pages of rows with links to their neighbours."""

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lib.kit.paging import Page
from lib.kit.strict import Whole

T = TypeVar("T")
LARGEST_ID = 2**63 - 1
PageNumber = Annotated[int, Query(ge=1, le=100_000, description="Counts from 1.")]
PageSize = Annotated[int, Query(ge=1, le=100, description="Rows on a page.")]
Number = Annotated[Whole, Field(ge=0, le=LARGEST_ID)]  # in a body
AskedNumber = Annotated[int, Field(ge=0, le=LARGEST_ID)]  # in a query, where everything is text
RowId = Annotated[int, Path(ge=0, le=LARGEST_ID, description="Its number.")]
AskedId = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]


class Listing(BaseModel, Generic[T]):
    """A page of rows."""

    items: list[T]
    total: int = Field(description="Rows on all pages.")
    page: int
    pages: int
    size: int


class Body(BaseModel):
    """What a request sends; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class Done(BaseModel):
    """What was done, in a sentence."""

    done: str = Field(examples=["The section was deleted."])


class Made(BaseModel):
    """The id of what was made."""

    id: int


class WrittenReason(Body):
    """The written reason of an act."""

    reason: Annotated[str, Field(examples=["Water damage on many pages."])]


class PageAsked:
    """Which page is asked for. Its answer carries `Link` headers (RFC 8288): first, prev, next, last."""

    def __init__(self, request: Request, response: Response, page: PageNumber = 1, size: PageSize = 25) -> None:
        self.page, self.size = page, size
        self._request, self._response = request, response

    def listing(self, found: Page[T]) -> Listing[T]:
        """A page of a query as an answer."""
        return self.rows(list(found.rows), found.total, found.number, found.pages, found.size)

    def rows(self, items: list[T], total: int, page: int, pages: int, size: int) -> Listing[T]:
        """Rows as an answer."""
        self.link(page, pages)
        return Listing(items=items, total=total, page=page, pages=pages, size=size)

    def link(self, page: int, pages: int) -> None:
        """Puts the neighbours of a page into the answer's headers."""
        wanted = {"first": 1, "prev": min(page - 1, pages), "next": page + 1, "last": pages}
        there = {name: number for name, number in wanted.items() if 1 <= number <= pages and number != page}
        if there:
            links = (f'<{self._address(number)}>; rel="{name}"' for name, number in there.items())
            self._response.headers["Link"] = ", ".join(links)

    def _address(self, page: int) -> str:
        url = self._request.url.include_query_params(page=page)
        return f"{url.path}?{url.query}"


Paging = Annotated[PageAsked, Depends(PageAsked)]


def listed(rows: tuple[T, ...]) -> Listing[T]:
    """A short whole list as an answer of one page."""
    return Listing(items=list(rows), total=len(rows), page=1, pages=1, size=max(len(rows), 1))
