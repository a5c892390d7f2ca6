"""Whether a title can be had: one line, in colour and in words."""

from dataclasses import dataclass
from datetime import date

from lib.circulation.availability import Availability
from lib.ui.linked import esc
from lib.ui.words import day, number


@dataclass(frozen=True, slots=True)
class Line:
    """The words, and how they look: in, out, late or none (classes of linked.css)."""

    words: str
    look: str


def availability_line(found: Availability | None, today: date) -> Line:
    """What to say of a title's copies on a day of the library."""
    if found is None or not found.total:
        return Line("No copy in the library", "none")
    if found.in_:
        return Line(_on_shelf(found), "in")
    if found.next_due is None:
        return Line("Not available at present", "out")
    if found.next_due < today:
        return Line(f"All out, one overdue since {day(found.next_due)}", "late")
    return Line(f"Due back {_soon(found.next_due, today)}", "out")


def _on_shelf(found: Availability) -> str:
    where = f", {found.shelf}" if found.shelf else f", {found.place}" if found.place else ""
    if found.total == 1:
        return f"On the shelf{where}"
    return f"{number(found.in_)} of {number(found.total)} on the shelf{where}"


def _soon(due_on: date, today: date) -> str:
    left = (due_on - today).days
    return "today" if left == 0 else "tomorrow" if left == 1 else day(due_on)


def availability_html(found: Availability | None, today: date) -> str:
    """The line as HTML."""
    line = availability_line(found, today)
    return f'<span class="state {line.look}">{esc(line.words)}</span>'


def place_of(found: Availability | None) -> str:
    """Where to fetch an available copy: the shelf, else the place; "" when none is available."""
    if found is None or not found.in_:
        return ""
    return found.shelf or found.place
