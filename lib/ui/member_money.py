"""A member's money on their record: what is owed and for what; payments, waivers, refunds, charges, receipts."""

from datetime import date
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.models import ChargeKind, PaymentKind, PaymentMethod
from lib.billing.payments import reverse_payment
from lib.billing.queries import ChargeRow, PaymentRow
from lib.circulation.money import charge_member, refund_charge, take_payment, waive_charge
from lib.kit.money import parse_money
from lib.ui.doorway import form_key, renew_key, say, showing_refusals, work
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.words import day, money, plain, when

METHODS = {
    PaymentMethod.CASH: "Cash", PaymentMethod.CARD: "Card terminal", PaymentMethod.TRANSFER: "Transfer",
    PaymentMethod.OTHER: "Another way",
}  # fmt: skip
PAPER = 'class="text" target="_blank" rel="noopener"'
_KINDS = {PaymentKind.PAYMENT: "Paid", PaymentKind.REFUND: "Given back", PaymentKind.REVERSAL: "Takes back"}


def member_money(
    account_id: int, owed_minor: int, charges: tuple[ChargeRow, ...], payments: tuple[PaymentRow, ...], today: date
) -> None:
    """What is owed first, then each charge, then the receipts."""
    word = "owes" if owed_minor >= 0 else "is owed"
    st.subheader(f"{word.capitalize()} {money(abs(owed_minor))}", anchor=False)
    with st.container(horizontal=True):
        if owed_minor > 0:
            _take(account_id, owed_minor, charges)
        if charges:
            _about(charges)
        _add(account_id)
        first = today.replace(year=today.year - 1) if (today.month, today.day) != (2, 29) else date(today.year, 1, 1)
        st.link_button(
            "Statement (PDF)", f"/files/statement/{account_id}?first={first.isoformat()}&last={today.isoformat()}",
            icon=":material/receipt_long:",
        )  # fmt: skip
    if charges:
        show_linked(_charges_html(charges), "member-charges")
    if payments:
        st.subheader("Receipts", anchor=False)
        show_linked(_receipts_html(payments), "member-receipts")
        _take_back(payments)


def _take(account_id: int, owed_minor: int, charges: tuple[ChargeRow, ...]) -> None:
    owing = {row.id: f"{plain(row.what)}: {money(row.balance_minor)}" for row in charges if row.balance_minor > 0}
    with st.popover("Take a payment", icon=":material/payments:"), st.form("take-payment"):
        amount = st.text_input("Amount", help=f"Everything is {money(owed_minor)}.", placeholder=money(owed_minor))
        method = st.selectbox("How", list(METHODS), format_func=METHODS.__getitem__)
        chosen = st.multiselect(
            "Only these", list(owing), format_func=owing.__getitem__, placeholder="The oldest first"
        )
        if st.form_submit_button("Take it", type="primary"):
            with showing_refusals(amount="Amount"):
                with work() as uow:
                    minor = _read(uow, amount) if amount.strip() else _of(charges, chosen) or owed_minor
                    done = take_payment(
                        uow, member_id=account_id, amount_minor=minor, method=method or PaymentMethod.CASH,
                        charge_ids=chosen, key=form_key("take-payment"),
                    )  # fmt: skip
                renew_key("take-payment")
                say(f"{money(done.amount_minor)} taken, receipt {done.number}.")
                st.rerun()


def _read(uow: UnitOfWork, text: str) -> int:
    return parse_money(text, uow.library.currency).minor


def _of(charges: tuple[ChargeRow, ...], chosen: list[int]) -> int:
    return sum(row.balance_minor for row in charges if row.id in chosen)


def _about(charges: tuple[ChargeRow, ...]) -> None:
    names = {row.id: f"{row.what}, {day(row.made_at.date())}: {money(row.balance_minor)}" for row in charges}
    with st.popover("Waive or refund", icon=":material/volunteer_activism:"):
        chosen = st.selectbox("Which charge", list(names), format_func=names.__getitem__, key="charge-chosen")
        row = next((row for row in charges if row.id == chosen), None)
        if row is not None and row.balance_minor > 0:
            _waive(row)
        if row is not None and row.refundable_minor > 0:
            _refund(row)
        if row is not None and row.balance_minor <= 0 and row.refundable_minor <= 0:
            st.write("It is settled: nothing to waive, nothing to give back.")


