"""What one connection knows: which terminal it is, who stands before it, and the library's own time and money."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.pins import prove_member
from lib.accounts.terminals import TerminalLogin
from lib.kit.crypto import new_token, token_hash
from lib.kit.errors import RuleBroken
from lib.kit.money import Money
from lib.kit.wording import Wording
from lib.sip2.codec import Request, lines_of, stamp

PROOF_LASTS = timedelta(minutes=5)


class NeedsPin(RuleBroken):
    """Nobody proved yet whose card this is."""

    message = "Please enter your PIN."


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is bytes: code and fixed part, then the fields in order."""

    head: str
    fields: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Proof:
    card: str
    account_id: int
    mark: str
    at: datetime


@dataclass(slots=True)
class Talk:
    """One connection's memory. `zone`, `currency`, `locale` and `library` are read anew for each message."""

    installation: Installation
    address: str
    login: TerminalLogin | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = ""
    locale: str = ""
    library: str = ""
    _proof: _Proof | None = None
    _salt: str = field(default_factory=new_token)

    @property
    def actor(self) -> Actor:
        return self.login.actor if self.login else GUEST

    def refresh(self) -> None:
        """Reads what the library is called, where it is and how it counts money."""
        with begin_reading(self.installation, self.actor) as uow:
            found = uow.library
            self.zone, self.currency, self.locale, self.library = found.zone, found.currency, found.locale, found.name

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        with begin_work(self.installation, self.actor) as uow:
            yield uow

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        with begin_reading(self.installation, self.actor) as uow:
            yield uow

    @property
    def now(self) -> str:
        """This moment as messages write it."""
        return stamp(self.installation.clock.now(), self.zone)

    def day(self, day: date) -> str:
        """A day as people write it."""
        return Wording(self.locale, self.currency).day(day)

    def money(self, minor: int) -> str:
        """An amount as the fields BV and CC have it: "2.40"."""
        return str(Money(minor, self.currency).decimal)

    def money_words(self, minor: int) -> str:
        """An amount as people write it."""
        return Money(minor, self.currency).text(self.locale)

    def member(self, request: Request) -> int:
        """The member whose card and PIN (or password) the message brings, or who proved it a moment ago here.

        Raises:
            NeedsPin, WrongPin, TooManyAttempts, CannotSignIn.
        """
        card, secret = request.get("AA").replace(" ", ""), request.get("AD")
        now, known = self.installation.clock.now(), self._proof
        mark = token_hash(self._salt + secret)
        if known and known.card == card and now - known.at < PROOF_LASTS and (not secret or known.mark == mark):
            self._proof = _Proof(card, known.account_id, known.mark, now)
            return known.account_id
        self.forget()
        if not secret:
            raise NeedsPin
        found = prove_member(self.installation, self.actor, card=card, secret=secret)
        self._proof = _Proof(card, found.account_id, mark, now)
        return found.account_id

    def knows(self, request: Request) -> bool:
        """Whether the member of the message's card proved who they are a moment ago."""
        known, card = self._proof, request.get("AA").replace(" ", "")
        return known is not None and known.card == card and self.installation.clock.now() - known.at < PROOF_LASTS

    def forget(self) -> None:
        """The member goes."""
        self._proof = None


def said(text: str) -> list[tuple[str, str]]:
    """A screen message, in as many AF fields as its length needs."""
    return [("AF", line) for line in lines_of(text)]
