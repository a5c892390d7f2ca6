"""Who had which copy when the curtain rises: loans that are out, each with a scene of its own to come."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from lib.circulation.bulk import PastLoan
from lib.ops.demo_library.lending import House, Reader
from lib.ops.demo_library.stage import OPENS, issue_day, open_days
from lib.ops.demo_library.stock import Shelved

# scene: open days ago on which it plays, and how many days late the copy is then
SCENES = {
    "late, paid": (0, 9),
    "late, paid in part": (1, 16),
    "late, forgiven in part": (2, 12),
    "late, paid by card": (3, 7),
    "damaged": (1, -5),
    "damaged, paid": (4, -2),
    "lost": (5, 24),
    "lost and found": (13, 5),
    "lost, found, not fetched": (12, 3),
    "said to be returned": (4, 6),
    "said to be returned lately": (1, 3),
    "long overdue": (0, 27),
    "lost in the night": (0, 62),
    "long overdue, excused": (0, 11),
}
_DUSTY = 14


@dataclass(frozen=True, slots=True)
class Part:
    """A reader with a copy in hand."""

    reader: Reader
    copy_id: int
    title_id: int
    back: int
    issued_on: date
    due_on: date

    def loan(self, house: House) -> PastLoan:
        issued = house.at(self.issued_on, OPENS + 200)
        return PastLoan(self.copy_id, self.reader.account_id, issued, self.due_on, None)


def choose(
    house: House, readers: list[Reader], shelves: list[Shelved], chance: Random, taken: set[int]
) -> dict[str, Part]:
    """A reader and a copy for every scene. Copies of `taken` titles are left alone; readers get no further copy of
    their title, and one loan fewer, while the years are played."""
    days = open_days(house, 24)
    grown = [one for one in readers if not one.is_child and one.since < house.today - timedelta(days=120)]
    sought = [one for one in shelves if one.fame >= 5 and len(one.copies) > 1 and one.title_id not in taken]
    who = chance.sample(grown, len(SCENES))
    what = chance.sample(sought, len(SCENES))
    parts: dict[str, Part] = {}
    for (name, (back, late)), reader, shelf in zip(SCENES.items(), who, what, strict=True):
        issued = issue_day(house, reader.rule, days[back], late)
        parts[name] = Part(
            reader, shelf.copies[-1], shelf.title_id, back, issued, house.due(issued, reader.rule.loan_days)
        )
        reader.out.append((date.max, shelf.title_id))
    return parts


def dusty(shelves: list[Shelved], chance: Random, opened: date) -> list[Shelved]:
    """Titles that nobody asks for any more."""
    old = [one for one in shelves if one.fame <= 3 and one.copies and one.since < opened]
    return chance.sample(old, min(_DUSTY, len(old)))
