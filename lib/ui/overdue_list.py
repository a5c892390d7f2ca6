"""Overdue loans as a list to chase: how late, what, who, and how to reach them."""

from collections.abc import Iterable

from lib.reports.worklists import OverdueLoan
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, day


def overdue_list(rows: Iterable[OverdueLoan]) -> None:
    """The table; title and member are links."""
    names = ("Late", "Title", "Member", "Reach them")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(_row(row) for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Overdue loans">{table}</div>', "overdue")


def _row(row: OverdueLoan) -> str:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more='class="text"')
    name = "a member without history"
    if row.member_id is not None:
        name = anchor(href("member", id=row.member_id), f"<bdi>{esc(row.member)}</bdi>", more='class="text"')
    reach = esc(row.email) or "no e-mail: the record has the rest"
    late = f'<b class="late">{esc(count(row.late_days, "day", "days"))}</b>'
    return (
        f'<tr><td>{late}<br><span class="small soft">since {esc(day(row.due_on))}</span></td>'
        f'<td>{title}<br><span class="small soft">{esc(row.barcode)}</span></td><td>{name}</td>'
        f'<td class="small">{reach}</td></tr>'
    )
