"""People as a list: name, card, type, status in colour and words; each a link to their record."""

from collections.abc import Iterable

from lib.access.permissions import Role
from lib.accounts.models import AccountStatus
from lib.accounts.queries import MemberRow
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.row_table import row_table
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


def member_list(rows: Iterable[MemberRow], key: str, *, roles: bool = False) -> None:
    """A table of people; with `roles`, what they are to the library stands in place of the membership."""
    heads = ("Name", "Role" if roles else "Membership", "Status")
    row_table(heads, (_row(row, roles=roles) for row in rows), label="People", key=key, stack=True)


def _row(row: MemberRow, *, roles: bool) -> tuple[str, ...]:
    name = anchor(href("member", id=row.account_id), f"<bdi>{esc(row.name)}</bdi>", more='class="text"')
    until = f"until {day(row.membership_ends_on)}" if row.membership_ends_on and not roles else ""
    kind = row.role.value.capitalize() if roles or row.role is not Role.MEMBER else row.membership_type or "none"
    status = f'<span class="state {LOOKS[row.status]}">{WORDS[row.status]}</span>'
    return name + _under(row.email or ""), esc(kind) + _under(row.card_number or ""), status + _under(until)


def _under(text: str) -> str:
    """A second, smaller line; an e-mail address may be broken after its @."""
    return f'<br><span class="small soft">{esc(text).replace("@", "@<wbr>")}</span>' if text else ""
