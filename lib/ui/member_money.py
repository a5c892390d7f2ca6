"""A member's money on their record: what is owed and for what; payments, waivers, refunds, charges, receipts."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.models import ChargeKind, PaymentKind, PaymentMethod
from lib.billing.payments import reverse_payment
from lib.billing.queries import ChargeRow, PaymentRow
from lib.circulation.acts import CHARGE, PAY, REFUND, SET_OFF, WAIVE
from lib.circulation.money import charge_member, owes, refund_charge, set_off_now, take_payment, waive_charges
from lib.desk.undo import desk_acts
from lib.kit.errors import Fault, Invalid
from lib.kit.money import parse_money
from lib.ui.done_note import do, show_done
from lib.ui.doorway import form_key, renew_key
from lib.ui.linked import show_linked
from lib.ui.money_tables import METHODS, charges_html, receipts_html
from lib.ui.ways_out import Act, Situation
from lib.ui.words import count, day, money, plain, when

_OPEN = "money-popovers"  # its key changes with each act, which closes the popover in which it was done


def member_money(
    account_id: int, owed_minor: int, to_set_off: int, charges: tuple[ChargeRow, ...],
    payments: tuple[PaymentRow, ...], today: date,
) -> None:  # fmt: skip
    """What is owed first, then each charge, then the receipts. `to_set_off`: what of it the library could pay with
    what it owes them."""
    show_done(_page(account_id))
    st.subheader(balance_words(owed_minor), anchor=False)
    with st.container(horizontal=True):
        if owed_minor > 0:
            _take(account_id, owed_minor, charges)
        owing = sorted((row for row in charges if row.balance_minor > 0), key=lambda row: row.id)
        if sum(row.balance_minor for row in owing) > to_set_off:  # what the library owes pays first
            _waive(account_id, {row.id: row for row in owing})
        if to_set_off:
            _set_off(account_id, to_set_off)
        if payable := [row for row in charges if row.refundable_minor > 0]:
            _refund(account_id, payable)
        _add(account_id)
        first = today.replace(year=today.year - 1) if (today.month, today.day) != (2, 29) else date(today.year, 1, 1)
        st.link_button(
            "Statement (PDF)", f"/files/statement/{account_id}?first={first.isoformat()}&last={today.isoformat()}",
            icon=":material/receipt_long:",
        )  # fmt: skip
    if charges:
        show_linked(charges_html(charges), "member-charges")
    if payments:
        st.subheader("Receipts", anchor=False)
        show_linked(receipts_html(payments), "member-receipts")
        _take_back(account_id, payments)


def _page(account_id: int) -> str:
    return f"money-{account_id}"


def balance_words(owed_minor: int) -> str:
    """Who owes whom how much, in one line."""
    if owed_minor > 0:
        return f"Owes {money(owed_minor)}"
    return f"Has a credit of {money(-owed_minor)}" if owed_minor else "Owes nothing"


def _left(uow: UnitOfWork, account_id: int) -> str:
    """What is owed after an act."""
    minor = owes(uow, account_id)
    if minor > 0:
        return f"{money(minor)} is still owed."
    return f"The library owes them {money(-minor)}." if minor else "Nothing is owed any more."


def _act(uow: UnitOfWork, kind: str, account_id: int) -> int | None:
    """The act that was just done in this unit of work, so that it can be taken back."""
    return next(iter(_acts(uow, kind, account_id, most=1)), None)


def _acts(uow: UnitOfWork, kind: str, account_id: int, most: int) -> tuple[int, ...]:
    """The acts that were just done in this unit of work, at most so many."""
    last = desk_acts(uow, limit=most, actor_id=uow.actor.account_id)
    return tuple(one.id for one in last if (one.kind, one.member_id, one.at) == (kind, account_id, uow.now))


def _done(
    account_id: int, form: str, kind: str, act: Callable[[UnitOfWork], tuple[str, int | Sequence[int] | None]],
    why: str = "", **labels: str,
) -> None:  # fmt: skip
    """Does an act of a form that ended above, tells what is owed now, closes the popover. What it is refused for comes
    with its way out, which is an act of this `kind` too and has the reason `why` that was written."""

    def told(uow: UnitOfWork) -> tuple[str, int | Sequence[int] | None]:
        text, act_id = act(uow)
        return f"{text} {_left(uow, account_id)}", act_id

    def otherwise(way: Act) -> None:
        if do(_page(account_id), lambda uow: _told(uow, account_id, way(uow), kind)):
            renew_key(form)
            renew_key(_OPEN)

    if do(_page(account_id), told, Situation(account_id, why=why), otherwise, **labels):
        renew_key(form)
        renew_key(_OPEN)
        st.rerun()


def _told(uow: UnitOfWork, account_id: int, text: str, kind: str) -> tuple[str, int | None]:
    return f"{text} {_left(uow, account_id)}", _act(uow, kind, account_id)


def _popover(label: str, icon: str, name: str) -> "st.delta_generator.DeltaGenerator":
    return st.popover(label, icon=icon, key=f"{name}-{form_key(_OPEN)}")


def _take(account_id: int, owed_minor: int, charges: tuple[ChargeRow, ...]) -> None:
    owing = {row.id: f"{plain(row.what)}: {money(row.balance_minor)}" for row in charges if row.balance_minor > 0}
    with _popover("Take a payment", ":material/payments:", "pay"):
        with st.form("take-payment"):
            amount = st.text_input("Amount", help=f"Everything is {money(owed_minor)}.", placeholder=money(owed_minor))
            method = st.selectbox("How", list(METHODS), format_func=METHODS.__getitem__)
            chosen = st.multiselect(
                "Only these", list(owing), format_func=owing.__getitem__, placeholder="The oldest first"
            )
            pressed = st.form_submit_button("Take it", type="primary")
        if pressed:

            def act(uow: UnitOfWork) -> tuple[str, int | None]:
                minor = _read(uow, amount) if amount.strip() else min(_of(charges, chosen) or owed_minor, owed_minor)
                done = take_payment(
                    uow, member_id=account_id, amount_minor=minor, method=method or PaymentMethod.CASH,
                    charge_ids=chosen, key=form_key("take-payment"),
                )  # fmt: skip
                return f"{money(done.amount_minor)} taken, receipt {done.number}.", _act(uow, PAY, account_id)

            _done(account_id, "take-payment", PAY, act, amount="Amount")


def _read(uow: UnitOfWork, text: str) -> int:
    return parse_money(text, uow.library.currency).minor


def _of(charges: tuple[ChargeRow, ...], chosen: list[int]) -> int:
    return sum(row.balance_minor for row in charges if row.id in chosen)


def _waive(account_id: int, owing: dict[int, ChargeRow]) -> None:
    names = {row.id: f"{row.what}, {day(row.made_at.date())}: {money(row.balance_minor)}" for row in owing.values()}
    with _popover("Waive", ":material/volunteer_activism:", "waive"):
        with st.form("waive"):
            chosen = st.multiselect(
                "Which charges", list(names), list(names) if len(names) == 1 else None, format_func=names.__getitem__
            )
            amount = st.text_input("Amount to waive", placeholder="All of them", help="The oldest first.")
            reason = st.text_input("Reason", max_chars=500)
            pressed = st.form_submit_button("Waive it")
        if pressed:

            def act(uow: UnitOfWork) -> tuple[str, Sequence[int]]:
                if not chosen:
                    raise Invalid(Fault("charges", "Choose at least one charge."))
                left = _read(uow, amount) if amount.strip() else None
                done = waive_charges(
                    uow, member_id=account_id, charge_ids=chosen, amount_minor=left, reason=reason,
                    key=form_key("waive"),
                )  # fmt: skip
                what = owing[chosen[0]].what if len(chosen) == 1 else count(len(chosen), "charge", "charges")
                return f"{money(done)} waived: {what}.", _acts(uow, WAIVE, account_id, most=len(chosen))

            _done(account_id, "waive", WAIVE, act, reason, amount="Amount", amount_minor="Amount", reason="Reason")


def _set_off(account_id: int, amount_minor: int) -> None:
    """What the library owes pays what they owe, at once instead of in the night."""
    label = f"Set off {money(amount_minor)}"
    with _popover("Set off", ":material/swap_horiz:", "set-off"):
        st.write(
            f"The library owes them for one thing, and they owe it for another: {money(amount_minor)} of what they owe "
            "is paid with that. No money changes hands, and there is no receipt. Left alone, the night does it."
        )
        st.button(label, key="set-off-now", on_click=_set_off_now, args=(account_id,), type="primary")


def _set_off_now(account_id: int) -> None:
    def act(uow: UnitOfWork) -> tuple[str, int | None]:
        done = set_off_now(uow, member_id=account_id, key=form_key("set-off"))
        return f"{money(done)} is set off. {_left(uow, account_id)}", _act(uow, SET_OFF, account_id)

    if do(_page(account_id), act):
        renew_key("set-off")
        renew_key(_OPEN)


def _refund(account_id: int, charges: list[ChargeRow]) -> None:
    names = {row.id: f"{row.what}, {day(row.made_at.date())}: {money(row.refundable_minor)}" for row in charges}
    with _popover("Give money back", ":material/currency_exchange:", "refund"):
        with st.form("refund"):
            chosen = st.selectbox("For which charge", list(names), format_func=names.__getitem__, key="refund-chosen")
            row = next((row for row in charges if row.id == chosen), charges[0])
            amount = st.text_input("Amount to give back", placeholder="All that can be given back")
            method = st.selectbox("How", list(METHODS), format_func=METHODS.__getitem__)
            reason = st.text_input("Reason", max_chars=500)
            pressed = st.form_submit_button("Give it back")
        if pressed:

            def act(uow: UnitOfWork) -> tuple[str, int | None]:
                done = refund_charge(
                    uow, charge_id=row.id, method=method or PaymentMethod.CASH, reason=reason,
                    amount_minor=_read(uow, amount) if amount.strip() else row.refundable_minor, key=form_key("refund"),
                )  # fmt: skip
                return f"{money(-done.amount_minor)} given back, receipt {done.number}.", _act(uow, REFUND, account_id)

            _done(account_id, "refund", REFUND, act, reason, amount="Amount", reason="Reason")


def _add(account_id: int) -> None:
    kinds = {ChargeKind.OTHER: "Something else", ChargeKind.DAMAGE: "Damage"}
    with _popover("Add a charge", ":material/add:", "charge"):
        with st.form("add-charge"):
            kind = st.selectbox("For", list(kinds), format_func=kinds.__getitem__)
            what = st.text_input("What for", max_chars=200, help="The member reads it.")
            amount = st.text_input("Amount", placeholder="4.50")
            pressed = st.form_submit_button("Charge it")
        if pressed:

            def act(uow: UnitOfWork) -> tuple[str, int | None]:
                minor = _read(uow, amount)
                charge_member(
                    uow, member_id=account_id, kind=kind or ChargeKind.OTHER, amount_minor=minor, what=what,
                    key=form_key("add-charge"),
                )  # fmt: skip
                return f"{money(minor)} charged: {what.strip()}.", _act(uow, CHARGE, account_id)

            _done(account_id, "add-charge", CHARGE, act, amount="Amount", amount_minor="Amount", what="What for")


def _take_back(account_id: int, payments: tuple[PaymentRow, ...]) -> None:
    names = {row.payment_id: f"{row.number}, {when(row.at)}: {money(row.amount_minor)}" for row in payments
             if row.kind is not PaymentKind.REVERSAL and not row.reversed_by}  # fmt: skip
    if not names:
        return
    with _popover("Take a receipt back", ":material/undo:", "reverse"):
        st.write("For money taken by mistake: the receipt stays, and a counter-receipt takes it back as a whole.")
        chosen = st.selectbox("Which receipt", list(names), format_func=names.__getitem__, key="receipt-chosen")
        st.text_input("Reason", key="receipt-why", max_chars=500)
        args = (account_id, chosen)
        st.button("Take it back", on_click=_reversed, args=args, key=f"reverse-{chosen or uuid4().hex}")


def _reversed(account_id: int, payment_id: int) -> None:
    def act(uow: UnitOfWork) -> tuple[str, None]:
        done = reverse_payment(uow, payment_id, reason=str(st.session_state.get("receipt-why") or ""))
        return f"{done.reverses} is taken back by {done.number}. {_left(uow, account_id)}", None

    if do(_page(account_id), act, reason="Reason"):
        renew_key(_OPEN)
