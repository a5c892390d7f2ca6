"""Where copies stand: branches and rooms."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.errors import NameTaken
from lib.catalogue.vocabulary import begin_change
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import fold, one_line

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_LONGEST_NAME = 120
_ALL = Statement(
    "SELECT l.id, l.code, l.name, (SELECT count(*) FROM copy c WHERE c.location_id = l.id AND c.status <> 'withdrawn')"
    " FROM location l ORDER BY l.name, l.id LIMIT 1000"
)
_ADD = Statement("INSERT INTO location (code, name) VALUES (:code, :name) RETURNING id")
_EDIT = Statement("UPDATE location SET code = :code, name = :name WHERE id = :id")


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place, and how many copies (withdrawn ones aside) belong there."""

    id: int
    code: str
    name: str
    copies: int


def list_locations(uow: UnitOfWork) -> tuple[LocationRow, ...]:
    """Every place by name; at most 1,000."""
    uow.require(Permission.SEARCH)
    return tuple(LocationRow(*row) for row in _ALL.rows(uow.connection))


def save_location(uow: UnitOfWork, *, code: str, name: str, location_id: int | None = None) -> int:
    """Makes a place, or changes the one given; returns its id.

    Raises:
        Invalid: the code is not 1–20 of A–Z, 0–9 and -, or the name is empty. NameTaken: the code is in use. NotFound.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    values = {"code": code.strip().upper(), "name": one_line(name, "name")}
    _check(**values)
    begin_change(uow)
    try:
        with uow.connection.begin_nested():
            if location_id is None:
                found = int(_ADD.row(uow.connection, **values)[0])
            elif _EDIT.count(uow.connection, id=location_id, **values):
                found = location_id
            else:
                raise NotFound("location")
    except IntegrityError as error:
        if "code" not in broken_constraint(error):
            raise
        raise NameTaken(thing="location with the code", name=values["code"]) from error
    record_act(uow, "location.save", "location", found, **values)
    return found


def _check(code: str, name: str) -> None:
    faults = []
    if not _CODE.fullmatch(code):
        faults.append(Fault("code", "A code is 1 to 20 of A–Z, 0–9 and -, like EAST-2."))
    if not name or len(name) > _LONGEST_NAME:
        faults.append(Fault("name", f"A location needs a name of at most {_LONGEST_NAME} characters."))
    if faults:
        raise Invalid(*faults)


def locations_named(uow: UnitOfWork, names: Iterable[str]) -> dict[str, str]:
    """The codes of places by the code or name as given; those that are missing are made. For imports.

    Raises:
        Invalid: a name is empty or too long.
    """
    uow.require(Permission.IMPORT)
    begin_change(uow)
    rows = _ALL.rows(uow.connection)
    codes = {fold(row[2]): row[1] for row in rows} | {fold(row[1]): row[1] for row in rows}
    found: dict[str, str] = {}
    for given in names:
        name = one_line(given, "location")
        if fold(name) not in codes:
            code = _code_of(name, set(codes.values()))
            _check(code, name)
            place = _ADD.row(uow.connection, code=code, name=name)[0]
            record_act(uow, "location.save", "location", place, code=code, name=name)
            codes[fold(name)] = codes[fold(code)] = code
        found[given] = codes[fold(name)]
    return found


def _code_of(name: str, taken: set[str]) -> str:
    stem = re.sub(r"[^A-Z0-9]+", "-", fold(name).upper()).strip("-")[:14] or "PLACE"
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}-{number}", number + 1
    return code
