"""What came of a scan at the desk, and what it may be asked."""

from dataclasses import dataclass
from enum import StrEnum

from lib.circulation.decision import Reason
from lib.desk.counter import DeskCopy
from lib.ui.desk_choices import Choice


class Mode(StrEnum):
    """What a scanned copy means."""

    LEND = "Lend"
    TAKE_BACK = "Take back"


class Question(StrEnum):
    """What the input asks for instead of a scan."""

    REASON = "reason"
    NOTE = "note"
    DAMAGE = "damage"
    DROPPED = "dropped"
    WAIVER = "waiver"


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a return left owing something, in minor units."""

    member_id: int
    name: str
    owed_minor: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last scan or key, as HTML, and what may be done next. `title_id`: what a hold would be for, or
    what it was about; `papers`: labels and addresses of what can be printed; `lend_now`: what stood against lending
    `copy` may be gone; `loan_id`: the loan that was to be renewed or was chosen; `lent`: loans with a new due date;
    `ask`: a question to the person at the desk."""

    good: bool
    html: str
    reasons: tuple[Reason, ...] = ()
    copy: DeskCopy | None = None
    can_override: bool = False
    choices: tuple[Choice, ...] = ()
    title_id: int | None = None
    papers: tuple[tuple[str, str], ...] = ()
    lend_now: bool = False
    loan_id: int | None = None
    lent: tuple[int, ...] = ()
    payer: Payer | None = None
    ask: bool = False

    @property
    def tone(self) -> str:
        """How it is said: good, bad or ask."""
        return "ask" if self.choices or self.ask else "good" if self.good else "bad"
