"""The desk: what was scanned or typed, and the member who stands in front of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.cards import card_number_of
from lib.accounts.fields import email_key_of
from lib.accounts.queries import find_members
from lib.audit.trail import record
from lib.catalogue.policy import barcode_of, isbn13_of
from lib.catalogue.queries import TitleCard, cards
from lib.catalogue.search import SearchQuery, search
from lib.circulation.decision import Reason
from lib.circulation.hold_models import HoldState
from lib.circulation.queries import KindLimit, LoanRow, borrower, loans_of_borrower, standing_of
from lib.circulation.situation import Exempt
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day
from lib.kit.text import index_words

MOST = 10
CARD_END = 4  # digits of a card's number that tell two readers of one name apart
LOOK_AGAIN = timedelta(minutes=30)
_PERSON = (
    "SELECT a.id, a.name, a.card_number, a.status, a.status_reason, a.suspended_until, y.name, a.membership_ends_on,"
    " a.role, a.note FROM account a LEFT JOIN membership_type y ON y.id = a.membership_type_id"
)
_BY_ID = Statement(f"{_PERSON} WHERE a.id = :id")
_BY_CARD = Statement(f"{_PERSON} WHERE a.card_number = :card")
_BY_MAIL = Statement(f"{_PERSON} WHERE a.email_key = :mail")
_BY_IDS = Statement(f"{_PERSON} WHERE a.id IN (:*ids)")
_BY_ISBN = Statement("SELECT title_id FROM title_isbn WHERE isbn13 = :isbn")
_COPY = Statement(
    "SELECT c.id, c.barcode, c.title_id, t.title, c.status, c.condition, c.note, p.name, c.shelf, o.id, o.due_on,"
    " a.id, a.name, h.id, h.shelf_until, w.id, w.name, w.card_number"
    " FROM copy c JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL LEFT JOIN account a ON a.id = o.account_id"
    " LEFT JOIN hold h ON h.shelf_copy_id = c.id AND h.state = 'ready' LEFT JOIN account w ON w.id = h.account_id"
    " WHERE c.barcode = :barcode"
)
_IS_COPY = Statement("SELECT 1 FROM copy WHERE barcode = :barcode")
_IS_CARD = Statement("SELECT 1 FROM account WHERE card_number = :card")
_LOAN_TITLE = Statement("SELECT t.title FROM loan l JOIN title t ON t.id = l.title_id WHERE l.id = :loan_id")
_CARD = Statement("SELECT card_number FROM account WHERE id = :id")
_HOLDS = Statement(
    "SELECT h.id, h.title_id, t.title, h.state, h.position, h.shelf_until, c.barcode FROM hold h"
    " JOIN title t ON t.id = h.title_id LEFT JOIN copy c ON c.id = h.shelf_copy_id"
    " WHERE h.account_id = :id AND h.state IN ('waiting', 'ready') ORDER BY h.id LIMIT 50"
)
_LOOKED = Statement(
    "SELECT 1 FROM audit WHERE subject_kind = 'account' AND subject_id = :id AND action = 'account.read'"
    " AND actor_id = :actor_id AND at > :since LIMIT 1"
)


class ScanKind(StrEnum):
    """What a scan turned out to be."""

    MEMBER = "member"
    COPY = "copy"
    TITLE = "title"
    PEOPLE = "people"
    TITLES = "titles"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody as the desk knows them. `membership` is the type's name, "" for none; `note`: what staff noted."""

    id: int
    name: str
    card_number: str
    status: str
    status_reason: str
    suspended_until: date | None
    membership: str
    membership_ends_on: date | None
    role: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PutAside:
    """For whom a copy lies on the hold shelf, and until the end of which day; `card` is how their card's number
    ends, "" without one."""

    hold_id: int
    until: date
    member_id: int
    member: str
    card: str


