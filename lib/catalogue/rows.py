"""What reads of the catalogue return: frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime

from lib.catalogue.models import Condition, CopyStatus


@dataclass(frozen=True, slots=True)
class AuthorRef:
    """An author as a link."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A genre, tag, series or section as a link."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ContributorRow:
    """Somebody's part in a title; `sort_name` is folded ("le guin, ursula k.")."""

    author_id: int
    name: str
    role: str
    sort_name: str


@dataclass(frozen=True, slots=True)
class IsbnRow:
    """An ISBN in both forms; 979 has no short one."""

    isbn13: str
    isbn10: str | None


@dataclass(frozen=True, slots=True)
class TitleCard:
    """A title as lists show it. `rating` is the mean of 1–5 stars; copies lost, on order or withdrawn do not count;
    `first_shelf` is where an available copy stands, "" when none does."""

    id: int
    title: str
    subtitle: str
    authors: tuple[AuthorRef, ...]
    year: int | None
    kind: str
    language: str
    has_cover: bool
    rating: float | None
    rating_count: int
    copies_total: int
    copies_in: int
    first_shelf: str


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy. `price_minor` and `note` are None and "" for those who may not edit the catalogue."""

    id: int
    title_id: int
    title: str
    barcode: str
    location_id: int
    location_code: str
    location: str
    shelf: str
    condition: Condition
    status: CopyStatus
    price_minor: int | None
    acquired_on: date | None
    note: str
    added_at: datetime
    withdrawn_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class TitleDetail:
    """All that is known of a title. `kind` is the item kind's code; instants are UTC."""

    id: int
    version: int
    kind_id: int
    kind: str
    kind_name: str
    title: str
    subtitle: str
    original_title: str
    contributors: tuple[ContributorRow, ...]
    isbns: tuple[IsbnRow, ...]
    publisher: str
    year: int | None
    edition: str
    language: str
    pages: int | None
    volume: str
    description: str
    series: NamedRef | None
    series_number: str
    genres: tuple[NamedRef, ...]
    tags: tuple[NamedRef, ...]
    sections: tuple[NamedRef, ...]
    call_number: str
    price_minor: int | None
    has_cover: bool
    rating: float | None
    rating_count: int
    loan_count: int
    copies: tuple[CopyRow, ...]
    added_at: datetime
    changed_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section and how many titles (archived ones aside) stand in it."""

    id: int
    name: str
    description: str
    created_on: date
    titles: int
    version: int


@dataclass(frozen=True, slots=True)
class BrowseRow:
    """A genre, author or kind and how many titles (archived ones aside) it has."""

    id: int
    name: str
    titles: int


@dataclass(frozen=True, slots=True)
class KindRow:
    """An item kind."""

    id: int
    code: str
    name: str
    titles: int
