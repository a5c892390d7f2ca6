"""What the desk offers when a scan or a name may mean several things: each has a number to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.catalogue.queries import title
from lib.circulation.desk import Scan
from lib.ui.desk_words import named

MOST = 9


class ChoiceKind(StrEnum):
    """What is offered."""

    MEMBER = "member"
    TITLE = "title"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them; `id` is an account's or a title's, `barcode` a copy's. `name` and `more` are as people typed."""

    kind: ChoiceKind
    name: str
    more: str
    id: int = 0
    barcode: str = ""


def choices_of(scan: Scan) -> tuple[Choice, ...]:
    """People first, then titles; at most nine, since one key chooses."""
    people = [
        Choice(ChoiceKind.MEMBER, one.name, " · ".join(filter(None, (one.membership or one.role, one.card_number))),
               one.id)
        for one in scan.people
    ]  # fmt: skip
    titles = [
        Choice(ChoiceKind.TITLE, card.title, ", ".join(author.name for author in card.authors), card.id)
        for card in scan.titles
    ]
    return tuple([*people, *titles][:MOST])


def copies_to_choose(uow: UnitOfWork, title_id: int, *, on_loan: bool) -> tuple[str, tuple[Choice, ...]]:
    """A sentence about a title, and those of its copies that are in, or on loan where one is to come back."""
    detail = title(uow, title_id)
    wanted = CopyStatus.ON_LOAN if on_loan else CopyStatus.AVAILABLE
    found = [copy for copy in detail.copies if copy.status is wanted][:MOST]
    if not found:
        return f"{named(detail.title)} has no copy that is {'on loan' if on_loan else 'in'}.", ()
    choices = tuple(
        Choice(ChoiceKind.COPY, copy.barcode, " ".join(filter(None, (copy.location, copy.shelf))), title_id,
               copy.barcode)
        for copy in found
    )  # fmt: skip
    which = "on loan" if on_loan else "in"
    return f"{named(detail.title)}: which copy? These are {which}. Scan it, or type its number and Enter.", choices


def chosen_by_number(choices: Sequence[Choice], typed: str) -> Choice | None:
    """The choice with the typed number, if there is one."""
    place = int(typed) if typed in "123456789" and len(typed) == 1 else 0
    return choices[place - 1] if 1 <= place <= len(choices) else None