@dataclass(frozen=True, slots=True)
class DeskCopy:
    """A copy as the desk sees it, with the open loan it is on, and for whom it lies on the hold shelf, if any."""

    id: int
    barcode: str
    title_id: int
    title: str
    status: str
    condition: str
    note: str
    location: str
    shelf: str
    loan_id: int | None
    due_on: date | None
    member_id: int | None
    member: str
    aside: PutAside | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What was meant. MEMBER: one in `people`. COPY: `copy`. TITLE: one in `titles`. PEOPLE, TITLES: at most ten to
    choose from; where both were found, kind is PEOPLE and `titles` is filled too. `hint` says what may be wrong."""

    kind: ScanKind
    text: str
    people: tuple[PersonRow, ...] = ()
    copy: DeskCopy | None = None
    titles: tuple[TitleCard, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DeskHold:
    """A hold of who stands at the desk. Ready: the copy `barcode` lies on the hold shelf until the end of
    `shelf_until`; else it waits at `position`."""

    id: int
    title_id: int
    title: str
    position: int | None
    shelf_until: date | None
    barcode: str


@dataclass(frozen=True, slots=True)
class DeskMember:
    """Who stands at the desk: what they hold (at most 200), what blocks them, what they owe as of today (the ledger,
    and what it does not yet hold of running fines), what lies ready for them, what they wait for (at most 50), and
    the exceptions that hold for them. `open_loans` count towards `max_loans`, those `apart` towards limits of their
    own."""

    detail: PersonRow
    loans: tuple[LoanRow, ...]
    blocks: tuple[Reason, ...]
    open_loans: int
    overdue: int
    owed_minor: int
    max_loans: int
    apart: tuple[KindLimit, ...] = ()
    ready: tuple[DeskHold, ...] = ()
    waiting: tuple[DeskHold, ...] = ()
    exceptions: tuple[Exempt, ...] = ()


def read_scan(uow: UnitOfWork, text: str) -> Scan:
    """Tells what was scanned or typed: a copy's barcode, a card, an ISBN, else a member's name or a title."""
    uow.require(Permission.CIRCULATE)
    typed = " ".join(text.replace("\x00", "").split())[:200]
    if not typed:
        return Scan(ScanKind.NOTHING, typed, hint="Scan a card or a copy, or type a name or a title.")
    return _code(uow, typed) or _words(uow, typed)


def _code(uow: UnitOfWork, typed: str) -> Scan | None:
    if (row := _COPY.row(uow.connection, barcode=barcode_of(typed))) is not None:
        return Scan(ScanKind.COPY, typed, copy=_copy(row))
    if (row := _BY_CARD.row(uow.connection, card="".join(typed.split()))) is not None:
        return Scan(ScanKind.MEMBER, typed, (_person(row),))
    if "@" in typed and (row := _BY_MAIL.row(uow.connection, mail=email_key_of(typed))) is not None:
        return Scan(ScanKind.MEMBER, typed, (_person(row),))
    isbn = isbn13_of(typed)
    if isbn and (found := _BY_ISBN.row(uow.connection, isbn=isbn)) is not None:
        return Scan(ScanKind.TITLE, typed, titles=_cards(uow, [found[0]]))
    digits = typed.replace(" ", "").replace("-", "")
    if not (digits.isdigit() and len(digits) >= 8):
        return None
    return Scan(ScanKind.NOTHING, typed, hint=_hint(digits, isbn))


def _hint(digits: str, isbn: str | None) -> str:
    if isbn:
        return "That is an ISBN, but the library has no such title."
    if card_number_of(digits) is None:
        return "No copy and no card has this number, and its check digit is wrong: scan it again."
    return "No copy and no card has this number."


def _words(uow: UnitOfWork, typed: str) -> Scan:
    people = _people(uow, typed)
    titles = search(uow, SearchQuery(text=typed, size=MOST)).cards
    if len(people) == 1 and not titles:
        return Scan(ScanKind.MEMBER, typed, people)
    if people:
        return Scan(ScanKind.PEOPLE, typed, people, titles=titles)
    if titles:
        return Scan(ScanKind.TITLE if len(titles) == 1 else ScanKind.TITLES, typed, titles=titles)
    return Scan(ScanKind.NOTHING, typed, hint="No member, copy or title is called so.")


def _people(uow: UnitOfWork, typed: str) -> tuple[PersonRow, ...]:
    if not index_words(typed):
        return ()
    ids = [row.account_id for row in find_members(uow, typed, size=MOST).rows]
    rows = {row[0]: _person(row) for row in _BY_IDS.rows(uow.connection, ids=ids)} if ids else {}
    return tuple(rows[number] for number in ids if number in rows)


def _person(row: Any) -> PersonRow:
    number, name, card, status, reason, until, membership, ends_on, role, note = row
    return PersonRow(
        number, name, card or "", status, reason or "", as_day(until), membership or "", as_day(ends_on), role, note
    )


def _copy(row: Any) -> DeskCopy:
    number, barcode, title_id, title, status, condition, note, place, shelf, loan_id, due_on, member_id, member = row[
        :13
    ]
    return DeskCopy(
        number, barcode, title_id, title, status, condition, note, place, shelf, loan_id, as_day(due_on), member_id,
        member or "", _aside(*row[13:]),
    )  # fmt: skip


def _aside(hold_id: int | None, until: Any, member_id: int, member: str, card: str | None) -> PutAside | None:
    last = as_day(until)
    if hold_id is None or last is None:
        return None
    return PutAside(hold_id, last, member_id, member, (card or "")[-CARD_END:])


def is_code(uow: UnitOfWork, text: str) -> bool:
    """Whether this is a copy's barcode or a card's number: asked where something else was to be typed."""
    uow.require(Permission.CIRCULATE)
    typed = text.replace("\x00", "").strip()[:200]
    if not typed or " " in typed:
        return False
    found = _IS_COPY.row(uow.connection, barcode=barcode_of(typed)) or _IS_CARD.row(uow.connection, card=typed)
    return found is not None


def title_of_loan(uow: UnitOfWork, loan_id: int) -> str:
    """The title that a loan is of; "" where there is no such loan."""
    uow.require(Permission.CIRCULATE)
    row = _LOAN_TITLE.row(uow.connection, loan_id=loan_id)
    return str(row[0]) if row else ""


def _cards(uow: UnitOfWork, ids: list[int]) -> tuple[TitleCard, ...]:
    return tuple(cards(uow, ids).values())


def member_at_desk(uow: UnitOfWork, account_id: int) -> DeskMember:
    """All the desk needs to know of a member. The look is audited, once in half an hour per librarian.

    Raises:
        NotFound: no such member.
    """
    uow.require(Permission.CIRCULATE)
    row = _BY_ID.row(uow.connection, id=account_id)
    if row is None:
        raise NotFound("member")
    _note_look(uow, account_id)
    who = borrower(uow, account_id)
    loans, state, holds = loans_of_borrower(uow, who, size=200), standing_of(uow, who), _holds(uow, account_id)
    return DeskMember(
        _person(row), loans.rows, state.blocks, state.counted, state.overdue, state.owed_minor,
        state.limits.max_loans, state.apart, tuple(hold for hold in holds if hold.barcode),
        tuple(hold for hold in holds if not hold.barcode), who.exceptions,
    )  # fmt: skip


def _holds(uow: UnitOfWork, account_id: int) -> list[DeskHold]:
    found = []
    for hold_id, title_id, title, state, position, until, barcode in _HOLDS.rows(uow.connection, id=account_id):
        here = (barcode or "") if state == HoldState.READY else ""
        found.append(DeskHold(hold_id, title_id, title, position, as_day(until), here))
    return found


def card_end(uow: UnitOfWork, account_id: int, digits: int = CARD_END) -> str:
    """The last digits of a member's card: enough to tell two readers of one name apart; "" without a card."""
    uow.require(Permission.CIRCULATE)
    row = _CARD.row(uow.connection, id=account_id)
    return str(row[0] or "")[-digits:] if row else ""


def _note_look(uow: UnitOfWork, account_id: int) -> None:
    since = uow.now - LOOK_AGAIN
    if _LOOKED.row(uow.connection, id=account_id, actor_id=uow.actor.account_id, since=since) is None:
        uow.afterwards.append(lambda later: record(later, "account.read", "account", account_id, at="desk"))
