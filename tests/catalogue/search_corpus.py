"""A small catalogue in several scripts, for the tests of search."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_work
from lib.catalogue.models import (
    Author,
    Copy,
    Genre,
    ItemKind,
    Location,
    Section,
    Series,
    Tag,
    Title,
    TitleAuthor,
    TitleGenre,
    TitleIsbn,
    TitleSection,
    TitleTag,
)
from lib.catalogue.policy import match_key_of, sort_title_of, word_key_of
from lib.catalogue.search_index import reindex_titles
from tests.builders import _number

CORPUS: tuple[dict[str, Any], ...] = (
    {"title": "The Hobbit", "subtitle": "There and Back Again", "authors": ["J.R.R. Tolkien"], "year": 1937,
     "language": "en", "genres": ["Fantasy"], "isbns": ["9780547928227"], "publisher": "Allen & Unwin",
     "loan_count": 40, "rating": (45, 10), "copies": ["available", "on_loan"], "sections": ["Children"]},
    {"title": "The Lord of the Rings", "authors": ["J.R.R. Tolkien"], "year": 1954, "language": "en",
     "genres": ["Fantasy", "Epic", "War", "Classics"], "series": "Middle-earth", "loan_count": 30,
     "copies": ["on_loan"], "description": "A hobbit must destroy a ring of power.", "publisher": "Allen & Unwin"},
    {"title": "The Lord of the Rings: Sketchbook", "authors": ["Alan Lee"], "year": 2005, "language": "en"},
    {"title": "Tolkien: A Biography", "authors": ["Humphrey Carpenter"], "year": 1977, "language": "en",
     "description": "How the Hobbit and the Rings came about.", "tags": ["biography"], "loan_count": 90},
    {"title": "Cien años de soledad", "authors": ["Gabriel García Márquez"], "year": 1967, "language": "es",
     "genres": ["Fiction"], "rating": (18, 4), "copies": ["available"]},
    {"title": "Der Zauberberg", "authors": ["Thomas Mann"], "year": 1924, "language": "de", "genres": ["Fiction"],
     "copies": ["withdrawn"]},
    {"title": "吾輩は猫である", "authors": ["夏目漱石"], "year": 1905, "language": "ja", "genres": ["Fiction"]},
    {"title": "猫", "authors": ["石牟礼道子"], "year": 2001, "language": "ja"},
    {"title": "三国演义 第3卷", "authors": ["罗贯中"], "language": "zh"},
    {"title": "الأيام", "authors": ["طه حسين"], "year": 1929, "language": "ar", "copies": ["available"]},
    {"title": "Война и мир", "authors": ["Лев Толстой"], "year": 1869, "language": "ru", "genres": ["Fiction", "War"]},
    {"title": "हिन्दी साहित्य", "authors": ["रामचन्द्र शुक्ल"], "language": "hi"},
    {"title": "A History of Art", "authors": ["E. H. Gombrich"], "year": 1950, "language": "en", "kind": "book",
     "tags": ["art"], "isbns": ["9780714832470"], "publisher": "Phaidon", "copies": ["available"], "loan_count": 5},
    {"title": "Arthur and the Round Table", "authors": ["Anon"], "year": -44, "language": "en", "kind": "ebook"},
    {"title": "Café Society", "authors": ["Zoë O'Brien"], "year": 1999, "language": "fr", "kind": "film",
     "sections": ["Media"], "loan_count": 2},
    {"title": "Odes", "authors": ["Horace"], "year": 1999, "language": "la", "series": "Loeb Hobbit Shelf"},
    {"title": "???", "authors": [], "language": ""},
    {"title": "Old Hobbit Almanac", "authors": ["Nobody"], "year": 1900, "language": "en", "archived": True},
)  # fmt: skip


def a_corpus(library: Installation, records: Sequence[dict[str, Any]] = CORPUS) -> dict[str, int]:
    """Puts records into the catalogue and its index; returns their ids by title."""
    with begin_work(library, SYSTEM) as uow:
        ids = {record["title"]: _put(uow, record) for record in records}
        reindex_titles(uow, ids.values())
    return ids


def _named(uow: UnitOfWork, table: Any, name: str) -> int:
    key = word_key_of(name)
    if found := uow.connection.scalar(select(table.id).where(table.key == key)):
        return int(found)
    more = {"sort_name": key} if table is Author else {"created_on": uow.today} if table is Section else {}
    return int(
        uow.connection.execute(insert(table).values(name=name, key=key, **more).returning(table.id)).scalar_one()
    )


def _put(uow: UnitOfWork, record: dict[str, Any]) -> int:
    total, count = record.get("rating", (0, 0))
    authors = record.get("authors", [])
    language = record.get("language", "")
    kind = uow.connection.scalar(select(ItemKind.id).where(ItemKind.code == record.get("kind", "book")))
    values = {
        "kind_id": kind, "title": record["title"], "subtitle": record.get("subtitle", ""), "year": record.get("year"),
        "sort_title": sort_title_of(record["title"], language), "language": language,
        "match_key": match_key_of(record["title"], authors[0] if authors else ""),
        "description": record.get("description", ""), "publisher": record.get("publisher", ""),
        "series_id": _named(uow, Series, record["series"]) if "series" in record else None,
        "loan_count": record.get("loan_count", 0), "rating_sum": total, "rating_count": count,
        "rating_rank": (total + 35) / (count + 10) if count else 0,
        "added_at": uow.now + timedelta(seconds=next(_number)), "changed_at": uow.now,
        "archived_at": uow.now if record.get("archived") else None,
    }  # fmt: skip
    number = int(uow.connection.execute(insert(Title).values(**values).returning(Title.id)).scalar_one())
    for position, name in enumerate(authors):
        author_id = _named(uow, Author, name)
        uow.connection.execute(insert(TitleAuthor).values(title_id=number, position=position, author_id=author_id))
    for link, table, column in (
        (TitleGenre, Genre, "genres"), (TitleTag, Tag, "tags"), (TitleSection, Section, "sections"),
    ):  # fmt: skip
        for name in record.get(column, []):
            named = {f"{table.__tablename__}_id": _named(uow, table, name)}
            uow.connection.execute(insert(link).values(title_id=number, **named))
    for isbn in record.get("isbns", []):
        uow.connection.execute(insert(TitleIsbn).values(isbn13=isbn, title_id=number))
    place = uow.connection.scalar(select(Location.id).where(Location.code == "MAIN"))
    for status in record.get("copies", []):
        uow.connection.execute(
            insert(Copy).values(
                title_id=number,
                barcode=f"C{next(_number)}",
                location_id=place,
                added_at=uow.now,
                status=status,
                withdrawn_at=uow.now if status == "withdrawn" else None,
            )
        )
    return number
