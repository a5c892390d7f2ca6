"""What members are told when the calendar moves their dates: one notice each, and another if it is taken back."""

from collections.abc import Iterable, Sequence

from lib.access.work import UnitOfWork
from lib.closures.effect import Move
from lib.kit.database import Statement
from lib.kit.wording import Wording
from lib.notices.outbox import queue, take_back, was_sent

MOVED, MOVED_BACK = "dates-moved", "dates-moved-back"
CHUNK = 2000
_WHO = Statement("SELECT id, name, email, language FROM account WHERE id IN (:*ids)")


def tell_moved(uow: UnitOfWork, kind: str, change_id: int, loans: Sequence[Move], holds: Sequence[Move]) -> None:
    """Queues one notice for each member with an address: their days before and after, no titles."""
    due, shelf = _by_member(loans), _by_member(holds)
    members = sorted({*due, *shelf})
    for at in range(0, len(members), CHUNK):
        for number, name, email, language in _WHO.rows(uow.connection, ids=members[at : at + CHUNK]):
            words = uow.words_in(language)
            facts = {
                "name": name, "loans": _lines(due.get(number, ()), words),
                "holds": _lines(shelf.get(number, ()), words),
            }  # fmt: skip
            queue(
                uow, account_id=number, address=email or "", kind=kind, subject_key=_key(change_id), period="once",
                language=language, facts=facts,
            )  # fmt: skip


def tell_moved_back(uow: UnitOfWork, change_id: int, loans: Sequence[Move], holds: Sequence[Move]) -> None:
    """Drops what was not sent yet; who has read of the later days is told that the earlier ones hold again."""
    told = {
        member for member in sorted({move.account_id for move in (*loans, *holds)})
        if was_sent(uow, account_id=member, kind=MOVED, subject_key=_key(change_id))
        or not take_back(uow, account_id=member, kind=MOVED, subject_key=_key(change_id))
    }  # fmt: skip
    tell_moved(
        uow, MOVED_BACK, change_id, [move for move in loans if move.account_id in told],
        [move for move in holds if move.account_id in told],
    )  # fmt: skip


def _by_member(moves: Iterable[Move]) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = {}
    for move in moves:
        found.setdefault(move.account_id, []).append(move)
    return found


def _lines(moves: Iterable[Move], words: Wording) -> str:
    """A line for each pair of days: "4 May 2026 → 6 May 2026"."""
    pairs = sorted({(move.old, move.new) for move in moves})
    return "\n".join(f"{words.day(old)} → {words.day(new)}" for old, new in pairs) or "–"


def _key(change_id: int) -> str:
    return f"closure-change:{change_id}"
