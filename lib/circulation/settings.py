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
    auto_renewal: bool = Field(
        False, title="Renew automatically", description="The night before a loan is due, if it may be renewed."
    )
    hold_on_shelf: bool = Field(
        False, title="Members may place a hold on what stands on the shelf",
        description="Off: the page says that it can be borrowed at once. On: staff fetch it from the pull list.",
    )  # fmt: skip
    lost_after_days: int = Field(
        42, ge=0, le=3650, title="Days overdue after which a copy counts as lost",
        description="Its replacement is charged then. 0: never by itself.",
    )  # fmt: skip
    lost_fee: int = Field(
        500, ge=0, le=10**9, title="Fee for a lost copy", description="In minor units, on top of the replacement."
    )
    replacement_price: int = Field(
        2000, ge=0, le=10**9, title="Replacement of a copy without a price", description="In minor units."
    )
    refund_found_days: int = Field(
        365, ge=0, le=3650, title="Days in which a found copy's replacement is given back",
        description="Counted from the day it was declared lost. 0: never.",
    )  # fmt: skip
