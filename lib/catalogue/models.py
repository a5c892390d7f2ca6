"""The catalogue's tables."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class CopyStatus(StrEnum):
    """What a copy's loans, holds and condition say of it; the allowed moves are in catalogue/policy.py."""

    AVAILABLE = "available"
    ON_LOAN = "on_loan"
    ON_HOLD_SHELF = "on_hold_shelf"
    IN_REPAIR = "in_repair"
    ON_ORDER = "on_order"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class Condition(StrEnum):
    """How a copy looks."""

    NEW = "new"
    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"


class ItemKind(Base):
    """What sort of thing a title is (book, e-book, film, map); lending rules are made for it."""

    __tablename__ = "item_kind"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Series(Base):
    """A series of titles."""

    __tablename__ = "series"

    id: Mapped[Id]
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)


class Title(Base):
    """A bibliographic record: what was written."""

    __tablename__ = "title"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_not_empty"),
        CheckConstraint("year IS NULL OR year BETWEEN -3000 AND 2999", name="year_possible"),
        CheckConstraint("pages IS NULL OR pages > 0", name="pages_positive"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        CheckConstraint(
            "rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count", name="rating_possible"
        ),
        CheckConstraint("loan_count >= 0", name="loan_count_not_negative"),
        Index("ix_title_added", "added_at", "id"),
        Index("ix_title_sort", "sort_title", "id"),
        Index("ix_title_year", "year", "id"),
        Index("ix_title_loans", "loan_count", "id"),
        Index("ix_title_rating", "rating_rank", "id"),
        Index("ix_title_series", "series_id"),
        Index("ix_title_match", "match_key"),
        Index("ix_title_cover", "cover_sha256"),
    )

    id: Mapped[Id]
    kind_id: Mapped[int] = mapped_column(ForeignKey("item_kind.id"))
    title: Mapped[str]
    subtitle: Mapped[str] = mapped_column(default="")
    original_title: Mapped[str] = mapped_column(default="")
    sort_title: Mapped[str]  # folded, without a leading article
    match_key: Mapped[str]  # folded title and first author: what an import takes for the same title
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None]
    edition: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")  # BCP 47, "" when unknown
    pages: Mapped[int | None]
    volume: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_number: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    price_minor: Mapped[int | None]
    cover_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_rank: Mapped[Decimal] = mapped_column(Numeric(8, 4), default=0)  # damped mean, for sorting
    loan_count: Mapped[int] = mapped_column(default=0)  # how often ever lent, kept by circulation
    added_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class TitleIsbn(Base):
    """An ISBN-13 of a title; ISBN-10 are turned into it. One ISBN belongs to one title."""

    __tablename__ = "title_isbn"
    __table_args__ = (
        CheckConstraint("length(isbn13) = 13", name="thirteen_digits"),
        Index("ix_title_isbn_title", "title_id"),
    )

    isbn13: Mapped[str] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"))


class TitleSource(Base):
    """Under which id another system knows a title, so that its copies and loans find it."""

    __tablename__ = "title_source"

    source: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"))
    __table_args__ = (Index("ix_title_source_title", "title_id"),)


class Author(Base):
    """Somebody who wrote, translated or drew; a merged author points to who they really are."""

    __tablename__ = "author"
    __table_args__ = (
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_into_itself"),
        Index("ix_author_merged_into", "merged_into_id"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    sort_name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))


class TitleAuthor(Base):
    """Who did what for a title, in order."""

    __tablename__ = "title_author"
    __table_args__ = (Index("ix_title_author_author", "author_id", "title_id"),)

    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    role: Mapped[str] = mapped_column(default="author")


class Section(Base):
    """A named part of the collection."""

    __tablename__ = "section"

    id: Mapped[Id]
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    created_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)


class Genre(Base):
    """What kind of writing it is."""

    __tablename__ = "genre"

    id: Mapped[Id]
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)


class Tag(Base):
    """A free word a librarian puts on titles."""

    __tablename__ = "tag"

    id: Mapped[Id]
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)


class TitleSection(Base):
    """A title stands in a section."""

    __tablename__ = "title_section"
    __table_args__ = (Index("ix_title_section_section", "section_id", "title_id"),)

    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), primary_key=True)


class TitleGenre(Base):
    """A title is of a genre."""

    __tablename__ = "title_genre"
    __table_args__ = (Index("ix_title_genre_genre", "genre_id", "title_id"),)

    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"), primary_key=True)
    genre_id: Mapped[int] = mapped_column(ForeignKey("genre.id"), primary_key=True)


class TitleTag(Base):
    """A title carries a tag."""

    __tablename__ = "title_tag"
    __table_args__ = (Index("ix_title_tag_tag", "tag_id", "title_id"),)

    title_id: Mapped[int] = mapped_column(ForeignKey("title.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)


class Location(Base):
    """Where copies stand: a branch or a room."""

    __tablename__ = "location"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Copy(Base):
    """One physical item of a title."""

    __tablename__ = "copy"
    __table_args__ = (
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        CheckConstraint("barcode <> ''", name="barcode_not_empty"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_has_time"),
        Index("ix_copy_title", "title_id", "status"),
        Index("ix_copy_location", "location_id"),
        Index("ix_copy_status", "status"),
        UniqueConstraint("source", "source_id", name="uq_copy_source"),
    )

    id: Mapped[Id]
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    barcode: Mapped[str] = mapped_column(unique=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    shelf: Mapped[str] = mapped_column(default="")  # where exactly: "B-12"
    condition: Mapped[Condition] = mapped_column(choice(Condition, "condition"), default=Condition.GOOD)
    status: Mapped[CopyStatus] = mapped_column(choice(CopyStatus, "status"), default=CopyStatus.AVAILABLE)
    price_minor: Mapped[int | None]
    acquired_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str | None]
    source_id: Mapped[str | None]
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StoredFile(Base):
    """A file kept in storage under its SHA-256."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    created_at: Mapped[datetime]
