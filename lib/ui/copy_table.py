"""A title's copies: where each stands, or when it is due back."""

from collections.abc import Mapping, Sequence
from datetime import date

from lib.catalogue.models import CopyStatus
from lib.catalogue.queries import CopyRow
from lib.ui.linked import esc, tied
from lib.ui.words import count, day, due

WORDS = {
    CopyStatus.AVAILABLE: ("On the shelf", "in"),
    CopyStatus.ON_LOAN: ("On loan", "out"),
    CopyStatus.ON_HOLD_SHELF: ("Kept for somebody", "out"),
    CopyStatus.IN_REPAIR: ("In repair", "out"),
    CopyStatus.ON_ORDER: ("On order", "none"),
    CopyStatus.LOST: ("Lost", "late"),
    CopyStatus.WITHDRAWN: ("Withdrawn", "none"),
}
SHOWN = 8


def copies_html(copies: tuple[CopyRow, ...], dues: Mapping[int, date], today: date, missed: date) -> str:
    """The copies as a table; `dues` by copy id; `missed`: the latest due day that is late. What is in comes first."""
    ordered = sorted(copies, key=lambda copy: (copy.status is not CopyStatus.AVAILABLE, dues.get(copy.id, date.max)))
    first, rest = ordered[:SHOWN], ordered[SHOWN:]
    if not rest:
        return _table(first, dues, today, missed)
    summary = f"<summary>{count(len(rest), 'more copy', 'more copies')}</summary>"
    return f"{_table(first, dues, today, missed)}<details>{summary}{_table(rest, dues, today, missed)}</details>"


def _table(copies: Sequence[CopyRow], dues: Mapping[int, date], today: date, missed: date) -> str:
    rows = "".join(_row(copy, dues.get(copy.id), today, missed) for copy in copies)
    head = '<tr><th scope="col">Place</th><th scope="col">Now</th><th scope="col">Barcode</th></tr>'
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _row(copy: CopyRow, due_on: date | None, today: date, missed: date) -> str:
    place = esc(copy.location) + (f", {tied(copy.shelf)}" if copy.shelf else "")
    words, look = WORDS[copy.status]
    if due_on is not None:
        words, look = (
            (f"Overdue since {day(due_on)}", "late") if due_on <= missed else (f"On loan, {due(due_on, today)}", look)
        )
    state = f'<span class="state {look}">{esc(words)}</span>'
    return f"<tr><td><bdi>{place}</bdi></td><td>{state}</td><td>{esc(copy.barcode)}</td></tr>"
