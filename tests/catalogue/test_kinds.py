"""Item kinds are made, renamed, and taken away when nothing is of them."""

import pytest

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.errors import KindInUse, NameTaken
from lib.catalogue.kinds import add_kind, delete_kind, rename_kind
from lib.catalogue.queries import kinds
from lib.catalogue.titles import TitleForm, add_title
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_librarian, a_member


def test_a_kind_can_be_used_as_soon_as_it_is_made(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        kind = add_kind(uow, "Board-Game", "Board game")
        rename_kind(uow, kind, "Board games")
        add_title(uow, TitleForm(title="Go", kind="board-game"))
        with pytest.raises(KindInUse):
            delete_kind(uow, kind)
    with begin_reading(library, GUEST) as uow:
        assert [(row.name, row.titles) for row in kinds(uow) if row.code == "board-game"] == [("Board games", 1)]


def test_an_unused_kind_goes_and_a_missing_one_says_so(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        kind = add_kind(uow, "seeds", "Seeds")
        delete_kind(uow, kind)
        for act in (lambda: delete_kind(uow, kind), lambda: rename_kind(uow, kind, "X")):
            with pytest.raises(NotFound):
                act()


def test_codes_are_plain_and_taken_once(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        with pytest.raises(NameTaken):
            add_kind(uow, "book", "Another book")
        with pytest.raises(Invalid) as refusal:
            add_kind(uow, "no spaces!", "")
    assert {fault.field for fault in refusal.value.faults} == {"code", "name"}
    with begin_work(library, a_member(library)) as uow, pytest.raises(Forbidden):
        add_kind(uow, "x", "X")
