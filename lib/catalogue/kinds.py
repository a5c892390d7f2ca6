"""Item kinds: what sorts of things the library has. Lending rules are made for them."""

import re

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.errors import KindInUse, NameTaken
from lib.catalogue.vocabulary import begin_change
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import one_line
from lib.kit.versions import POLICY

_CODE = re.compile(r"[a-z][a-z0-9-]{0,29}")
_LONGEST_NAME = 60
_ADD = Statement("INSERT INTO item_kind (code, name) VALUES (:code, :name) RETURNING id")
_RENAME = Statement("UPDATE item_kind SET name = :name WHERE id = :id")
_NAME = Statement("SELECT name FROM item_kind WHERE id = :id")
_DELETE = Statement("DELETE FROM item_kind WHERE id = :id")


def add_kind(uow: UnitOfWork, code: str, name: str) -> int:
    """Makes an item kind and returns its id. The code is for programs and files, and stays.

    Raises:
        Invalid: the code is not 1–30 of a–z, 0–9 and -, or the name is empty. NameTaken: the code is in use.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    plain, faults = code.strip().lower(), []
    if not _CODE.fullmatch(plain):
        faults.append(Fault("code", "A code is 1 to 30 of a–z, 0–9 and -, like board-game."))
    shown = _checked(name, faults)
    begin_change(uow)
    try:
        with uow.connection.begin_nested():
            found = int(_ADD.row(uow.connection, code=plain, name=shown)[0])
    except IntegrityError as error:
        if "code" not in broken_constraint(error):
            raise
        raise NameTaken(thing="kind with the code", name=plain) from error
    record_act(uow, "kind.add", "kind", found, code=plain, name=shown)
    return found


def rename_kind(uow: UnitOfWork, kind_id: int, name: str) -> None:
    """Gives an item kind another name.

    Raises:
        Invalid: the name is empty or too long. NotFound.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    shown = _checked(name, [])
    begin_change(uow)
    if not _RENAME.count(uow.connection, id=kind_id, name=shown):
        raise NotFound("kind")
    uow.bump(POLICY)
    record_act(uow, "kind.edit", "kind", kind_id, name=shown)


def delete_kind(uow: UnitOfWork, kind_id: int) -> None:
    """Takes an item kind away that nothing is of and no lending rule names.

    Raises:
        NotFound. KindInUse.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    row = _NAME.row(uow.connection, id=kind_id)
    if row is None:
        raise NotFound("kind")
    try:
        with uow.connection.begin_nested():
            _DELETE.count(uow.connection, id=kind_id)
    except IntegrityError as error:  # a title's or a lending rule's foreign key
        raise KindInUse(name=row[0]) from error
    record_act(uow, "kind.delete", "kind", kind_id, name=row[0])


def _checked(name: str, faults: list[Fault]) -> str:
    shown = one_line(name, "name")
    if not shown or len(shown) > _LONGEST_NAME:
        faults.append(Fault("name", f"A kind needs a name of at most {_LONGEST_NAME} characters."))
    if faults:
        raise Invalid(*faults)
    return shown
