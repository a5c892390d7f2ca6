"""Shapes that several answers share."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from lib.kit.paging import Page

T = TypeVar("T")


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


def listing(page: Page[T]) -> Listing[T]:
    """A page of a query as an answer."""
    return Listing(items=list(page.rows), total=page.total, page=page.number, pages=page.pages, size=page.size)


def listed(rows: tuple[T, ...]) -> Listing[T]:
    """A short whole list as an answer of one page."""
    return Listing(items=list(rows), total=len(rows), page=1, pages=1, size=max(len(rows), 1))
