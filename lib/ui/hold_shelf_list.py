"""The hold shelf on screen: for whom what lies there until when, its slips, and what must come off it."""

from datetime import date

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.hold_changes import extend_shelf_day
from lib.circulation.hold_shelf import ShelfRow, TakeOffRow
from lib.circulation.holds import cancel_hold
from lib.circulation.returns import check_in
from lib.ui.done_note import do
from lib.ui.doorway import form_key, renew_key
from lib.ui.fetched_words import fetched_words, offer_words
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.not_there import missed
from lib.ui.paper_button import paper_button
from lib.ui.words import count, day, number, when

PAGE = "hold-shelf"
_TEXT = 'class="text"'
_ENDED = {"expired": "not collected", "cancelled": "cancelled", "collected": "collected with another copy"}


def choose_part(to_clear: int) -> bool:
    """Whether what must come off the shelf is looked at, in place of what lies there for readers."""
    names = {"ready": "For readers", "off": f"To take off ({number(to_clear)})" if to_clear else "To take off"}
    asked = st.query_params.get("show", "ready")
    chosen = st.radio(
        "Which", list(names), list(names).index(asked if asked in names else "ready"), horizontal=True, key="show",
        format_func=lambda name: names[name], label_visibility="collapsed",
    )  # fmt: skip
    st.query_params["show"] = chosen or "ready"
    return chosen == "off"


def slip_links(new: int, shown: tuple[ShelfRow, ...]) -> None:
    """Slips to print: all since the last time, or of what is listed."""
    with st.container(horizontal=True):
        with st.container(width="content"):  # a place of its own: what follows keeps its own when this goes
            if new:
                label = f"Print {count(new, 'new slip', 'new slips')}"
                paper_button(
                    label, "/files/hold-slips/new", "hold-slips.pdf", key="new-slips",
                    nothing="All slips are printed already; those of this list can be printed again.",
                )  # fmt: skip
        if shown:
            ids = ",".join(str(row.hold_id) for row in shown)
            st.link_button("Print the slips of this list", f"/files/hold-slips?ids={ids}", icon=":material/print:")


def shelf_card(row: ShelfRow, today: date) -> None:
    """One copy on the hold shelf with what can be done with it."""
    with st.container(border=True):
        show_linked(_told(row, today), f"ready-{row.hold_id}")
        acts = st.container(horizontal=True)
        with acts.popover("Another last day"), st.form(f"extend-{row.hold_id}", border=False):
            until = st.date_input(
                "Up to and including", max(row.shelf_until, today), min_value=today, format="DD/MM/YYYY"
            )  # fmt: skip
            why = st.text_input("Why", max_chars=500, help="The reader is told the new day.")
            if st.form_submit_button("Set this day"):
                _extend(row, until, why)
        with acts.popover("Cancel the hold"), st.form(f"cancel-{row.hold_id}", border=False):
            reason = st.text_input("Why", max_chars=500, help="The reader is told. The copy goes to the next at once.")
            if st.form_submit_button("Cancel this hold"):
                _cancel(row, reason)
        acts.button("It is not there", key=f"miss-{row.hold_id}", on_click=missed,
                    args=(PAGE, row.barcode, f"miss-{row.hold_id}-{row.copy_id}"),
                    help="The copy counts as lost until somebody scans it; its reader waits again, first.")  # fmt: skip


def _told(row: ShelfRow, today: date) -> str:
    who = anchor(href("member", id=row.account_id), f"<bdi>{esc(row.name)}</bdi>", more=_TEXT)
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    card = f' <span class="small soft">card {esc(row.card_number)}</span>' if row.card_number else ""
    slip = anchor(f"/files/hold-slip/{row.hold_id}", "Slip (PDF)", more='class="text" target="_blank" rel="noopener"')
    return (
        f"<h3>{who}{card}</h3><p>{title}</p>"
        f'<p class="small">{_until(row, today)} · copy {esc(row.barcode)} · {slip}</p>'
    )


def _until(row: ShelfRow, today: date) -> str:
    written = esc(day(row.shelf_until))
    left = (row.shelf_until - today).days
    if row.overdue:
        return f'<b class="late">Its time was up on {written}: tonight it goes to the next</b>'
    if left <= 1:
        return f'<b class="soon">Until {"tomorrow" if left else "today"}, {written}</b>'
    return f"<b>Until {written}</b>"


def _extend(row: ShelfRow, until: date, reason: str) -> None:
    def act(uow: UnitOfWork) -> tuple[str, None]:
        extend_shelf_day(uow, row.hold_id, until, reason)
        return f"“{row.title}” lies there for {row.name} until {day(until)}.", None

    if do(PAGE, act):
        st.rerun()


def _cancel(row: ShelfRow, reason: str) -> None:
    key = form_key(name := f"cancel-{row.hold_id}")

    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = cancel_hold(uow, row.hold_id, reason=reason, key=key)
        next_one = offer_words(done.offer) or "Nobody else waits: take the copy off the hold shelf."
        return f"The hold of {row.name} is cancelled. {next_one}", done.act_id

    if do(PAGE, act):
        renew_key(name)
        st.rerun()


def take_off_list(rows: tuple[TakeOffRow, ...]) -> None:
    """What lies on the hold shelf for nobody any more, where it belongs, and a button that says it is back there."""
    for row in rows:
        with st.container(border=True):
            told, acts = st.columns([3, 1], vertical_alignment="center")
            with told:
                show_linked(_off_told(row), f"off-{row.hold_id}")
            acts.button("Back on its shelf", key=f"back-{row.hold_id}", on_click=_put_back, args=(row,),
                        width="stretch")  # fmt: skip


def _off_told(row: TakeOffRow) -> str:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    place = esc(" · ".join(filter(None, (row.location, row.shelf))))
    ended = f"{_ENDED.get(row.state, row.state)} {esc(when(row.ended_at))}"
    return f'<h3>{title}</h3><p>To <b>{place}</b></p><p class="small soft">Copy {esc(row.barcode)}, hold {ended}</p>'


def _put_back(row: TakeOffRow) -> None:
    scanned(row.barcode, form_key(name := f"off-{row.hold_id}"))
    renew_key(name)


def scanned(code: str, key: str) -> None:
    """A copy of the hold shelf in hand: as a return, which clears it or gives it to the next."""
    if not code.strip():
        return

    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = check_in(uow, barcode=code, key=key)
        return fetched_words(done), done.act_id

    do(PAGE, act)
