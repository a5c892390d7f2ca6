"""What a reader owes: each item with what it is for and how it was worked out; receipts; what is settled."""

from collections.abc import Iterable, Sequence

from lib.billing.models import ChargeState, PaymentKind, PaymentMethod
from lib.billing.queries import ChargeRow, PaymentRow
from lib.circulation.owed_items import FineFacts, OwedItem
from lib.kit.paging import Page
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.pager import pager_html
from lib.ui.words import count, day, money

METHODS = {
    PaymentMethod.CASH: "cash", PaymentMethod.CARD: "card", PaymentMethod.TRANSFER: "transfer",
    PaymentMethod.OTHER: "another way",
}  # fmt: skip
_KINDS = {PaymentKind.PAYMENT: "Paid", PaymentKind.REFUND: "Given back to you", PaymentKind.REVERSAL: "Taken back"}
FILE = 'class="text" target="_blank" rel="noopener"'


def balance_words(minor: int) -> str:
    """The one sentence that matters."""
    if minor > 0:
        return f"You owe {money(minor)}"
    return f"The library owes you {money(-minor)}" if minor else "You owe nothing"


def how_to_settle(minor: int) -> str:
    """What can be done about a balance that is not nought."""
    if minor > 0:
        return "Pay at the desk when you come by, all of it or a part."
    return "Ask for it at the desk, or leave it: it counts towards what you owe next."


def owed_html(items: Iterable[OwedItem]) -> str:
    """The open items as a table."""
    head = '<tr><th scope="col">What for</th><th scope="col" class="num">Owed</th></tr>'
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(map(_owed, items))}</tbody></table></div>'


def _owed(item: OwedItem) -> str:
    lines = "".join(f'<p class="small soft">{esc(line)}</p>' for line in explained(item))
    return f'<tr><td>{_what(item)}{lines}</td><td class="num">{esc(money(item.balance_minor))}</td></tr>'


def _what(item: OwedItem) -> str:
    if item.title_id is None:
        return f"<bdi>{esc(item.what)}</bdi>"
    title = anchor(href("title", id=item.title_id), f"<bdi>{esc(item.title)}</bdi>", more='class="text"')
    return f"<bdi>{esc(item.what)}</bdi>: {title}"


def explained(item: OwedItem) -> list[str]:
    """How an item came to its amount, in sentences."""
    found = list(_fine(item, item.fine)) if item.fine else [f"Charged on {day(item.made_on)}."]
    if item.covered_minor:
        found.append(f"{money(item.charged_minor)} in all, {money(item.covered_minor)} of it paid or waived already.")
    if item.balance_minor < 0:
        found.append("You paid more than it came to in the end.")
    return found


def _fine(item: OwedItem, facts: FineFacts) -> Iterable[str]:
    if not facts.adds_up:
        yield (
            "For being late before it was renewed."
            if facts.renewals
            else f"Fixed at {money(item.charged_minor)} on {day(item.made_on)}."
        )
        return
    yield f"Due {day(facts.due_on)}, {'brought back' if facts.returned else 'counted until'} {day(facts.until)}."
    sum_minor = facts.days_late * facts.per_day_minor
    late = count(facts.days_late, "open day", "open days")
    yield f"{late} late × {money(facts.per_day_minor)} = {money(sum_minor)}{_cut(sum_minor, facts)}."
    if facts.grace_days:
        yield f"Up to {count(facts.grace_days, 'day', 'days')} late would have cost nothing."
    if item.running and sum_minor < facts.cap_minor:
        rate, cap = money(facts.per_day_minor), money(facts.cap_minor)
        yield f"It grows by {rate} on each open day until it is back, up to {cap}."


def _cut(sum_minor: int, facts: FineFacts) -> str:
    return f", but never more than {money(facts.cap_minor)}" if sum_minor > facts.cap_minor else ""


def payments_html(payments: Page[PaymentRow]) -> str:
    """Receipts as a table, each with its paper."""
    head = (
        '<tr><th scope="col">Day</th><th scope="col">What</th><th scope="col" class="num">Amount</th>'
        '<th scope="col">Receipt</th></tr>'
    )
    body = "".join(map(_payment, payments.rows))
    table = f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'
    return table + pager_html(
        payments.number, payments.pages, lambda page: href("my-money", receipts=page if page > 1 else None)
    )


def _payment(row: PaymentRow) -> str:
    paper = anchor(f"/files/receipt/{row.payment_id}", f"{esc(row.number)} (PDF)", more=FILE)
    what = f"{_KINDS[row.kind]}, {METHODS[row.method]}"
    note = (
        f"takes back {row.reverses}" if row.reverses else f"taken back by {row.reversed_by}" if row.reversed_by else ""
    )
    more = f'<br><span class="small soft">{esc(note)}</span>' if note else ""
    return (
        f"<tr><td>{esc(day(row.on_date))}</td><td>{esc(what)}{more}</td>"
        f'<td class="num">{esc(money(abs(row.amount_minor)))}</td><td>{paper}</td></tr>'
    )


def settled(charges: Sequence[ChargeRow]) -> list[ChargeRow]:
    """Those of which nothing is open any more, and that cannot grow."""
    return [charge for charge in charges if not charge.balance_minor and charge.state is ChargeState.FINAL]


def settled_html(charges: Sequence[ChargeRow]) -> str:
    """What is settled: charged, paid, waived."""
    names = ("What for", "Charged", "Paid", "Waived")
    cells = (f'<th scope="col"{_num(place)}>{name}</th>' for place, name in enumerate(names))
    body = "".join(
        f"<tr><td><bdi>{esc(row.what)}</bdi></td>"
        + "".join(
            f'<td class="num">{esc(money(minor))}</td>'
            for minor in (row.charged_minor, row.paid_minor, row.waived_minor)
        )
        + "</tr>"
        for row in charges
    )
    return f'<div class="scroll"><table><thead><tr>{"".join(cells)}</tr></thead><tbody>{body}</tbody></table></div>'


def _num(place: int) -> str:
    return ' class="num"' if place else ""