def _waive(row: ChargeRow) -> None:
    with st.form(f"waive-{row.id}"):
        amount = st.text_input("Amount to waive", placeholder=money(row.balance_minor), help="Empty: all of it.")
        reason = st.text_input("Reason", max_chars=500)
        if st.form_submit_button("Waive it"):
            with showing_refusals(amount="Amount", reason="Reason"):
                with work() as uow:
                    minor = _read(uow, amount) if amount.strip() else None
                    waive_charge(
                        uow, charge_id=row.id, amount_minor=minor, reason=reason, key=form_key(f"waive-{row.id}")
                    )
                renew_key(f"waive-{row.id}")
                say(f"{money(minor) if minor else 'All of it'} is waived.")
                st.rerun()


def _refund(row: ChargeRow) -> None:
    with st.form(f"refund-{row.id}"):
        st.write(f"{money(row.refundable_minor)} can be given back.")
        amount = st.text_input("Amount to give back", placeholder=money(row.refundable_minor), help="Empty: all of it.")
        method = st.selectbox("How", list(METHODS), format_func=METHODS.__getitem__)
        reason = st.text_input("Reason", max_chars=500)
        if st.form_submit_button("Give it back"):
            with showing_refusals(amount="Amount", reason="Reason"):
                with work() as uow:
                    done = refund_charge(
                        uow, charge_id=row.id, method=method or PaymentMethod.CASH, reason=reason,
                        amount_minor=_read(uow, amount) if amount.strip() else row.refundable_minor,
                        key=form_key(f"refund-{row.id}"),
                    )  # fmt: skip
                renew_key(f"refund-{row.id}")
                say(f"{money(-done.amount_minor)} given back, receipt {done.number}.")
                st.rerun()


def _add(account_id: int) -> None:
    kinds = {ChargeKind.OTHER: "Something else", ChargeKind.DAMAGE: "Damage"}
    with st.popover("Add a charge", icon=":material/add:"), st.form("add-charge"):
        kind = st.selectbox("For", list(kinds), format_func=kinds.__getitem__)
        what = st.text_input("What for", max_chars=200, help="The member reads it.")
        amount = st.text_input("Amount", placeholder="4.50")
        if st.form_submit_button("Charge it"):
            with showing_refusals(amount="Amount", amount_minor="Amount", what="What for"):
                with work() as uow:
                    minor = _read(uow, amount)
                    charge_member(
                        uow, member_id=account_id, kind=kind or ChargeKind.OTHER, amount_minor=minor, what=what,
                        key=form_key("add-charge"),
                    )  # fmt: skip
                renew_key("add-charge")
                say(f"{money(minor)} is charged.")
                st.rerun()


def _take_back(payments: tuple[PaymentRow, ...]) -> None:
    names = {row.payment_id: f"{row.number}, {when(row.at)}: {money(row.amount_minor)}" for row in payments
             if row.kind is not PaymentKind.REVERSAL and not row.reversed_by}  # fmt: skip
    if not names:
        return
    with st.popover("Take a receipt back", icon=":material/undo:"):
        st.write("For money taken by mistake: the receipt stays, and a counter-receipt takes it back as a whole.")
        chosen = st.selectbox("Which receipt", list(names), format_func=names.__getitem__, key="receipt-chosen")
        st.text_input("Reason", key="receipt-why", max_chars=500)
        st.button("Take it back", on_click=_reversed, args=(chosen,), key=f"reverse-{chosen or uuid4().hex}")


def _reversed(payment_id: int) -> None:
    with showing_refusals(reason="Reason"):
        with work() as uow:
            done = reverse_payment(uow, payment_id, reason=str(st.session_state.get("receipt-why") or ""))
        say(f"{done.reverses} is taken back by {done.number}.")


def _charges_html(charges: tuple[ChargeRow, ...]) -> str:
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


def _receipts_html(payments: tuple[PaymentRow, ...]) -> str:
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


_NUM = ' class="num"'


def _table(head: str, body: str, name: str) -> str:
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">{table}</div>'
