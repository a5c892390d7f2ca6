"""Overdue loans as a list to chase: how late, what, who, and how to reach them."""

from collections.abc import Iterable

from lib.reports.overdue import OverdueLoan
from lib.ui.linked import anchor, esc, tied
from lib.ui.navigation import href
from lib.ui.row_table import row_table
from lib.ui.words import count, day, money


def overdue_list(rows: Iterable[OverdueLoan]) -> None:
    """The table; title and member are links."""
    heads = ("Late", "Title", "Member", "Fine so far")
    row_table(heads, map(_row, rows), label="Overdue loans", key="overdue", numbers=(3,), stack=True)


def _row(row: OverdueLoan) -> tuple[str, ...]:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more='class="text"')
    name = "a member without history"
    if row.member_id is not None:
        name = anchor(href("member", id=row.member_id), f"<bdi>{esc(row.member)}</bdi>", more='class="text"')
    ways = [
        anchor(f"mailto:{row.email}", esc(row.email), more='class="text"') if row.email else "",
        anchor(f"tel:{row.phone.replace(' ', '')}", esc(row.phone), more='class="text"') if row.phone else "",
    ]
    reach = "<br>".join(filter(None, ways)) or "neither e-mail nor telephone"
    claimed = f'<br><span class="small soft">says: returned {esc(day(row.claimed_on))}</span>' if row.claimed_on else ""
    late = f'<b class="late">{esc(count(row.late_days, "day", "days"))}</b>'
    return (
        f'{late}<br><span class="small soft">since {tied(day(row.due_on))}</span>',
        f'{title}<br><span class="small soft">{esc(row.barcode)}</span>',
        f'{name}{claimed}<br><span class="small reach">{reach}</span>',
        esc(money(row.fine_minor)),
    )
