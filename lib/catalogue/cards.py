"""Title cards: three statements for any number of titles."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.rows import AuthorRef, TitleCard
from lib.kit.database import Statement

_CARDS = Statement(
    "SELECT t.id, t.title, t.subtitle, t.year, k.code, t.language, t.cover_sha256, t.rating_sum, t.rating_count,"
    " t.archived_at, t.call_number FROM title t JOIN item_kind k ON k.id = t.kind_id WHERE t.id IN (:*ids)"
)
_AUTHORS = Statement(
    "SELECT ta.title_id, ta.role, a.id, a.name FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id IN (:*ids) ORDER BY ta.title_id, ta.position"
)
_COPIES = Statement(
    "SELECT title_id,"
    " sum(CASE WHEN status IN ('available', 'on_loan', 'on_hold_shelf', 'in_repair') THEN 1 ELSE 0 END),"
    " sum(CASE WHEN status = 'available' THEN 1 ELSE 0 END),"
    " min(CASE WHEN status = 'available' AND shelf <> '' THEN shelf END)"
    " FROM copy WHERE title_id IN (:*ids) GROUP BY title_id"
)
_NO_COPIES = (0, 0, None)


def cards(uow: UnitOfWork, ids: Collection[int]) -> dict[int, TitleCard]:
    """Cards by title id, in the order asked for; titles that are gone, or archived ones for readers, are left out."""
    uow.require(Permission.SEARCH)
    if not ids:
        return {}
    wanted = list(dict.fromkeys(ids))
    authors: dict[int, list[tuple[str, AuthorRef]]] = defaultdict(list)
    for title_id, role, author_id, name in _AUTHORS.rows(uow.connection, ids=wanted):
        authors[title_id].append((role, AuthorRef(author_id, name)))
    copies = {row[0]: row[1:] for row in _COPIES.rows(uow.connection, ids=wanted)}
    rows = {row[0]: row for row in _CARDS.rows(uow.connection, ids=wanted)}
    archived_too = uow.actor.may(Permission.EDIT_CATALOGUE)
    return {
        title_id: _card(row, authors[title_id], copies.get(title_id, _NO_COPIES))
        for title_id in wanted
        if (row := rows.get(title_id)) and (row[9] is None or archived_too)
    }


def _card(row: Any, people: list[tuple[str, AuthorRef]], copies: Any) -> TitleCard:
    title_id, title, subtitle, year, kind, language, cover, rating_sum, rating_count, _, call_number = row
    total, inside, shelf = copies
    writers = tuple(author for role, author in people if role == "author") or tuple(author for _, author in people)
    return TitleCard(
        title_id, title, subtitle, writers, year, kind, language, cover is not None, mean(rating_sum, rating_count),
        rating_count, int(total), int(inside), (shelf or call_number) if inside else "",
    )  # fmt: skip


def mean(total: int, count: int) -> float | None:
    """The mean of ratings to two places; None where nobody rated."""
    return round(total / count, 2) if count else None
