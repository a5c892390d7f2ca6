"""What is in the till, the closings before, and closing it: the counted cash, the difference, then the paper."""

from collections.abc import Iterable

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentKind, PaymentMethod
from lib.billing.paper import CHARGES, KINDS, METHODS
from lib.billing.till import DayCloseRow, Till, Totals, close_day
from lib.kit.errors import Invalid
from lib.kit.money import parse_money
from lib.ui.done_note import do
from lib.ui.doorway import form_key, renew_key, show_refusal
from lib.ui.linked import anchor, esc
from lib.ui.row_table import row_table
from lib.ui.words import count, day, money, the_reader, when

PAGE = "till"
_FILE = 'class="text" target="_blank" rel="noopener"'


def in_the_till(now: Till) -> None:
    """What came in since the last closing, by method and kind, and what it was for."""
    since = f"since {when(now.since)}" if now.since else "since the library began to take money"
    if not now.count:
        st.info(f"Nothing went through the till {since}.", icon=":material/point_of_sale:")
        return
    st.write(f"{count(now.count, 'receipt', 'receipts')} {since}.")
    cash, all_of_it = st.columns(2)
    cash.metric("Cash that should be there", money(now.cash_expected_minor), help="Beyond the float that stays in it.")
    all_of_it.metric("All of it", money(sum(sum(kinds.values()) for kinds in now.totals.values())))
    by, what_for = st.columns([3, 2], gap="medium")
    with by:
        row_table(("By", *KINDS.values(), "Sum"), _by_method(now.totals), label="By method", key="by-method",
                  numbers=(1, 2, 3, 4))  # fmt: skip
    with what_for:
        sums = [(esc(CHARGES[kind]), esc(money(amount))) for kind, amount in now.taken_for.items()]
        row_table(("For", "Sum"), sums, label="What the money was for", key="taken-for", numbers=(1,))


def _by_method(totals: Totals) -> list[tuple[str, ...]]:
    return [
        (METHODS[method], *(_amount(totals[method].get(kind, 0)) for kind in PaymentKind),
         f"<b>{esc(money(sum(totals[method].values())))}</b>")
        for method in PaymentMethod if method in totals
    ]  # fmt: skip


def _amount(minor: int) -> str:
    return esc(money(minor)) if minor else "–"


def closing_form(now: Till) -> None:
    """Counted cash, the difference at once, a note, and the button that closes."""
    st.subheader("Close the till", anchor=False)
    counted = st.text_input("Cash counted, without the float", key="counted", max_chars=20, placeholder="0.00")
    try:
        minor = parse_money(counted, the_reader().currency, "counted").minor if counted.strip() else None
    except Invalid as refusal:
        show_refusal(refusal)
        return
    if minor is None:
        st.write(f"{money(now.cash_expected_minor)} should be there. Count, and the difference is shown before saving.")
        return
    difference = minor - now.cash_expected_minor
    _difference(difference)
    st.text_input("Note" if difference else "Note (may stay empty)", key="close-note", max_chars=500)
    label = "Close the till" if not difference else f"Close the till with a difference of {money(difference)}"
    st.button(label, key="close", type="primary", on_click=_close, args=(minor,))


def _difference(minor: int) -> None:
    if minor == 0:
        st.success("It agrees to the last coin.", icon=":material/check_circle:")
    elif minor < 0:
        st.warning(f"{money(-minor)} is missing. Count again, or say in the note what may have happened.",
                   icon=":material/error:")  # fmt: skip
    else:
        st.warning(f"{money(minor)} too much. Count again, or say in the note what may have happened.",
                   icon=":material/error:")  # fmt: skip


def _close(minor: int) -> None:
    """`minor` is what was shown; the note may have been typed since."""
    key, note = form_key("close-till"), str(st.session_state.get("close-note", ""))

    def act(uow: UnitOfWork) -> tuple[str, None]:
        done = close_day(uow, cash_counted_minor=minor, note=note, key=key)
        return f"The till is closed over {count(done.count, 'receipt', 'receipts')}. Print the closing below.", None

    if do(PAGE, act):
        renew_key("close-till")
        st.session_state["counted"] = ""


def closings(rows: Iterable[DayCloseRow]) -> None:
    """The closings before, newest first, each with its paper."""
    row_table(
        ("Closed", "Receipts", "Expected", "Counted", "Difference", "Paper"), map(_closing, rows),
        label="Closings of the till", stack=True, key="closings", numbers=(2, 3, 4),
    )  # fmt: skip


def _closing(row: DayCloseRow) -> tuple[str, ...]:
    by = f'<br><span class="small soft"><bdi>{esc(row.closer)}</bdi></span>' if row.closer else ""
    note = f'<br><span class="small">{esc(row.note)}</span>' if row.note else ""
    off = esc(money(row.difference_minor))
    return (
        f"{esc(day(row.on_date))}{by}{note}",
        f'{row.count}<br><span class="small soft">{esc(row.first_receipt)} – {esc(row.last_receipt)}</span>',
        esc(money(row.cash_expected_minor)), esc(money(row.cash_counted_minor)),
        f'<b class="late">{off}</b>' if row.difference_minor else off,
        anchor(f"/files/day-close/{row.id}", "Closing (PDF)", more=_FILE),
    )  # fmt: skip
