"""The one main button of a title: it says what will happen, or the page says why it cannot."""

import streamlit as st

from lib.circulation.availability import availability
from lib.circulation.checkout import IssueReceipt, borrow, consider_borrow
from lib.circulation.decision import Decision
from lib.circulation.errors import SelfIssueOff
from lib.kit.errors import NotFound
from lib.ui.availability_line import place_of
from lib.ui.doorway import Visitor, form_key, reading, renew_key, showing_refusals, work
from lib.ui.navigation import go, here, link
from lib.ui.reason_list import show_reasons
from lib.ui.words import day, plain

THEIRS = {"already-theirs", "same-title"}


def borrow_box(visitor: Visitor, title_id: int) -> None:
    """Draws the button for who is here, or every reason against it with its way out."""
    with reading() as uow:
        place = place_of(availability(uow, [title_id]).get(title_id))
    spot = st.container()
    if not visitor.signed_in:
        _invite(place)
        return
    with spot:
        decision = _decision(title_id)
    if decision is None:
        return
    if not decision.may:
        show_reasons(decision.against, "You cannot borrow this now")
        if any(reason.code in THEIRS for reason in decision.against):
            link("my-library", "Renew it in My library", icon=":material/auto_stories:")
        return
    button = st.empty()
    label = f"Borrow: fetch it at {plain(place)}" if place else "Borrow"
    pressed = button.button(label, type="primary", icon=":material/auto_stories:", key=f"borrow-{title_id}")
    if decision.due_on and not pressed:
        spot.markdown(f"Yours until {plain(day(decision.due_on))}.")
    if pressed:
        with spot, showing_refusals():
            with work() as uow:
                receipt = borrow(uow, title_id=title_id, key=form_key(f"borrow-{title_id}"))
            renew_key(f"borrow-{title_id}")
            button.empty()
            _thank(receipt)


def _decision(title_id: int) -> Decision | None:
    try:
        with reading() as uow:
            return consider_borrow(uow, title_id=title_id)
    except SelfIssueOff:
        st.info("Bring the copy and your card to the desk to borrow it.", icon=":material/storefront:")
    except NotFound:
        st.info("The library has no copy of this title to lend.", icon=":material/info:")
    return None


def _invite(place: str) -> None:
    said = f"Sign in to borrow: it stands at {plain(place)}" if place else "Sign in"
    if st.button(said, type="primary", icon=":material/login:"):
        go("sign-in", next=here())


def _thank(receipt: IssueReceipt) -> None:
    where = ", ".join(filter(None, (receipt.location, receipt.shelf)))
    st.success(
        f"It is yours until **{plain(day(receipt.due_on))}**. Fetch it at **{plain(where)}**, "
        f"barcode {plain(receipt.barcode)}.",
        icon=":material/check_circle:",
    )
    link("my-library", "See it in My library", icon=":material/auto_stories:")
