"""Adding and editing titles, one by one and many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.errors import IsbnTaken
from lib.catalogue.forms import Contributor as Contributor
from lib.catalogue.forms import TitleForm as TitleForm
from lib.catalogue.records import Named, TitleRecord, as_named, title_record
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.staleness import stale_title
from lib.catalogue.stored import Change, NewTitle, StoredTitle, insert_titles, stored_titles, update_titles
from lib.catalogue.vocabulary import begin_change, with_known_people
from lib.kit.bulk import reserve_ids
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import one_line

MOST_AT_ONCE = 500
_ISBN_OWNER = Statement(
    "SELECT i.isbn13, t.id, t.title FROM title_isbn i JOIN title t ON t.id = i.title_id"
    " WHERE i.isbn13 IN (:*isbns) AND i.title_id <> :id ORDER BY i.isbn13 LIMIT 1"
)


def add_title(uow: UnitOfWork, form: TitleForm) -> int:
    """Adds a title with its authors, series, genres and tags, which are made where they are missing; returns its id.

    Raises:
        Invalid: with every fault, by field. IsbnTaken: one of its ISBNs belongs to another title.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    record = title_record(form)
    begin_change(uow)
    record = with_known_people(uow, [record])[0]
    title_id = reserve_ids(uow.connection, "title", 1)[0]
    try:
        with uow.connection.begin_nested():
            insert_titles(uow, [NewTitle(title_id, record)])
    except IntegrityError as error:
        raise _isbn_taken(uow, error, title_id, record) from error
    reindex_titles(uow, [title_id])
    record_act(uow, "title.add", "title", title_id, title=record.values["title"], isbns=list(record.isbns))
    return title_id


def edit_title(uow: UnitOfWork, title_id: int, form: TitleForm, *, seen_version: int) -> None:
    """Saves a title as typed, if nobody saved since version `seen_version`; does nothing where nothing differs.

    Raises:
        NotFound: there is no such title. StaleEdit: naming who changed it. Invalid: with every fault, by field.
        IsbnTaken: one of its ISBNs belongs to another title.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    record = title_record(form)
    begin_change(uow)
    old = stored_titles(uow, [title_id]).get(title_id)
    if old is None:
        raise NotFound("title")
    if old.version != seen_version:
        raise stale_title(uow, title_id)
    record = with_known_people(uow, [record])[0]
    changed = _differences(old.record, record)
    if not changed:
        return
    try:
        with uow.connection.begin_nested():
            update_titles(uow, [Change(title_id, old, record)])
    except IntegrityError as error:
        raise _isbn_taken(uow, error, title_id, record) from error
    reindex_titles(uow, [title_id])
    record_act(uow, "title.edit", "title", title_id, changed=changed)


def _isbn_taken(uow: UnitOfWork, error: IntegrityError, title_id: int, record: TitleRecord) -> Exception:
    if "title_isbn" not in broken_constraint(error):
        return error
    isbn, owner, title = _ISBN_OWNER.row(uow.connection, isbns=record.isbns, id=title_id)
    return IsbnTaken(isbn=isbn, title=title, title_id=owner)


def _differences(old: TitleRecord, new: TitleRecord) -> dict[str, list[Any]]:
    """What an edit changes, as field → [before, after]; texts cut short, for the audit trail."""
    before, after = _plain(old), _plain(new)
    return {name: [_cut(before[name]), _cut(after[name])] for name in after if before[name] != after[name]}


def _cut(value: Any) -> Any:
    return value[:200] if isinstance(value, str) else value


def _plain(record: TitleRecord) -> dict[str, Any]:
    derived = ("sort_title", "match_key")
    return {name: value for name, value in record.values.items() if name not in derived} | {
        "kind": record.kind,
        "contributors": [f"{person.name} ({role})" for person, role in record.contributors],
        "isbns": sorted(record.isbns),
        "series": record.series.name if record.series else "",
        "genres": sorted(genre.name for genre in record.genres),
        "tags": sorted(tag.name for tag in record.tags),
        "section_ids": sorted(record.section_ids),
    }


def bulk_edit(
    uow: UnitOfWork,
    title_ids: Sequence[int],
    *,
    add_sections: Iterable[int] = (),
    remove_sections: Iterable[int] = (),
    add_genres: Iterable[str] = (),
    remove_genres: Iterable[str] = (),
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
) -> int:
    """Puts titles into sections, genres and tags, and takes them out; returns how many titles changed.

    Titles that are gone meanwhile are passed over. At most 500 titles at once.

    Raises:
        Invalid: too many titles, or a section that is not there.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    ids = list(dict.fromkeys(title_ids))
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(Fault("title_ids", f"{len(ids)} titles are too many; choose at most {MOST_AT_ONCE} at once."))
    more_genres, fewer_genres = _names(add_genres, "genres"), _names(remove_genres, "genres")
    more_tags, fewer_tags = _names(add_tags, "tags"), _names(remove_tags, "tags")
    more, fewer = tuple(add_sections), set(remove_sections)
    begin_change(uow)
    changes = []
    for title_id, old in stored_titles(uow, ids).items():
        sections = tuple(dict.fromkeys(s for s in (*old.record.section_ids, *more) if s not in fewer))
        new = replace(
            old.record,
            section_ids=sections,
            genres=_joined(old.record.genres, more_genres, fewer_genres),
            tags=_joined(old.record.tags, more_tags, fewer_tags),
        )
        changes.append(Change(title_id, old, new))
    return _save_changed(uow, changes)


def _save_changed(uow: UnitOfWork, changes: Sequence[Change]) -> int:
    changed = [change for change in changes if change.old.record != change.new]
    if changed:
        update_titles(uow, changed)
        reindex_titles(uow, [change.id for change in changed])
        for change in changed:
            differences = _differences(change.old.record, change.new)
            record_act(uow, "title.edit", "title", change.id, changed=differences, bulk=True)
    return len(changed)


def _names(given: Iterable[str], field: str) -> dict[str, Named]:
    names = (as_named(name) for text in given if (name := one_line(text, field)))
    return {named.key: named for named in names}


def _joined(old: tuple[Named, ...], more: dict[str, Named], fewer: dict[str, Named]) -> tuple[Named, ...]:
    joined = {named.key: named for named in old} | {k: v for k, v in more.items() if k not in {o.key for o in old}}
    return tuple(named for key, named in joined.items() if key not in fewer)


def form_of(stored: StoredTitle) -> TitleForm:
    """A stored title as a form, to be edited and handed to `edit_title` with its version."""
    record = stored.record
    plain = {field for field in TitleForm.model_fields if field in record.values}
    return TitleForm(
        **{field: record.values[field] for field in plain},
        kind=record.kind,
        contributors=[Contributor(name=person.name, role=role) for person, role in record.contributors],
        isbns=list(record.isbns),
        series=record.series.name if record.series else "",
        genres=[genre.name for genre in record.genres],
        tags=[tag.name for tag in record.tags],
        section_ids=list(record.section_ids),
    )


def title_for_editing(uow: UnitOfWork, title_id: int) -> tuple[TitleForm, int]:
    """A title as a form and the version that was seen.

    Raises:
        NotFound: there is no such title.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    stored = stored_titles(uow, [title_id]).get(title_id)
    if stored is None:
        raise NotFound("title")
    return form_of(stored), stored.version
