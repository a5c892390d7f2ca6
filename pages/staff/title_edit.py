"""One title: its record, its cover, its copies; archive or delete. Without an id, a new title."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.forms import TitleForm
from lib.catalogue.locations import list_locations
from lib.catalogue.queries import genres, kinds, sections, title
from lib.catalogue.titles import add_title, edit_title, title_for_editing
from lib.ui.doorway import enter, form_key, reading, renew_key, say, showing_refusals, work
from lib.ui.navigation import go, link
from lib.ui.title_copies import title_copies
from lib.ui.title_cover import title_cover
from lib.ui.title_fate import title_fate
from lib.ui.title_form import title_form
from lib.ui.words import plain

enter(Permission.EDIT_CATALOGUE)
asked = st.query_params.get("id", "")
title_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
link("titles", "All titles", icon=":material/arrow_back:")
with showing_refusals():
    with reading() as uow:
        vocabularies = kinds(uow), sections(uow), genres(uow)
        places = list_locations(uow)
        old, version = title_for_editing(uow, title_id) if title_id is not None else (TitleForm(title=""), 0)
        detail = title(uow, title_id) if title_id is not None else None
    st.title(plain(detail.title) if detail else "Add a title", anchor=False)
    if detail is not None:
        title_fate(detail)
    record, copies, cover = st.tabs([
        "Record", f"Copies ({len(detail.copies)})" if detail else "Copies", "Cover",
    ])  # fmt: skip
    with record:
        form = title_form(old, f"title-{title_id}-{version}" if detail else form_key("title"), *vocabularies)
    made = None
    if form is not None:
        with showing_refusals():
            with work() as uow:
                if title_id is None:
                    made = add_title(uow, form)
                else:
                    edit_title(uow, title_id, form, seen_version=version)
            renew_key("title")
            say(f"“{form.title}” is saved." + ("" if title_id else " Now add its copies."))
            go("edit-title", id=title_id or made)
    with copies:
        title_copies(detail, places)
    with cover:
        title_cover(detail)
