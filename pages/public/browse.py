"""Browse: by section, by genre, by author; for those who do not know yet what they want."""

import streamlit as st

from lib.catalogue.queries import browse_authors, browse_genres, sections
from lib.ui.browse_index import WAYS, author_index, genre_index, section_tiles, ways_html
from lib.ui.doorway import enter, reading
from lib.ui.linked import open_link, show_linked
from lib.ui.navigation import href
from lib.ui.search_address import id_of
from lib.ui.search_box import search_box

enter()
st.title("Browse", anchor=False)
by = st.query_params.get("by", "section")
by = by if by in WAYS else "section"
text = st.query_params.get("q", "")[:100]
number = id_of(st.query_params.get("page", "")) or 1
show_linked(ways_html(by), "ways")
if by == "author" and (typed := search_box(text, key="who", label="An author's name")) is not None:
    open_link(href("browse", by=by, q=typed or None))
with reading() as uow:
    if by == "section":
        html = section_tiles(sections(uow))
    elif by == "genre":
        html = genre_index(browse_genres(uow, size=200, page=number))
    else:
        html = author_index(browse_authors(uow, text, page=number, size=90), text)
show_linked(html, "index")
