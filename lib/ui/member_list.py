"""People as a list: name, card, type, status in colour and words; each a link to their record."""

from collections.abc import Iterable

from lib.accounts.models import AccountStatus
from lib.accounts.queries import MemberRow
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import day

LOOKS = {
    AccountStatus.ACTIVE: "in", AccountStatus.PENDING: "soon", AccountStatus.UNVERIFIED: "none",
    AccountStatus.SUSPENDED: "soon", AccountStatus.DISABLED: "late", AccountStatus.REJECTED: "late",
    AccountStatus.CLOSED: "none",
}  # fmt: skip
WORDS = {
    AccountStatus.ACTIVE: "Active", AccountStatus.PENDING: "Waits for approval",
    AccountStatus.UNVERIFIED: "E-mail not confirmed", AccountStatus.SUSPENDED: "Suspended",
    AccountStatus.DISABLED: "Disabled", AccountStatus.REJECTED: "Rejected", AccountStatus.CLOSED: "Closed",
}  # fmt: skip


def member_list(rows: Iterable[MemberRow], key: str) -> None:
    """A table of people."""
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Name", "Card", "E-mail", "Role", "Type", "Status", "Until")
    )
    body = "".join(_row(row) for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="People">{table}</div>', key)


def _row(row: MemberRow) -> str:
    name = anchor(href("member", id=row.account_id), f"<bdi>{esc(row.name)}</bdi>", more='class="text"')
    until = day(row.membership_ends_on) if row.membership_ends_on else ""
    status = f'<span class="state {LOOKS[row.status]}">{WORDS[row.status]}</span>'
    cells = (name, row.card_number or "", row.email or "", row.role.value, row.membership_type or "")
    plain = "".join(f"<td>{cell if place == 0 else esc(cell)}</td>" for place, cell in enumerate(cells))
    return f"<tr>{plain}<td>{status}</td><td>{esc(until)}</td></tr>"
