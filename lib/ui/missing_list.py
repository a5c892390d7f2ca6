"""What is missing, on screen: copies to look for, late loans that count as lost soon, and lost copies."""

from collections.abc import Iterable
from datetime import date, timedelta

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.claims import ClaimRow, clear_claim
from lib.circulation.losses import consider_loss, declare_lost
from lib.circulation.returns import check_in
from lib.kit.clock import start_of
from lib.reports.missing import LostCopy, SoonLost
from lib.ui.done_note import do
from lib.ui.doorway import form_key, reading, renew_key, showing_refusals
from lib.ui.fetched_words import fetched_words
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.row_table import row_table
from lib.ui.words import count, day, money

PAGE = "missing"
_TEXT = 'class="text"'


def claim_card(row: ClaimRow) -> None:
    """A copy to look for: found as if it came back that day, or not found and lost."""
    with st.container(border=True):
        told, acts = st.columns([5, 3], vertical_alignment="center")
        with told:
            show_linked(_claim_told(row), f"claim-{row.loan_id}")
        with acts, st.container(horizontal=True):
            st.button(
                "Found", key=f"found-{row.loan_id}", on_click=_found, args=(row,), width="stretch",
                icon=":material/check:", help=f"Taken back as of {day(row.claimed_on)}: no fine since.",
            )  # fmt: skip
            if row.dropped_at:
                st.button("Not in the drop", key=f"clear-{row.loan_id}", on_click=_not_there, args=(row,),
                          width="stretch", help="The loan and its fine run on as before.")  # fmt: skip
            else:
                with st.popover("Not found", width="stretch"):
                    _not_found(row)


def _claim_told(row: ClaimRow) -> str:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    who = anchor(href("member", id=row.member_id), f"<bdi>{esc(row.member)}</bdi>", more=_TEXT)
    place = " · ".join(filter(None, (row.location, row.shelf, row.call_number)))
    on, due = esc(day(row.claimed_on)), esc(day(row.due_on))
    if row.dropped_at:
        where, says = "the book drop", f"Noted at {esc(row.dropped_at)} on {on}; {who} has it, due {due}."
    else:
        where, says = place, f"{who} says: returned on {on}; due {due}."
    return f'<h3>{title}</h3><p>Look at <b>{esc(where)}</b>, copy {esc(row.barcode)}</p><p class="small">{says}</p>'


def _found(row: ClaimRow) -> None:
    key = form_key(name := f"found-{row.loan_id}")

    def act(uow: UnitOfWork) -> tuple[str, int]:
        end = start_of(row.claimed_on + timedelta(days=1), uow.zone) - timedelta(seconds=1)
        done = check_in(uow, barcode=row.barcode, returned_at=min(end, uow.now), key=key)
        return f"{fetched_words(done)} It counts as returned on {day(row.claimed_on)}.", done.act_id

    if do(PAGE, act):
        renew_key(name)


def _not_there(row: ClaimRow) -> None:
    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = clear_claim(uow, loan_id=row.loan_id)
        return f"“{done.title}” was not in the book drop: it is on loan to {row.member} as before.", done.act_id

    do(PAGE, act)


def _not_found(row: ClaimRow) -> None:
    with showing_refusals():
        with reading() as uow:
            cost = consider_loss(uow, loan_id=row.loan_id)
        parts = [
            f"{money(cost.replacement_minor)} for the copy", f"{money(cost.fee_minor)} fee" if cost.fee_minor else "",
            f"{money(cost.fine_minor)} fine" if cost.fine_minor else "",
        ]  # fmt: skip
        st.write(f"The loan ends, the copy counts as lost, and the member owes {', '.join(filter(None, parts))}.")
        with st.form(f"lost-{row.loan_id}", border=False):
            reason = st.text_input("Where you looked (may stay empty)", max_chars=500)
            if st.form_submit_button("Declare it lost"):
                _lose(row, reason)


def _lose(row: ClaimRow, reason: str) -> None:
    key = form_key(name := f"lose-{row.loan_id}")

    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = declare_lost(uow, loan_id=row.loan_id, reason=reason, key=key)
        return f"“{done.title}” is lost; {row.member} was charged {money(done.charged_minor)}.", done.act_id

    if do(PAGE, act):
        renew_key(name)
        st.rerun()


def soon_table(rows: Iterable[SoonLost]) -> None:
    """Late loans and when they count as lost."""
    row_table(("Counts as lost", "Title", "Member"), map(_soon, rows), label="Late loans soon lost", key="soon")


def _soon(row: SoonLost) -> tuple[str, ...]:
    left = f"in {count(row.days_left, 'open day', 'open days')}" if row.days_left else "tonight"
    mark = "late" if row.days_left <= 3 else "soon"
    since = f'<br><span class="small soft">due {esc(day(row.due_on))}</span>'
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    copy = f'<br><span class="small soft">{esc(row.barcode)}</span>'
    return f'<b class="{mark}">{esc(left)}</b>{since}', title + copy, _who(row.member_id, row.member)


def _who(member_id: int | None, name: str) -> str:
    if member_id is None:
        return '<span class="soft">nobody on record</span>'
    return anchor(href("member", id=member_id), f"<bdi>{esc(name)}</bdi>", more=_TEXT)


def lost_card(row: LostCopy) -> None:
    """A lost copy: since when, who had it, what became of the money; and a button for when it turns up."""
    with st.container(border=True):
        told, acts = st.columns([3, 1], vertical_alignment="center")
        with told:
            show_linked(_lost_told(row), f"lost-{row.copy_id}")
        acts.button("It turned up", key=f"up-{row.copy_id}", on_click=_turned_up, args=(row,), width="stretch",
                    help="What replacing it cost is taken back; the fine up to its cap stays.")  # fmt: skip


def _lost_told(row: LostCopy) -> str:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    since = f"Lost since {_day(row.lost_on)}, had by {_who(row.member_id, row.member)}" if row.lost_on else (
        "Marked as lost by hand")  # fmt: skip
    place = esc(" · ".join(filter(None, (row.location, row.shelf))))
    return (
        f'<h3>{title}</h3><p>{since}. {_paid(row)}</p><p class="small soft">Copy {esc(row.barcode)}, {place}</p>'
    )  # fmt: skip


def _day(on: date) -> str:
    return esc(day(on))


def _paid(row: LostCopy) -> str:
    if not row.charged_minor:
        return ""
    if row.owed_minor <= 0:
        return f"{esc(money(row.charged_minor))} was charged and is settled."
    return f'{esc(money(row.charged_minor))} was charged, <b class="late">{esc(money(row.owed_minor))} still owed</b>.'


def _turned_up(row: LostCopy) -> None:
    key = form_key(name := f"up-{row.copy_id}")

    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = check_in(uow, barcode=row.barcode, key=key)
        return fetched_words(done), done.act_id

    if do(PAGE, act):
        renew_key(name)
