"""What the desk offers when a scan or a name may mean several things: each has a number to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.catalogue.queries import title
from lib.circulation.availability import availability
from lib.circulation.decision import Reason, ReasonKind
from lib.circulation.hold_queries import queue_lengths
from lib.circulation.holds import consider_hold, expected_wait
from lib.circulation.queries import loans_of
from lib.desk.counter import CARD_END, Scan
from lib.ui.desk_words import title_link
from lib.ui.hold_words import wait_words
from lib.ui.words import count, day, number

MOST = 9
NOT_IN = Reason("all-out", "No copy is on the shelf.", ReasonKind.NOTE, {"rule": "copy"}, "Place a hold.", "hold")


class ChoiceKind(StrEnum):
    """What is offered."""

    MEMBER = "member"
    TITLE = "title"
    COPY = "copy"
    LOAN = "loan"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them; `id` is an account's or a title's, `barcode` a copy's (a loan: the copy that would come back).
    `name` and `more` are as people typed."""

    kind: ChoiceKind
    name: str
    more: str
    id: int = 0
    barcode: str = ""


def choices_of(scan: Scan) -> tuple[tuple[Choice, ...], bool]:
    """People first, then titles; at most nine, since one key chooses. And whether there were more."""
    people = [
        Choice(ChoiceKind.MEMBER, one.name, _joined(_card(one.card_number), one.membership or one.role), one.id)
        for one in scan.people
    ]
    titles = [
        Choice(ChoiceKind.TITLE, card.title, ", ".join(author.name for author in card.authors), card.id)
        for card in scan.titles
    ]
    return tuple([*people, *titles][:MOST]), len(people) + len(titles) > MOST


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _card(number: str) -> str:
    """The end of a card's number: a button has no room for all of it."""
    return f"card … {number[-CARD_END:]}" if number else ""


def copies_to_choose(uow: UnitOfWork, title_id: int, *, on_loan: bool) -> tuple[str, tuple[Choice, ...]]:
    """A sentence about a title, and those of its copies that are in, or on loan where one is to come back."""
    detail = title(uow, title_id)
    wanted = CopyStatus.ON_LOAN if on_loan else CopyStatus.AVAILABLE
    found = [copy for copy in detail.copies if copy.status is wanted][:MOST]
    if not found:
        return f"{title_link(title_id, detail.title)} has no copy that is {'on loan' if on_loan else 'in'}.", ()
    choices = tuple(
        Choice(ChoiceKind.COPY, copy.barcode, " ".join(filter(None, (copy.location, copy.shelf))), title_id,
               copy.barcode)
        for copy in found
    )  # fmt: skip
    which = "on loan" if on_loan else "in"
    what = title_link(title_id, detail.title)
    return f"{what}: which copy? These are {which}. Scan it, or type its number and Enter.", choices


def title_out(uow: UnitOfWork, title_id: int) -> str:
    """When a title that is out is due back, and how many wait for it; "" where it has no copies."""
    found, waiting = availability(uow, [title_id])[title_id], queue_lengths(uow, [title_id]).get(title_id, 0)
    back = f"The next one is due back on {day(found.next_due)}." if found.next_due else ""
    readers = f"{count(waiting, 'reader waits', 'readers wait')} for it." if waiting else "Nobody waits for it."
    return " ".join(filter(None, (back, readers))) if found.total else "It has no copies to lend."


def loans_to_choose(uow: UnitOfWork, member_id: int) -> tuple[Choice, ...]:
    """A member's loans, what is due first first."""
    return tuple(
        Choice(ChoiceKind.LOAN, loan.title, f"due {day(loan.due_on)} · {loan.barcode}", loan.title_id, loan.barcode)
        for loan in loans_of(uow, member_id, size=MOST).rows
    )


def place_in_queue(uow: UnitOfWork, title_id: int, member_id: int) -> str:
    """Where a hold placed now would stand, and how long it would wait; or why none can be placed."""
    found = consider_hold(uow, title_id=title_id, member_id=member_id)
    if not found.may:
        return " ".join(reason.text for reason in found.against)
    place = queue_lengths(uow, [title_id])[title_id] + 1
    wait = wait_words(expected_wait(uow, title_id=title_id, member_id=member_id))
    return f"A hold would have place {number(place)}" + (f", {wait}." if wait else ".")


def chosen_by_number(choices: Sequence[Choice], typed: str) -> Choice | None:
    """The choice with the typed number, if there is one."""
    place = int(typed) if typed in "123456789" and len(typed) == 1 else 0
    return choices[place - 1] if 1 <= place <= len(choices) else None
