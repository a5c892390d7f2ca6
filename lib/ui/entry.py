"""What Streamlit runs for every screen: resolves who is here, builds the navigation, runs the page.

It lies here, and not beside pages/, because Streamlit serves a sibling pages/ folder without this script
until it has run once.
"""

import streamlit as st

from lib.access.permissions import Role
from lib.ui import doorway
from lib.ui.navigation import draw_menu, pages_for, set_here
from lib.ui.sign_in import draw_leave, forget_strangers, mind_the_door
from lib.ui.theme import ASSETS, FAVICON
from lib.ui.turns import a_turn

SIDEBAR = 244  # pixels


def main() -> None:
    """One run of the screen."""
    doorway.run_id(fresh=True)
    with a_turn():
        visitor = doorway.visitor()
        st.set_page_config(page_icon=str(FAVICON), layout="wide", initial_sidebar_state=SIDEBAR)
        st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "logo-mark.svg"), size="large")
        forget_strangers(visitor.actor)
        pages = pages_for(visitor.actor, lambda: doorway.turn_away(visitor))
        page = st.navigation(list(pages.values()), position="hidden")
        st.set_page_config(page_title=f"{page.title} · {visitor.library.name}")
        set_here(page)
        if visitor.actor.role is Role.TERMINAL:  # a device of the library's own: it shows one page and no menu
            if page.url_path != "kiosk":
                st.switch_page(pages["kiosk"])
        else:
            draw_menu(visitor.actor, pages, page)
            draw_leave(visitor)
        doorway.show_said()
        if not mind_the_door():
            page.run()
        doorway.show_said()


main()
