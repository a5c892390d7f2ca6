"""What a change of the calendar does, in numbers and rows, for whoever decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import what_of
from lib.closures.reach import Draft, Reach
from lib.kit.database import Statement

SHOWN = 50
_LOAN_WORDS = Statement(
    "SELECT l.id, l.title_id, t.title, l.account_id, a.name FROM loan l JOIN title t ON t.id = l.title_id"
    " LEFT JOIN account a ON a.id = l.account_id WHERE l.id IN (:*ids)"
)
_HOLD_WORDS = Statement(
    "SELECT h.id, h.title_id, t.title, h.account_id, a.name FROM hold h JOIN title t ON t.id = h.title_id"
    " LEFT JOIN account a ON a.id = h.account_id WHERE h.id IN (:*ids)"
)


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A loan's due day, or a hold's last day on the shelf, before and after."""

    id: int
    title_id: int
    title: str
    member_id: int
    member: str
    old_day: date
    new_day: date


@dataclass(frozen=True, slots=True)
class MovedFine:
    """What an overdue loan costs today, before and after, in minor units."""

    id: int
    title_id: int
    title: str
    member_id: int
    member: str
    old_minor: int
    new_minor: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does. Rows are the first 50 of each; amounts in minor units, as of today.

    `capped`: loans whose due day would move (further), had the membership not ended. `fines`: overdue loans whose
    fine changes; `fine_difference_minor`: the sum over them, below nought when members owe less.
    """

    what: str
    loans: int
    loan_rows: tuple[MovedDate, ...]
    holds: int
    hold_rows: tuple[MovedDate, ...]
    fines: int
    fine_rows: tuple[MovedFine, ...]
    fine_difference_minor: int
    members: int
    no_longer_overdue: int
    newly_overdue: int
    capped: int


def effect_of(uow: UnitOfWork, draft: Draft, reach: Reach) -> Effect:
    """The effect of a draft on what it reaches."""
    moves, fines = reach.moves, [loan for loan in reach.loans if loan.fine_changes]
    loan_ids = [move.id for move in moves[:SHOWN]] + [loan.loan.id for loan in fines[:SHOWN]]
    said, held = _words(uow, _LOAN_WORDS, loan_ids), _words(uow, _HOLD_WORDS, [move.id for move in reach.holds[:SHOWN]])
    members = {move.account_id for move in (*moves, *reach.holds)} | {loan.account_id for loan in fines}
    return Effect(
        what=what_of(draft.added, draft.removed),
        loans=len(moves),
        loan_rows=tuple(MovedDate(*said[x.id], x.old, x.new) for x in moves[:SHOWN]),
        holds=len(reach.holds),
        hold_rows=tuple(MovedDate(*held[x.id], x.old, x.new) for x in reach.holds[:SHOWN]),
        fines=len(fines),
        fine_rows=tuple(MovedFine(*said[x.loan.id], x.fine_minor, x.new_fine_minor) for x in fines[:SHOWN]),
        fine_difference_minor=sum(loan.new_fine_minor - loan.fine_minor for loan in fines),
        members=len(members),
        no_longer_overdue=sum(loan.was_late and not loan.is_late for loan in reach.loans),
        newly_overdue=sum(loan.is_late and not loan.was_late for loan in reach.loans),
        capped=sum(loan.capped for loan in reach.loans),
    )


def _words(uow: UnitOfWork, statement: Statement, ids: Sequence[int]) -> dict[int, tuple[int, int, str, int, str]]:
    rows = statement.rows(uow.connection, ids=list(ids)) if ids else []
    return {row[0]: (row[0], row[1], row[2], row[3], row[4] or "") for row in rows}
