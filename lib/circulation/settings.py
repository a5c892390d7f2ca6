"""What an admin can choose about lending."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from lib.kit.settings import AMOUNT, SettingsGroup, in_words


class ClosedDayMode(StrEnum):
    """What a due date does on a day the library is closed."""

    ROLL = "roll"
    IGNORE = "ignore"
    SKIP = "skip"


class KioskReturns(StrEnum):
    """What becomes of a copy whose number is scanned or typed where no bin takes it."""

    OFF = "off"
    DROP = "drop"
    AT_ONCE = "at_once"


class CirculationSettings(SettingsGroup):
    """Lending across all rules."""

    group: ClassVar[str] = "circulation"
    heading: ClassVar[str] = "Lending"

    self_issue: bool = Field(
        True, title="Members borrow by themselves", description="From a title's page; the page says where the copy is."
    )
    self_issue_past_holds: bool = Field(
        False, title="Members take copies for which others wait",
        description="Off: by themselves, at a machine or from home, they reserve it and wait their turn. "
        "The desk decides for itself.",
    )  # fmt: skip
    kiosk_returns: KioskReturns = Field(
        KioskReturns.DROP,
        title="Bringing back at a tablet, or at a machine without a return bin",
        description="Ending the loan at once also believes somebody who types the number of a book that is at home. "
        "Machines with a bin are named under Terminals.",
        json_schema_extra=in_words(
            drop="It counts as put into the book drop; the loan ends when staff scan it",
            at_once="The loan ends at once",
            off="The desk alone takes books back",
        ),
    )
    closed_day_mode: ClosedDayMode = Field(
        ClosedDayMode.ROLL,
        title="When a loan would end on a closed day",
        json_schema_extra=in_words(
            roll="It ends on the next open day", ignore="It ends on that day", skip="Only open days are counted"
        ),
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
    loan_slips: bool = Field(
        True, title="The desk offers a slip of what was lent",
        description="Titles and due dates to take along, printed by a key.",
    )  # fmt: skip
    auto_renewal: bool = Field(
        False, title="Renew automatically", description="The night before a loan is due, if it may be renewed."
    )
    renew_from_days: int = Field(
        7, ge=0, le=365, title="Days before the due date from which members renew",
        description="0: at any time. The desk renews at any time anyway.",
    )  # fmt: skip
    hold_on_shelf: bool = Field(
        False, title="Members may place a hold on what stands on the shelf",
        description="Off: the page says that it can be borrowed at once. On: staff fetch it from the pull list.",
    )  # fmt: skip
    lost_after_days: int = Field(
        42, ge=0, le=3650, title="Days overdue after which a copy counts as lost",
        description="Its replacement is charged then. 0: never by itself.",
    )  # fmt: skip
    lost_fee: int = Field(
        500, ge=0, le=10**9, title="Fee for a lost copy", description="On top of the replacement.",
        json_schema_extra=AMOUNT,
    )  # fmt: skip
    replacement_price: int = Field(
        2000, ge=0, le=10**9, title="Replacement of a copy without a price", json_schema_extra=AMOUNT
    )
    refund_found_days: int = Field(
        365, ge=0, le=3650, title="Days in which a found copy's replacement is given back",
        description="Counted from the day it was declared lost. 0: never.",
    )  # fmt: skip
