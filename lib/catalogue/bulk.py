"""Many titles and copies at once, for imports: the same rules as one at a time, few statements a batch.

Give batches of 500 to 2,000: one call normalises, finds what is there already, merges, writes and indexes.
"""

from collections.abc import Sequence
from enum import StrEnum

from lib.access.work import UnitOfWork
from lib.catalogue.forms import CopyForm, TitleForm
from lib.catalogue.records import CopyRecord, TitleRecord


class Outcome(StrEnum):
    """What became of one row."""

    ADDED = "added"
    MERGED = "merged"
    UNCHANGED = "unchanged"


Put = tuple[int, Outcome]


def put_titles(
    uow: UnitOfWork,
    forms: Sequence[TitleForm | TitleRecord],
    *,
    source: str | None = None,
    source_ids: Sequence[str | None] = (),
    ratings: Sequence[tuple[int, int] | None] = (),
) -> list[Put]:
    """Adds titles, or merges each into the one it is already: (title id, outcome) for each, in order.

    The same title is, in this order: one with the same (source, source id); one with the same ISBN; one of the same
    kind, match key, year and language whose ISBNs, volume and subtitle do not contradict it. Merging fills empty
    fields only. A row may match one that comes before it in the same call. `ratings` are (sum of stars, readers).

    Pass records (from `records.title_record`) where faults must be told row by row.

    Raises:
        Invalid: one of the forms is not as it should be; nothing was written.
    """
    raise NotImplementedError


def put_copies(
    uow: UnitOfWork,
    title_ids: Sequence[int],
    forms: Sequence[CopyForm | CopyRecord],
    *,
    source: str | None = None,
    source_ids: Sequence[str | None] = (),
) -> list[Put]:
    """Adds copies, or merges each into the one with the same (source, source id) or the same barcode on the same
    title: (copy id, outcome) for each, in order. An empty barcode draws a new one.

    Raises:
        Invalid: a form is not as it should be, or names a location that is not there. BarcodeTaken: on another title.
    """
    raise NotImplementedError


def sections_named(uow: UnitOfWork, names: Sequence[str]) -> dict[str, int]:
    """The ids of sections by name as given; those that are missing are made."""
    raise NotImplementedError


def locations_named(uow: UnitOfWork, names: Sequence[str]) -> dict[str, str]:
    """The codes of locations by the code or name as given; those that are missing are made."""
    raise NotImplementedError
