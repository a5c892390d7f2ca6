"""The library's sections: made, renamed, taken away when empty."""

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.errors import NameTaken, SectionNotEmpty
from lib.catalogue.records import Named, as_named
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.staleness import stale
from lib.catalogue.vocabulary import begin_change
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import clean, one_line

_LONGEST_NAME, _LONGEST_TEXT = 120, 2000
_ADD = Statement(
    "INSERT INTO section (name, key, description, created_on, version)"
    " VALUES (:name, :key, :description, :today, 1) RETURNING id"
)
_EDIT = Statement(
    "UPDATE section SET name = :name, key = :key, description = :description, version = version + 1"
    " WHERE id = :id AND version = :seen"
)
_NAME = Statement("SELECT name FROM section WHERE id = :id")
_BY_KEY = Statement("SELECT key, id FROM section WHERE key IN (:*keys)")
_TITLES = Statement("SELECT title_id FROM title_section WHERE section_id = :id")
_COUNT = Statement("SELECT count(*) FROM title_section WHERE section_id = :id")
_DELETE = Statement("DELETE FROM section WHERE id = :id")


def add_section(uow: UnitOfWork, name: str, description: str = "") -> int:
    """Makes a section and returns its id.

    Raises:
        Invalid: no name, or too long a text. NameTaken: there is one of that name, whatever its capitals and accents.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    named, about = _checked(name, description)
    begin_change(uow)
    section_id = _insert(uow, named, about)
    record_act(uow, "section.add", "section", section_id, name=named.name)
    return section_id


def _insert(uow: UnitOfWork, named: Named, about: str) -> int:
    try:
        with uow.connection.begin_nested():
            row = _ADD.row(uow.connection, name=named.name, key=named.key, description=about, today=uow.today)
    except IntegrityError as error:
        raise _name_taken(error, named) from error
    return int(row[0])


def edit_section(uow: UnitOfWork, section_id: int, name: str, description: str, *, seen_version: int) -> None:
    """Saves a section as typed, if nobody saved since version `seen_version`.

    Raises:
        NotFound. StaleEdit: naming who changed it. Invalid. NameTaken.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    named, about = _checked(name, description)
    begin_change(uow)
    before = _NAME.row(uow.connection, id=section_id)
    if before is None:
        raise NotFound("section")
    values = {"name": named.name, "key": named.key, "description": about, "seen": seen_version}
    try:
        with uow.connection.begin_nested():
            saved = _EDIT.count(uow.connection, id=section_id, **values)
    except IntegrityError as error:
        raise _name_taken(error, named) from error
    if not saved:
        raise stale(uow, "section", "section", section_id)
    if before[0] != named.name:
        reindex_titles(uow, [row[0] for row in _TITLES.rows(uow.connection, id=section_id)])
    record_act(uow, "section.edit", "section", section_id, name=[before[0], named.name])


def delete_section(uow: UnitOfWork, section_id: int) -> None:
    """Takes an empty section away.

    Raises:
        NotFound. SectionNotEmpty: titles stand in it.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    found = _NAME.row(uow.connection, id=section_id)
    if found is None:
        raise NotFound("section")
    try:
        with uow.connection.begin_nested():
            _DELETE.count(uow.connection, id=section_id)
    except IntegrityError as error:
        titles = _COUNT.row(uow.connection, id=section_id)[0]
        raise SectionNotEmpty(name=found[0], titles=titles) from error
    record_act(uow, "section.delete", "section", section_id, name=found[0])


def sections_named(uow: UnitOfWork, names: Iterable[str]) -> dict[str, int]:
    """The ids of sections by name as given; those that are missing are made. For imports.

    Raises:
        Invalid: a name is empty or too long.
    """
    uow.require(Permission.IMPORT)
    wanted = {given: _checked(given, "")[0] for given in names}
    if not wanted:
        return {}
    begin_change(uow)
    found: dict[str, int] = dict(_BY_KEY.rows(uow.connection, keys={named.key for named in wanted.values()}))
    for named in wanted.values():
        if named.key not in found:
            found[named.key] = _insert(uow, named, "")
            record_act(uow, "section.add", "section", found[named.key], name=named.name)
    return {given: found[named.key] for given, named in wanted.items()}


def _checked(name: str, description: str) -> tuple[Named, str]:
    named, about = as_named(one_line(name, "name")), clean(description, "description")
    faults = []
    if not named.name:
        faults.append(Fault("name", "A section needs a name."))
    if len(named.name) > _LONGEST_NAME:
        faults.append(Fault("name", f"A section's name has at most {_LONGEST_NAME} characters."))
    if len(about) > _LONGEST_TEXT:
        faults.append(Fault("description", f"A description has at most {_LONGEST_TEXT:,} characters."))
    if faults:
        raise Invalid(*faults)
    return named, about


def _name_taken(error: IntegrityError, named: Named) -> Exception:
    return NameTaken(thing="section", name=named.name) if "key" in broken_constraint(error) else error
