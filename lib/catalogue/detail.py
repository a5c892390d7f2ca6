"""A title or a copy with everything about it: six statements for a title."""

from datetime import datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.cards import mean
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import isbn10_of
from lib.catalogue.rows import ContributorRow, CopyRow, IsbnRow, NamedRef, TitleDetail
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day, as_instant

_PLAIN = (
    "title", "subtitle", "original_title", "publisher", "year", "edition", "language", "pages", "volume",
    "description", "series_number", "call_number", "price_minor", "rating_count", "loan_count", "version",
)  # fmt: skip
_TITLE = Statement(
    "SELECT k.id, k.code, k.name, s.id, s.name, t.cover_sha256, t.rating_sum, t.added_at, t.changed_at, t.archived_at,"
    f" {', '.join('t.' + column for column in _PLAIN)} FROM title t JOIN item_kind k ON k.id = t.kind_id"
    " LEFT JOIN series s ON s.id = t.series_id WHERE t.id = :id"
)
_PEOPLE = Statement(
    "SELECT a.id, a.name, ta.role, a.sort_name FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id = :id ORDER BY ta.position"
)
_ISBNS = Statement("SELECT isbn13 FROM title_isbn WHERE title_id = :id ORDER BY isbn13")
_WORDS = Statement(
    "SELECT 'genre', g.id, g.name, g.key FROM title_genre l JOIN genre g ON g.id = l.genre_id WHERE l.title_id = :id"
    " UNION ALL SELECT 'tag', g.id, g.name, g.key FROM title_tag l JOIN tag g ON g.id = l.tag_id WHERE l.title_id = :id"
    " UNION ALL SELECT 'section', s.id, s.name, s.key FROM title_section l JOIN section s ON s.id = l.section_id"
    " WHERE l.title_id = :id ORDER BY 4"
)
_COPY = (
    "SELECT c.id, c.title_id, t.title, c.barcode, l.id, l.code, l.name, c.shelf, c.condition, c.status, c.price_minor,"
    " c.acquired_on, c.note, c.added_at, c.withdrawn_at, c.version, t.archived_at"
    " FROM copy c JOIN title t ON t.id = c.title_id JOIN location l ON l.id = c.location_id"
)
_COPIES = Statement(f"{_COPY} WHERE c.title_id = :id ORDER BY l.name, c.shelf, c.id LIMIT 500")
_BY_BARCODE = Statement(f"{_COPY} WHERE c.barcode = :barcode")
_BY_ID = Statement(f"{_COPY} WHERE c.id = :id")


def read_title(uow: UnitOfWork, title_id: int) -> TitleDetail:
    """A title with all that hangs on it; at most 500 copies.

    Raises:
        NotFound: there is none, or it is archived and the actor may not edit the catalogue.
    """
    uow.require(Permission.SEARCH)
    staff = uow.actor.may(Permission.EDIT_CATALOGUE)
    row = _TITLE.row(uow.connection, id=title_id) if possible(title_id) else None
    if row is None or (row[9] is not None and not staff):
        raise NotFound("title")
    kind_id, kind, kind_name, series_id, series, cover, rating_sum, added, changed, archived, *plain = row
    values: dict[str, Any] = dict(zip(_PLAIN, plain, strict=True))
    words: dict[str, list[NamedRef]] = {"genre": [], "tag": [], "section": []}
    for what, word_id, name, _ in _WORDS.rows(uow.connection, id=title_id):
        words[what].append(NamedRef(word_id, name))
    copies = (_copy(found, staff=staff) for found in _COPIES.rows(uow.connection, id=title_id))
    return TitleDetail(
        **values, id=title_id, kind_id=kind_id, kind=kind, kind_name=kind_name,
        contributors=tuple(ContributorRow(*found) for found in _PEOPLE.rows(uow.connection, id=title_id)),
        isbns=tuple(IsbnRow(isbn, isbn10_of(isbn)) for (isbn,) in _ISBNS.rows(uow.connection, id=title_id)),
        series=NamedRef(series_id, series) if series_id is not None else None,
        genres=tuple(words["genre"]), tags=tuple(words["tag"]), sections=tuple(words["section"]),
        has_cover=cover is not None, rating=mean(rating_sum, values["rating_count"]),
        copies=tuple(copy for copy in copies if staff or copy.status is not CopyStatus.WITHDRAWN),
        added_at=_at(added), changed_at=_at(changed), archived_at=as_instant(archived),
    )  # fmt: skip


def possible(row_id: int) -> bool:
    """Whether a number can be an id at all: drivers choke on larger ones, and pages take them from the address."""
    return 0 < row_id < 2**63


def read_copy(uow: UnitOfWork, *, barcode: str = "", copy_id: int | None = None) -> CopyRow:
    """A copy by barcode (as it is kept) or id.

    Raises:
        NotFound: there is none, or it is withdrawn or its title archived and the actor may not edit the catalogue.
    """
    uow.require(Permission.SEARCH)
    staff = uow.actor.may(Permission.EDIT_CATALOGUE)
    if copy_id is not None:
        row = _BY_ID.row(uow.connection, id=copy_id) if possible(copy_id) else None
    else:
        row = _BY_BARCODE.row(uow.connection, barcode=barcode)
    if row is None or (not staff and (row[16] is not None or row[9] == CopyStatus.WITHDRAWN)):
        raise NotFound("copy")
    return _copy(row, staff=staff)


def _copy(row: Any, *, staff: bool) -> CopyRow:
    (copy_id, title_id, title, barcode, location_id, code, location, shelf, condition, status, price, acquired, note,
     added, withdrawn, version, _) = row  # fmt: skip
    return CopyRow(
        copy_id, title_id, title, barcode, location_id, code, location, shelf, Condition(condition),
        CopyStatus(status), price if staff else None, as_day(acquired), note if staff else "",
        _at(added), as_instant(withdrawn), version,
    )  # fmt: skip


def _at(value: Any) -> datetime:
    found = as_instant(value)
    assert found is not None  # the column takes no NULL
    return found
