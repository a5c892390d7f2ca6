"""How a table of states is tried: a library at the start of a row, and each cell taken back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lib.access.actor import Actor
from lib.access.installation import Installation, VersionedCache
from lib.access.work import UnitOfWork, begin_work
from lib.kit.clock import SetClock
from lib.kit.errors import Refusal
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import copy_id_of

Cell = str | type[Refusal]


class _TakenBack(Exception):
    """Ends a transaction without keeping anything of it."""


@contextmanager
def tried(library: Installation, who: Actor) -> Iterator[UnitOfWork]:
    """A transaction whose changes are looked at and not kept."""
    try:
        with begin_work(library, who) as uow:
            yield uow
            raise _TakenBack
    except _TakenBack:
        library.cache = VersionedCache()


def outcome(library: Installation, who: Actor, act: Callable[[UnitOfWork], Any], state: Callable[..., str]) -> Cell:
    """The state that an act leads to, or the refusal."""
    found: list[str] = []
    try:
        with tried(library, who) as uow:
            act(uow)
            found.append(state(uow))
    except Refusal as refusal:
        return type(refusal)
    return found[0]


def told(cells: Mapping[str, Cell]) -> dict[str, str]:
    return {name: cell if isinstance(cell, str) else cell.__name__ for name, cell in cells.items()}


@dataclass
class Case:
    """A library with a desk, a reader, another one, and one copy of one title."""

    library: Installation
    desk: Actor = field(init=False)
    reader: Actor = field(init=False)
    other: Actor = field(init=False)
    loan: int = 0
    act: int = 0
    hold: int = 0
    charge: int = 0
    payment: int = 0

    def __post_init__(self) -> None:
        self.desk, self.reader, self.other = (make(self.library) for make in (a_librarian, a_member, a_member))
        self.title = a_title(self.library)
        self.barcode = a_copy(self.library, self.title, price_minor=1000)
        self.copy = copy_id_of(self.library, self.barcode)

    @property
    def member(self) -> int:
        return self.reader.account_id or 0

    def do(self, act: Callable[..., Any], *given: Any, who: Actor | None = None, **named: Any) -> Any:
        with begin_work(self.library, who or self.desk) as uow:
            return act(uow, *given, **named)

    def forward(self, **by: int) -> None:
        clock = self.library.clock
        assert isinstance(clock, SetClock)
        clock.forward(timedelta(**by))

    def answer(self, uow: UnitOfWork, sql: str) -> Any:
        return uow.connection.exec_driver_sql(sql).first()
