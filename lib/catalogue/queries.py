"""Reading the catalogue: titles, copies, cards, shelves and browsing. Frozen rows, bounded."""

from dataclasses import dataclass
from typing import Any, Literal

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.cards import cards as cards
from lib.catalogue.detail import possible, read_copy, read_title
from lib.catalogue.policy import barcode_of, isbn13_of
from lib.catalogue.rows import AuthorRef as AuthorRef
from lib.catalogue.rows import BrowseRow as BrowseRow
from lib.catalogue.rows import ContributorRow as ContributorRow
from lib.catalogue.rows import CopyRow as CopyRow
from lib.catalogue.rows import IsbnRow as IsbnRow
from lib.catalogue.rows import KindRow as KindRow
from lib.catalogue.rows import NamedRef as NamedRef
from lib.catalogue.rows import SectionRow as SectionRow
from lib.catalogue.rows import TitleCard as TitleCard
from lib.catalogue.rows import TitleDetail as TitleDetail
from lib.catalogue.vocabulary import CATALOGUE
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day
from lib.kit.text import tokens

Shelf = Literal["recent", "popular", "rated"]
LARGEST_SHELF = 60
_MOST_WORDS = 5
_BY_ISBN = Statement("SELECT title_id FROM title_isbn WHERE isbn13 = :isbn")
_ORDERS = {
    "recent": ("", "t.added_at DESC, t.id DESC"),
    "popular": (" AND t.loan_count > 0", "t.loan_count DESC, t.id DESC"),
    "rated": (" AND t.rating_rank > 0", "t.rating_rank DESC, t.id DESC"),
}
_SHELVES = {
    which: Statement(f"SELECT t.id FROM title t WHERE t.archived_at IS NULL{only} ORDER BY {order} LIMIT :size")
    for which, (only, order) in _ORDERS.items()
}
_SECTION_SHELVES = {
    which: Statement(
        "SELECT t.id FROM title_section ts JOIN title t ON t.id = ts.title_id"
        f" WHERE ts.section_id = :section AND t.archived_at IS NULL{only} ORDER BY {order} LIMIT :size"
    )
    for which, (only, order) in _ORDERS.items()
}
_SAME_SERIES = Statement(
    "SELECT o.id FROM title t JOIN title o ON o.series_id = t.series_id AND o.id <> t.id"
    " WHERE t.id = :id AND o.archived_at IS NULL ORDER BY length(o.series_number), o.series_number, o.id LIMIT :size"
)
_SAME_AUTHOR = Statement(
    "SELECT o.id FROM title o WHERE o.archived_at IS NULL AND o.id <> :id AND o.id IN ("
    "SELECT b.title_id FROM title_author a JOIN title_author b ON b.author_id = a.author_id"
    " WHERE a.title_id = :id AND a.role = 'author') ORDER BY o.loan_count DESC, o.rating_count DESC, o.id LIMIT :size"
)


def title(uow: UnitOfWork, title_id: int) -> TitleDetail:
    """A title with all that hangs on it.

    Raises:
        NotFound: there is none, or it is archived and the actor may not edit the catalogue.
    """
    return read_title(uow, title_id)


def title_by_isbn(uow: UnitOfWork, isbn: str) -> TitleDetail:
    """The title of an ISBN, however it is written.

    Raises:
        NotFound: that is no ISBN, or not of a title here.
    """
    uow.require(Permission.SEARCH)
    found = _BY_ISBN.row(uow.connection, isbn=isbn13_of(isbn) or "")
    if found is None:
        raise NotFound("title")
    return read_title(uow, found[0])


def copy_by_barcode(uow: UnitOfWork, barcode: str) -> CopyRow:
    """The copy under a barcode as scanned or typed.

    Raises:
        NotFound: there is none that the actor may know of.
    """
    return read_copy(uow, barcode=barcode_of(barcode))


def copy(uow: UnitOfWork, copy_id: int) -> CopyRow:
    """A copy by id.

    Raises:
        NotFound: there is none that the actor may know of.
    """
    return read_copy(uow, copy_id=copy_id)


def shelf(uow: UnitOfWork, which: Shelf, *, size: int = 12, section_id: int | None = None) -> tuple[TitleCard, ...]:
    """Titles newest first, most lent first or best rated first, of all or of one section; at most 60.

    Titles never lent are not popular, unrated ones not top rated: those shelves may be empty.
    """
    uow.require(Permission.SEARCH)
    values: dict[str, Any] = {"size": min(max(size, 1), LARGEST_SHELF)}
    statement = _SHELVES[which]
    if section_id is not None:
        statement, values["section"] = _SECTION_SHELVES[which], section_id
    return _cards(uow, statement, values)


def _cards(uow: UnitOfWork, statement: Statement, values: dict[str, Any]) -> tuple[TitleCard, ...]:
    return tuple(cards(uow, [row[0] for row in statement.rows(uow.connection, **values)]).values())


@dataclass(frozen=True, slots=True)
class Related:
    """Other titles: of the same series in its order, and of the same authors, most lent first."""

    series: tuple[TitleCard, ...]
    authors: tuple[TitleCard, ...]


def related(uow: UnitOfWork, title_id: int, *, size: int = 12) -> Related:
    """Titles near one title, none twice; at most `size` of each sort."""
    uow.require(Permission.SEARCH)
    values = {"id": title_id, "size": min(max(size, 1), LARGEST_SHELF)}
    series = _cards(uow, _SAME_SERIES, values)
    shown = {card.id for card in series}
    authors = _cards(uow, _SAME_AUTHOR, values | {"size": values["size"] + len(shown)})
    return Related(series, tuple(card for card in authors if card.id not in shown)[: values["size"]])


