"""Overdue loans as a list to chase: how late, what, who, and how to reach them."""

from collections.abc import Iterable

from lib.reports.overdue import OverdueLoan
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, day, money


def overdue_list(rows: Iterable[OverdueLoan]) -> None:
    """The table; title and member are links."""
    names = ("Late", "Title", "Member", "Reach them", "Fine so far")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(_row(row) for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Overdue loans">{table}</div>', "overdue")


def _row(row: OverdueLoan) -> str:
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
        f'<tr><td>{late}<br><span class="small soft">since {esc(day(row.due_on))}</span></td>'
        f'<td>{title}<br><span class="small soft">{esc(row.barcode)}</span></td><td>{name}{claimed}</td>'
        f'<td class="small reach">{reach}</td><td class="num">{esc(money(row.fine_minor))}</td></tr>'
    )
