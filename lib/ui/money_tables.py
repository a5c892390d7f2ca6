"""Charges and receipts of one member as tables."""

from lib.billing.models import PaymentKind, PaymentMethod
from lib.billing.queries import ChargeRow, PaymentRow
from lib.ui.linked import anchor, esc
from lib.ui.words import day, money, when

METHODS = {
    PaymentMethod.CASH: "Cash", PaymentMethod.CARD: "Card terminal", PaymentMethod.TRANSFER: "Transfer",
    PaymentMethod.OTHER: "Another way",
}  # fmt: skip
PAPER = 'class="text" target="_blank" rel="noopener"'
_KINDS = {PaymentKind.PAYMENT: "Paid", PaymentKind.REFUND: "Given back", PaymentKind.REVERSAL: "Takes back"}
_NUM = ' class="num"'


def charges_html(charges: tuple[ChargeRow, ...]) -> str:
    """Each charge, and what became of it."""
    names = ("What for", "Day", "Charged", "Paid", "Waived", "Owed")
    head = "".join(f'<th scope="col"{_NUM if place > 1 else ""}>{name}</th>' for place, name in enumerate(names))
    body = "".join(
        f"<tr><td><bdi>{esc(row.what)}</bdi>{' (still running)' if row.state.value == 'accruing' else ''}</td>"
        f"<td>{esc(day(row.made_at.date()))}</td>"
        + "".join(f"<td{_NUM}>{esc(money(amount))}</td>" for amount in
                  (row.charged_minor, row.paid_minor, row.waived_minor, row.balance_minor))
        + "</tr>"
        for row in charges
    )  # fmt: skip
    return _table(head, body, "Charges")


def receipts_html(payments: tuple[PaymentRow, ...]) -> str:
    """Each receipt, as a link to its paper."""
    names = ("Receipt", "When", "What", "How", "Amount")
    head = "".join(f'<th scope="col"{_NUM if name == "Amount" else ""}>{name}</th>' for name in names)
    body = "".join(
        f"<tr><td>{anchor(f'/files/receipt/{row.payment_id}', esc(row.number), more=PAPER)}</td>"
        f"<td>{esc(when(row.at))}</td><td>{_KINDS[row.kind]} {esc(row.reverses)}"
        f"{f', taken back by {esc(row.reversed_by)}' if row.reversed_by else ''}</td>"
        f"<td>{METHODS[row.method]}</td><td{_NUM}>{esc(money(row.amount_minor))}</td></tr>"
        for row in payments
    )
    return _table(head, body, "Receipts")


def _table(head: str, body: str, name: str) -> str:
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">{table}</div>'
