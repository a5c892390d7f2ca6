"""The unit of work: who is asking, when, and in which transaction.

Every use case takes one first. Leaving `begin_work` commits, once; an exception rolls everything back.
Nobody else commits. `begin_reading` is for questions only: no write lock, always rolled back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.permissions import Permission
from lib.kit.clock import day_of
from lib.kit.database import was_busy
from lib.kit.errors import Busy, Forbidden, NotSignedIn
from lib.kit.logs import current_request_id
from lib.kit.settings import SUBJECT, SettingsGroup, load_group
from lib.kit.versions import bump, read_versions
from lib.kit.wording import Wording, known_locale

G = TypeVar("G", bound=SettingsGroup)
T = TypeVar("T")


@dataclass(slots=True)
class UnitOfWork:
    """One transaction of one actor at one instant (`now`: aware, UTC). `reads`: the language tag in which the actor
    reads what is said; "" is the library's."""

    connection: Connection
    actor: Actor
    now: datetime
    installation: Installation
    request_id: str
    reads: str = ""
    before_commit: list[Callable[[], None]] = field(default_factory=list)
    afterwards: "list[Callable[[UnitOfWork], None]]" = field(default_factory=list)  # see `_settle`
    _session: Session | None = None
    _versions: dict[str, int] | None = None
    _bumped: set[str] = field(default_factory=set)
    _today: date | None = field(default=None, init=False)

    @property
    def session(self) -> Session:
        """The ORM's session on this transaction, made when first asked for."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._session

    def require(self, permission: Permission) -> None:
        """Lets the actor through.

        Raises:
            NotSignedIn: nobody is signed in, so signing in might help.
            Forbidden: somebody is, and may not.
        """
        if not self.actor.may(permission):
            raise Forbidden if self.actor.account_id is not None else NotSignedIn

    def settings(self, kind: type[G]) -> G:
        """A group of the library's settings, as in force in this transaction."""
        return self.cached(SUBJECT, kind.group, lambda: load_group(self.connection, kind)[0])

    @property
    def library(self) -> LibrarySettings:
        return self.settings(LibrarySettings)

    @property
    def zone(self) -> ZoneInfo:
        return self.library.zone

    @property
    def words(self) -> Wording:
        """How days and amounts are written for whoever asked."""
        library = self.library
        return Wording(self.reads or library.locale, library.currency)

    def words_in(self, language: str) -> Wording:
        """How days and amounts are written for a reader of a language, as in mails: the library's way where it is the
        library's language."""
        library = self.library
        own = known_locale(language).language == known_locale(library.locale).language
        return Wording(library.locale if own else language, library.currency)

    @property
    def today(self) -> date:
        """The library's calendar day."""
        if self._today is None:
            self._today = day_of(self.now, self.zone)
        return self._today

    def cached(self, subject: str, key: str, load: Callable[[], T]) -> T:
        """A value that depends on one subject alone, computed once a version of it.

        Keys belong to the module whose function loads the value, so that two rooms may use the same word.
        """
        if subject in self._bumped:
            return load()
        if self._versions is None:
            self._versions = read_versions(self.connection)
        own_key = f"{load.__module__}:{key}"
        value: T = self.installation.cache.get(subject, own_key, self._versions.get(subject, 0), load)
        return value

    def bump(self, subject: str) -> None:
        """Says that a subject changes in this transaction; caches of it end with the commit."""
        bump(self.connection, subject)
        self._bumped.add(subject)
        self._today = None  # the time zone is a setting

    def flush(self) -> None:
        """Sends what the ORM still holds back; the database may refuse now."""
        if self._session is not None:
            self._session.flush()


@contextmanager
def begin_work(installation: Installation, actor: Actor, reads: str = "") -> Iterator[UnitOfWork]:
    """A transaction that changes things; commits at the end of the block. `reads`: see UnitOfWork.

    Raises:
        Busy: the database was locked by others for too long; nothing was changed.
    """
    later: list[Callable[[UnitOfWork], None]] = []
    try:
        with _one_transaction(installation, actor, reads) as uow:
            later = uow.afterwards
            yield uow
    finally:
        _settle(installation, actor, later)


@contextmanager
def _one_transaction(installation: Installation, actor: Actor, reads: str = "") -> Iterator[UnitOfWork]:
    turn = installation.write_turn.held() if installation.is_sqlite else nullcontext()
    with turn, _busy_told(), installation.engine.connect() as connection, connection.begin():
        uow = UnitOfWork(connection, actor, installation.clock.now(), installation, current_request_id(), reads)
        try:
            yield uow
            uow.flush()
            for act in uow.before_commit:
                act()
            uow.flush()
        finally:
            if uow._session is not None:
                uow._session.close()


def _settle(installation: Installation, actor: Actor, acts: "list[Callable[[UnitOfWork], None]]") -> None:
    """What must stand even when the transaction was rolled back or only read: a wrong password counted,
    a look at somebody's record noted. Runs in a transaction of its own once the first one is over."""
    if acts:
        with _one_transaction(installation, actor) as uow:
            for act in acts:
                act(uow)


@contextmanager
def begin_reading(installation: Installation, actor: Actor, reads: str = "") -> Iterator[UnitOfWork]:
    """A transaction for questions: takes no write lock and is always rolled back."""
    later: list[Callable[[UnitOfWork], None]] = []
    try:
        with _busy_told(), installation.engine.connect().execution_options(read_only=True) as connection:
            transaction = connection.begin()
            try:
                uow = UnitOfWork(connection, actor, installation.clock.now(), installation, current_request_id(), reads)
                later = uow.afterwards
                yield uow
                if uow._session is not None:
                    uow._session.close()
            finally:
                transaction.rollback()
    finally:
        _settle(installation, actor, later)


@contextmanager
def _busy_told() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if was_busy(error):
            raise Busy from error
        raise
