"""What an admin can choose about lending."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from lib.kit.settings import SettingsGroup


class ClosedDayMode(StrEnum):
    """What a due date does on a day the library is closed."""

    ROLL = "roll"
    IGNORE = "ignore"
    SKIP = "skip"


class CirculationSettings(SettingsGroup):
    """Lending across all rules."""

    group: ClassVar[str] = "circulation"
    heading: ClassVar[str] = "Lending"

    self_issue: bool = Field(
        True, title="Members borrow by themselves", description="From a title's page; the page says where the copy is."
    )
    closed_day_mode: ClosedDayMode = Field(
        ClosedDayMode.ROLL,
        title="When a loan would end on a closed day",
        description="roll: it ends on the next open day. ignore: it ends that day. skip: only open days are counted.",
    )
    overdue_blocks: bool = Field(
        True, title="Overdue loans block new ones", description="A librarian can override, with a written reason."
    )
    membership_caps_due: bool = Field(
        True, title="Loans end with the membership", description="No due date lies after the end of the membership."
    )
    undo_minutes: int = Field(
        30, ge=0, le=1440, title="Minutes in which an act at the desk can be undone", description="0 switches undo off."
    )
