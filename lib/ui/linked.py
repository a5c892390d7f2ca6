"""A piece of the library's own HTML, themed, whose links open within the running app.

One element takes the place of dozens: a page of twelve titles is one message to the browser. What people typed
enters only through `esc`.
"""

import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import streamlit as st

from lib.ui.navigation import BY_PATH, page_at

_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "tome_linked",
    html='<div class="linked"></div>',
    css=(_ASSETS / "linked.css").read_text("utf-8"),
    js=(_ASSETS / "linked.js").read_text("utf-8"),
)


def show_linked(html: str, key: str) -> None:
    """Shows HTML made of our own markup and escaped text; `key` names the piece on its page."""
    mark = hashlib.blake2b(html.encode(), digest_size=8).hexdigest()
    _component(key=key, data={"html": html, "mark": mark})


def open_link(address: str) -> None:
    """Goes to an address of this library; one that is none of its pages is ignored."""
    parts = urlsplit(address)
    path = parts.path.strip("/")
    if not parts.netloc and path in BY_PATH:
        st.switch_page(page_at(path), query_params=parse_qs(parts.query))


def esc(text: object) -> str:
    """Text as HTML shows it letter by letter, in attributes too."""
    return escape(str(text), quote=True)


def anchor(address: str, inner: str, *, more: str = "") -> str:
    """A link; `inner` is HTML, `more` further attributes."""
    return f'<a href="{esc(address)}"{" " + more if more else ""}>{inner}</a>'


def tied(text: object) -> str:
    """Text as HTML that is never broken: a day, or where a copy stands."""
    return f'<span class="tied">{esc(text)}</span>'


def listed(items: Iterable[str], kind: str, *, tag: str = "ul") -> str:
    """A list of HTML items with a class of linked.css."""
    return f'<{tag} class="{kind}">{"".join(f"<li>{item}</li>" for item in items)}</{tag}>'
