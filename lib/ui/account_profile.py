"""The account page's part about the person: name, ways to be reached, language, e-mail address."""

import streamlit as st
from babel.core import Locale

from lib.accounts.members import ProfileForm, edit_profile
from lib.accounts.queries import MemberDetail
from lib.accounts.recovery import request_email_change
from lib.notices.privacy import NAME_TITLES, may_name_titles
from lib.ui.doorway import actor_now, installation, say, showing_refusals, work
from lib.ui.words import day, plain

LANGUAGES = ("en", "en-GB", "en-US", "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko",
             "nl", "no", "pl", "pt", "pt-BR", "ro", "ru", "sv", "tr", "uk", "vi", "zh")  # fmt: skip
LABELS = {"name": "Name", "phone": "Telephone", "address": "Address", "language": "Language"}


def draw_card(mine: MemberDetail) -> None:
    """Who the library knows here: card, membership, and the card to print."""
    with st.container(border=True):
        st.markdown(f"**{plain(mine.name)}** · {plain(mine.email or 'no e-mail address')}")
        if mine.card_number:
            ends = f", until {day(mine.membership_ends_on)}" if mine.membership_ends_on else ""
            st.markdown(f"Card `{mine.card_number}` · {plain(mine.membership_type or 'Member')}{ends}")
            st.link_button("My card as PDF", f"/files/card/{mine.account_id}", icon=":material/badge:")


def draw_profile(mine: MemberDetail) -> None:
    """The form of what one may change oneself."""
    choices = LANGUAGES if mine.language in LANGUAGES else (mine.language, *LANGUAGES)
    with st.form("profile", border=False):
        name = st.text_input("Name", mine.name, autocomplete="name")
        phone = st.text_input("Telephone", mine.phone, autocomplete="tel")
        postal = st.text_area("Address", mine.address, height=100)
        language = st.selectbox(
            "How dates, numbers and mails are written", choices, choices.index(mine.language), format_func=language_name
        )
        names_titles = st.checkbox(
            "Mails may name the titles I wait for", may_name_titles(mine.preferences),
            help="Off: they say “a title you asked for” instead.",
        )  # fmt: skip
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        form = ProfileForm(name=name, phone=phone, address=postal, language=language,
                           preferences={**mine.preferences, NAME_TITLES: names_titles})  # fmt: skip
        with showing_refusals(**LABELS):
            with work() as uow:
                edit_profile(uow, form, seen_version=mine.version)
            say("Your record is saved.")
            st.rerun()


def language_name(tag: str) -> str:
    """A language in its own words and in English: "Deutsch (German)"."""
    found = Locale.parse(tag, sep="-")
    own, english = found.get_display_name() or tag, found.get_display_name("en") or tag
    return own if own == english else f"{own[:1].upper()}{own[1:]} ({english})"


def draw_email_change() -> None:
    """Asks for a new e-mail address, which is confirmed by a link."""
    with st.form("email", border=False):
        new = st.text_input("New e-mail address", autocomplete="email")
        password = st.text_input("Present password", type="password", autocomplete="current-password", key="email.pw")
        pressed = st.form_submit_button("Send a link to the new address")
    if pressed:
        with showing_refusals():
            request_email_change(installation(), actor_now(), new, password)
            st.success("A link is on its way. The old address stays until you open it.", icon=":material/mail:")
