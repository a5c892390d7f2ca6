"""How what comes back is taken back: the looks of the next copy, what damage costs, and the day of the book drop."""

from dataclasses import dataclass
from datetime import date

from lib.billing.charges import chargeable
from lib.catalogue.models import Condition
from lib.circulation.returns import Inspection
from lib.kit.errors import Invalid
from lib.ui.desk_answers import read_amount, read_past_day
from lib.ui.doorway import reading


@dataclass(slots=True)
class TakingBack:
    """`condition`, `note`, `charge_minor`: the next copy alone; `dropped_on`: every copy, until it is changed; None:
    they came back today."""

    condition: Condition | None = None
    note: str = ""
    charge_minor: int = 0
    dropped_on: date | None = None

    def look(self, condition: Condition | None) -> None:
        """How the next copy looks."""
        self.condition, self.note, self.charge_minor = condition, "", 0

    def inspection(self) -> Inspection | None:
        """What is told with the return; None where nothing was said of the copy."""
        return Inspection(self.condition, self.note, self.charge_minor) if self.condition else None

    def price(self, text: str) -> str:
        """What the damage costs, as typed; "" for nothing. Returns what is wrong with it, or ""."""
        found = read_amount(text) if text else 0
        if isinstance(found, str):
            return found
        if found < 0:
            return "That is less than nothing."
        if found:
            try:
                with reading() as uow:
                    chargeable(uow, found)
            except Invalid as refusal:
                return str(refusal)
        self.charge_minor = found
        return ""

    def drop(self, text: str) -> str:
        """The day of the book drop, as typed; "" for today. Returns what is wrong with it, or ""."""
        with reading() as uow:
            today = uow.today
        found = read_past_day(text, today) if text else today
        if isinstance(found, str):
            return found
        self.dropped_on = found if found < today else None
        return ""
