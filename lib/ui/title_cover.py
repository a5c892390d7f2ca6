"""The cover of a title on its staff page: as readers see it, a new one, or back to the typeset one."""

import streamlit as st

from lib.catalogue.covers import remove_cover, set_cover
from lib.catalogue.pictures import kept_picture
from lib.catalogue.rows import TitleDetail
from lib.ui.cover import cover_html
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.linked import show_linked


def title_cover(detail: TitleDetail | None) -> None:
    """Draws it; a new title has none yet."""
    if detail is None:
        st.info("Save the title first. Until a cover is uploaded, one is typeset for it.", icon=":material/image:")
        return
    left, right = st.columns([1, 3], gap="large")
    with left:
        show_linked(cover_html(detail.id), f"cover-{detail.id}-{detail.version}")
    with right, st.form("cover", clear_on_submit=True):
        file = st.file_uploader("A picture of the cover", ["jpg", "jpeg", "png", "webp"], max_upload_size=10)
        pressed = st.form_submit_button("Use this cover", type="primary")
        if pressed and file is None:
            st.warning("Choose a picture first.", icon=":material/image:")
        elif pressed and file is not None:
            with showing_refusals():
                drawn = kept_picture(file.getvalue())
                with work() as uow:
                    set_cover(uow, detail.id, drawn)
                say("The cover is in place.")
                st.rerun()
    if detail.has_cover and right.button("Take the cover off"):
        with showing_refusals():
            with work() as uow:
                remove_cover(uow, detail.id)
            say("The cover is gone; the typeset one is shown.")
            st.rerun()
