"""Authors: renamed, and merged where two records are one person."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.errors import MergeImpossible, NameTaken
from lib.catalogue.names import person_name
from lib.catalogue.policy import match_key_of
from lib.catalogue.records import first_author
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.stored import stored_titles
from lib.catalogue.vocabulary import begin_change
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import one_line

_MOST_AT_ONCE = 50
_LONGEST_NAME = 200
_AUTHORS = Statement("SELECT id, name, merged_into_id FROM author WHERE id IN (:*ids)")
_RENAME = Statement("UPDATE author SET name = :name, sort_name = :sort_name, key = :key WHERE id = :id")
_UNALIAS = Statement("DELETE FROM author WHERE key = :key AND merged_into_id = :id")
_ALIAS = Statement(
    "INSERT INTO author (name, sort_name, key, merged_into_id) VALUES (:name, :sort_name, :key, :id)"
    " ON CONFLICT (key) DO NOTHING"
)
_TITLES = Statement("SELECT DISTINCT title_id FROM title_author WHERE author_id IN (:*ids) ORDER BY title_id")
_POINT = Statement("UPDATE author SET merged_into_id = :keep WHERE id IN (:*ids) OR merged_into_id IN (:*ids)")
_ROLES = Statement(
    "SELECT title_id, position, author_id, role FROM title_author WHERE title_id IN (:*titles)"
    " ORDER BY title_id, position"
)
_DROP = Statement("DELETE FROM title_author WHERE title_id = :title_id AND position = :position")
_MOVE = Statement("UPDATE title_author SET author_id = :keep WHERE title_id = :title_id AND position = :position")
_TOUCH = Statement(
    "UPDATE title SET match_key = :match_key, version = version + 1, changed_at = :now, changed_by = :by WHERE id = :id"
)


def rename_author(uow: UnitOfWork, author_id: int, name: str) -> None:
    """Gives an author another name, on all their titles. The old name leads to them from now on, also in imports.

    Raises:
        NotFound. Invalid: no name, or too long. NameTaken: another author has it (merge them instead).
    """
    uow.require(Permission.EDIT_CATALOGUE)
    text = one_line(name, "name")
    if not text or len(text) > _LONGEST_NAME:
        raise Invalid(Fault("name", f"An author needs a name of at most {_LONGEST_NAME} characters."))
    person = person_name(text)
    begin_change(uow)
    old = _found(uow, [author_id])[author_id]
    values = {"name": person.name, "sort_name": person.sort_name, "key": person.key}
    try:
        with uow.connection.begin_nested():
            _UNALIAS.count(uow.connection, id=author_id, key=person.key)
            _RENAME.count(uow.connection, id=author_id, **values)
    except IntegrityError as error:
        if "key" not in broken_constraint(error):
            raise
        raise NameTaken(thing="author", name=person.name) from error
    before = person_name(old)
    if before.key != person.key:
        _ALIAS.count(uow.connection, id=author_id, name=old, sort_name=before.sort_name, key=before.key)
    _refresh(uow, [row[0] for row in _TITLES.rows(uow.connection, ids=[author_id])])
    record_act(uow, "author.rename", "author", author_id, name=[old, person.name])


def merge_authors(uow: UnitOfWork, keep_id: int, other_ids: Iterable[int]) -> int:
    """Makes several records of one person one: all titles move to `keep_id`, and the other names lead there from
    now on, also in imports. Returns how many titles moved. At most 50 at once.

    Raises:
        NotFound: one of them is not there. MergeImpossible: into itself. Invalid: too many at once.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    others = list(dict.fromkeys(other_ids))
    if len(others) > _MOST_AT_ONCE:
        raise Invalid(Fault("other_ids", f"Merge at most {_MOST_AT_ONCE} authors at once."))
    begin_change(uow)
    names = _found(uow, [keep_id, *others])
    if keep_id in others:
        raise MergeImpossible(name=names[keep_id])
    if not others:
        return 0
    titles = [row[0] for row in _TITLES.rows(uow.connection, ids=others)]
    _hand_over(uow, keep_id, set(others), titles)
    _POINT.count(uow.connection, keep=keep_id, ids=others)
    _refresh(uow, titles)
    record_act(uow, "author.merge", "author", keep_id, merged=others, titles=len(titles))
    return len(titles)


def _hand_over(uow: UnitOfWork, keep_id: int, others: set[int], titles: list[int]) -> None:
    """Moves every part of the others; where the kept author had the same part in a title already, it goes."""
    seen: dict[int, set[str]] = defaultdict(set)
    drop, move = [], []
    for title_id, position, author_id, role in _ROLES.rows(uow.connection, titles=titles):
        if author_id != keep_id and author_id not in others:
            continue
        place = {"title_id": title_id, "position": position}
        if role in seen[title_id]:
            drop.append(place)
        elif author_id in others:
            move.append(place | {"keep": keep_id})
        seen[title_id].add(role)
    _DROP.many(uow.connection, drop)
    _MOVE.many(uow.connection, move)


def _refresh(uow: UnitOfWork, title_ids: list[int]) -> None:
    rows = [
        {
            "id": title_id, "now": uow.now, "by": uow.actor.account_id,
            "match_key": match_key_of(title.record.values["title"], first_author(title.record.contributors)),
        }
        for title_id, title in stored_titles(uow, title_ids).items()
    ]  # fmt: skip
    _TOUCH.many(uow.connection, rows)
    reindex_titles(uow, title_ids)


def _found(uow: UnitOfWork, ids: list[int]) -> dict[int, str]:
    rows = _AUTHORS.rows(uow.connection, ids=ids)
    if {row[0] for row in rows if row[2] is None} != set(ids):
        raise NotFound("author")
    return {row[0]: row[1] for row in rows}
