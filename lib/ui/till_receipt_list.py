"""Receipts of the till on screen: whose, by what, the paper, and taking one back for a reason."""

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.paper import KINDS, METHODS
from lib.billing.till_receipts import TillReceipt
from lib.circulation.money import take_back_receipt
from lib.ui.done_note import do
from lib.ui.doorway import form_key, renew_key
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.till_sums import PAGE
from lib.ui.words import money, when

_TEXT = 'class="text"'
_FILE = f'{_TEXT} target="_blank" rel="noopener"'


def receipt_card(row: TillReceipt) -> None:
    """One receipt; one that can be taken back has the form for it."""
    with st.container(border=True):
        told, acts = st.columns([3, 1], vertical_alignment="center")
        with told:
            show_linked(_told(row), f"receipt-{row.payment_id}")
        if not row.can_take_back:
            return
        with acts.popover("Take it back", width="stretch"), st.form(f"back-{row.payment_id}", border=False):
            st.write(_consequence(row))
            reason = st.text_input("Why", max_chars=500, help="It stands on the counter-receipt.")
            if st.form_submit_button("Take this receipt back"):
                _take_back(row, reason)


def _consequence(row: TillReceipt) -> str:
    amount = money(abs(row.amount_minor))
    by = METHODS[row.method].lower()
    if row.amount_minor > 0:
        return f"{amount} goes back ({by}) and is owed again. A counter-receipt is written."
    return f"{amount} comes back into the till ({by}). A counter-receipt is written."


def _told(row: TillReceipt) -> str:
    who = anchor(href("member", id=row.account_id), f"<bdi>{esc(row.member)}</bdi>", more=_TEXT)
    paper = anchor(f"/files/receipt/{row.payment_id}", f"{esc(row.number)} (PDF)", more=_FILE)
    by = f" · <bdi>{esc(row.taken_by)}</bdi>" if row.taken_by else ""
    marks = [
        f'<span class="late">taken back by {esc(row.reversed_by)}</span>' if row.reversed_by else "",
        f"takes back {esc(row.reverses)}" if row.reverses else "",
        "in a closing before" if row.closed else "",
        f"<bdi>{esc(row.note)}</bdi>" if row.note else "",
    ]
    more = " · ".join(mark for mark in marks if mark)
    return (
        f"<h3>{esc(money(row.amount_minor))} {esc(METHODS[row.method].lower())}</h3>"
        f"<p>{esc(KINDS[row.kind])}, {who}</p>"
        f'<p class="small">{paper} · {esc(when(row.at))}{by}</p>' + (f'<p class="small">{more}</p>' if more else "")
    )


def _take_back(row: TillReceipt, reason: str) -> None:
    key = form_key(name := f"take-back-{row.payment_id}")

    def act(uow: UnitOfWork) -> tuple[str, None]:
        counter = take_back_receipt(uow, payment_id=row.payment_id, reason=reason, key=key)
        return f"{row.number} is taken back by {counter.number}. {_then(row)}", None

    if do(PAGE, act):
        renew_key(name)
        st.rerun()


def _then(row: TillReceipt) -> str:
    amount = money(abs(row.amount_minor))
    return f"Give {row.member} {amount}." if row.amount_minor > 0 else f"{row.member} gives {amount} back."
