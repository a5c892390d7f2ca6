"""Under which source a file's ids stand, found from its content, so that copies and loans meet titles and members.

A source is a name for "the system these ids come from". The rule, in this order; a source that is given always wins:

1. Ids of its own: the file belongs to the source that knows these ids *and* agrees on what they stand for (the title's
   words, the member's name, the day of the loan) for at least half of those it knows. The same numbers with other
   contents are another source.
2. None of its ids is known, and a file with the same first line was imported before: that file's source.
3. Else a new source, named after the file.

Ids it refers to (the title of a copy; title and member of a loan) are looked up in every source; the one that knows
most of them, and at least a few in a hundred, is taken. Nothing here depends on what files are called.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import Connection, select

from lib.access.work import UnitOfWork
from lib.catalogue.names import person_name
from lib.catalogue.policy import match_key_of
from lib.kit.bulk import fetch_in
from lib.kit.tables import as_day
from lib.kit.text import fold
from lib.ops.imports.columns import header_key
from lib.ops.imports.members import name_of
from lib.ops.imports.rows import Row, Sources
from lib.ops.imports.titles import people, work_of
from lib.ops.models import ImportMapping

_ENDS = re.compile(r"[\W_]*(?:\d{4}[-_]?\d\d(?:[-_]?\d\d)?|\(\d+\))?[\W_]*$")
_TITLE_SOURCES = "SELECT source, source_id FROM title_source WHERE source_id IN (:values)"
_MEMBER_SOURCES = "SELECT source, source_id FROM account WHERE source IS NOT NULL AND source_id IN (:values)"


@dataclass(frozen=True, slots=True)
class Found:
    """The sources of a file, and in a sentence how they were found."""

    sources: Sources
    why: str


def sources_of(
    uow: UnitOfWork, kind: str, rows: Sequence[Row], file_name: str, given: str | None
) -> Found:  # fmt: skip
    """The sources of a file, from a sample of its rows."""
    connection = uow.connection
    if kind == "titles":
        return _own(uow, kind, rows, file_name, given, _titles_known)
    if kind == "members":
        return _own(uow, kind, rows, file_name, given, _members_known)
    titles, how_titles = _best(connection, _TITLE_SOURCES, [row.text("title_id") for row in rows], given, "titles")
    if kind == "copies":
        name = given or titles or name_from(file_name)
        return Found(Sources(name, titles or name, ""), how_titles)
    members, how_members = _best(connection, _MEMBER_SOURCES, [row.text("member_id") for row in rows], given, "members")
    own = _own(uow, kind, rows, file_name, given, _loans_known)
    name = own.sources.own
    return Found(Sources(name, titles or name, members or name), f"{own.why} {how_titles} {how_members}")


def _own(
    uow: UnitOfWork, kind: str, rows: Sequence[Row], file_name: str, given: str | None,
    known: Callable[[UnitOfWork, Sequence[Row]], Counter[tuple[str, bool]]],
) -> Found:  # fmt: skip
    if given:
        return Found(Sources(given, given, given), f"The source is “{given}”, as given.")
    counted = known(uow, rows)
    agreeing = {source: counted[source, True] for source, _ in counted}
    right = [name for name, count in agreeing.items() if count >= max(1, counted[name, False])]
    if right:
        best = max(right, key=lambda name: (agreeing[name], name))
        return Found(Sources(best, best, best), f"The source is “{best}”: its ids stand for the same here.")
    headers = rows[0].layout.headers if rows else ()
    last = _last_source(uow.connection, kind, headers)
    if last and not counted[last, False]:
        return Found(Sources(last, last, last), f"The source is “{last}”, as for the last file with the same columns.")
    name = _new_name(name_from(file_name), {source for source, _ in counted} | ({last} if last else set()))
    return Found(Sources(name, name, name), f"The source is new, named “{name}” after the file.")


def name_from(file_name: str) -> str:
    """A source's name from a file's: "Books 10k (2).csv" → "books-10k"; dates and numbers of versions go."""
    stem = fold(PurePath(file_name).stem)
    return re.sub(r"[\W_]+", "-", _ENDS.sub("", stem) or stem).strip("-")[:60] or "file"


def _new_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _last_source(connection: Connection, kind: str, headers: Sequence[str]) -> str:
    query = select(ImportMapping.mapping).where(
        ImportMapping.kind == kind, ImportMapping.header_key == header_key(headers)
    )
    kept = connection.execute(query).scalar()
    return str(kept.get("source", "")) if kept else ""


def _best(connection: Connection, query: str, ids: Sequence[str], given: str | None, what: str) -> tuple[str, str]:
    wanted = set(filter(None, ids))
    if not wanted:
        return "", ""
    known = Counter(row[0] for row in fetch_in(connection, query, wanted))
    if given and (known[given] or not known):
        return given, f"Its {what} are looked for under “{given}”."
    best = max(known, key=lambda name: (known[name], name), default="")
    if known[best] * 50 < len(wanted):
        return "", f"No source knows the ids of its {what}."
    return best, f"Its {what} are those of “{best}” ({known[best]} of {len(wanted)} looked at are known there)."


def _titles_known(uow: UnitOfWork, rows: Sequence[Row]) -> Counter[tuple[str, bool]]:
    here = {row.text("source_id"): _words_of(row) for row in rows if row.text("source_id")}
    query = (
        "SELECT s.source, s.source_id, t.match_key FROM title_source s JOIN title t ON t.id = s.title_id"
        " WHERE s.source_id IN (:values)"
    )
    found = fetch_in(uow.connection, query, here)
    return Counter((source, here[key].partition("|")[0] == match.partition("|")[0]) for source, key, match in found)


def _words_of(row: Row) -> str:
    authors = people(row.text("authors"))
    title = row.text("title")
    title = title if row.layout.has("series") else work_of(title).title
    return match_key_of(title, person_name(authors[0]).name if authors else "")


def _members_known(uow: UnitOfWork, rows: Sequence[Row]) -> Counter[tuple[str, bool]]:
    here = {row.text("source_id"): fold(name_of(row)) for row in rows if row.text("source_id")}
    query = "SELECT source, source_id, name FROM account WHERE source IS NOT NULL AND source_id IN (:values)"
    return Counter((source, here[key] == fold(name)) for source, key, name in fetch_in(uow.connection, query, here))


def _loans_known(uow: UnitOfWork, rows: Sequence[Row]) -> Counter[tuple[str, bool]]:
    here = {row.text("source_id"): row.day("issued") for row in rows if row.text("source_id")}
    query = "SELECT source, source_id, issued_on FROM loan WHERE source IS NOT NULL AND source_id IN (:values)"
    return Counter((source, here[key] == as_day(day)) for source, key, day in fetch_in(uow.connection, query, here))