_SECTIONS = Statement(
    "SELECT s.id, s.name, s.description, s.created_on, count(t.id), s.version FROM section s"
    " LEFT JOIN title_section ts ON ts.section_id = s.id LEFT JOIN title t ON t.id = ts.title_id"
    " AND t.archived_at IS NULL GROUP BY s.id ORDER BY s.key, s.id LIMIT 1000"
)
_GENRES = Statement(
    "SELECT g.id, g.name, count(*) FROM genre g JOIN title_genre tg ON tg.genre_id = g.id"
    " JOIN title t ON t.id = tg.title_id AND t.archived_at IS NULL GROUP BY g.id ORDER BY g.key, g.id LIMIT 2000"
)
_KINDS = Statement(
    "SELECT k.id, k.code, k.name, (SELECT count(*) FROM title t WHERE t.kind_id = k.id AND t.archived_at IS NULL)"
    " FROM item_kind k ORDER BY k.id LIMIT 200"
)
_AUTHOR = Statement(
    "SELECT kept.id, kept.name FROM author a JOIN author kept ON kept.id = coalesce(a.merged_into_id, a.id)"
    " WHERE a.id = :id"
)
_SERIES = Statement("SELECT id, name FROM series WHERE id = :id")


def sections(uow: UnitOfWork) -> tuple[SectionRow, ...]:
    """Every section by name with its number of titles; at most 1,000."""
    uow.require(Permission.SEARCH)
    return uow.cached(CATALOGUE, "sections", lambda: tuple(_section(row) for row in _SECTIONS.rows(uow.connection)))


def _section(row: Any) -> SectionRow:
    section_id, name, description, created_on, titles, version = row
    return SectionRow(section_id, name, description, as_day(created_on), titles, version)  # type: ignore[arg-type]


def genres(uow: UnitOfWork) -> tuple[BrowseRow, ...]:
    """Every genre that has titles, by name; at most 2,000."""
    uow.require(Permission.SEARCH)
    return uow.cached(CATALOGUE, "genres", lambda: tuple(BrowseRow(*row) for row in _GENRES.rows(uow.connection)))


def kinds(uow: UnitOfWork) -> tuple[KindRow, ...]:
    """Every item kind with its number of titles."""
    uow.require(Permission.SEARCH)
    return uow.cached(CATALOGUE, "kinds", lambda: tuple(KindRow(*row) for row in _KINDS.rows(uow.connection)))


def browse_genres(uow: UnitOfWork, text: str = "", page: int = 1, size: int = 50) -> Page[BrowseRow]:
    """Genres by name whose words begin with those typed."""
    number, size = clamp(page, size)
    found = [row for row in genres(uow) if _begins(row.name, text)]
    return Page(tuple(found[(number - 1) * size : number * size]), len(found), number, size)


def _begins(name: str, text: str) -> bool:
    words = list(tokens(name))
    return all(any(word.startswith(typed) for word in words) for typed in tokens(text))


def browse_authors(uow: UnitOfWork, text: str = "", page: int = 1, size: int = 50) -> Page[BrowseRow]:
    """Authors with titles, in the order of their names, whose words begin with those typed, in any order."""
    uow.require(Permission.SEARCH)
    number, size = clamp(page, size)
    typed = list(tokens(text))[:_MOST_WORDS]
    values: dict[str, Any] = {f"start{n}": f"{word}%" for n, word in enumerate(typed)}
    values |= {f"inner{n}": f"% {word}%" for n, word in enumerate(typed)}
    narrowed = "".join(f" AND (a.key LIKE :start{n} OR a.key LIKE :inner{n})" for n in range(len(typed)))
    shown = (
        " FROM author a WHERE a.merged_into_id IS NULL AND EXISTS (SELECT 1 FROM title_author ta JOIN title t"
        f" ON t.id = ta.title_id WHERE ta.author_id = a.id AND t.archived_at IS NULL){narrowed}"
    )
    total = _total(uow, shown, values) if typed else uow.cached(CATALOGUE, "authors", lambda: _total(uow, shown, {}))
    by = "a.sort_name" if uow.installation.is_sqlite else 'a.sort_name COLLATE "C"'
    rows = Statement(
        "SELECT a.id, a.name, (SELECT count(DISTINCT t.id) FROM title_author ta JOIN title t ON t.id = ta.title_id"
        f" WHERE ta.author_id = a.id AND t.archived_at IS NULL){shown} ORDER BY {by}, a.id LIMIT :size OFFSET :skip"
    ).rows(uow.connection, size=size, skip=(number - 1) * size, **values)
    return Page(tuple(BrowseRow(*row) for row in rows), total, number, size)


def _total(uow: UnitOfWork, shown: str, values: dict[str, Any]) -> int:
    return int(Statement(f"SELECT count(*){shown}").row(uow.connection, **values)[0])


def author(uow: UnitOfWork, author_id: int) -> AuthorRef:
    """An author; a merged one leads to who they are.

    Raises:
        NotFound: there is none.
    """
    uow.require(Permission.SEARCH)
    row = _AUTHOR.row(uow.connection, id=author_id) if possible(author_id) else None
    if row is None:
        raise NotFound("author")
    return AuthorRef(*row)


def series(uow: UnitOfWork, series_id: int) -> NamedRef:
    """A series.

    Raises:
        NotFound: there is none.
    """
    uow.require(Permission.SEARCH)
    row = _SERIES.row(uow.connection, id=series_id) if possible(series_id) else None
    if row is None:
        raise NotFound("series")
    return NamedRef(*row)
