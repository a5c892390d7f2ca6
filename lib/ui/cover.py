"""A title's cover, uploaded or typeset, as HTML."""

from lib.ui.linked import anchor, esc
from lib.ui.navigation import href


def cover_html(title_id: int, *, lazy: bool = True) -> str:
    """The picture alone. It is decoration: the title stands beside it in words."""
    wait = ' loading="lazy"' if lazy else ""
    return f'<img class="cover" src="/files/cover/{title_id}" alt="" width="300" height="450"{wait}>'


def cover_link(title_id: int, title: str) -> str:
    """The picture as a link to its title; left out of the keyboard's way, for the title itself is a link too."""
    address = href("title", id=title_id)
    return anchor(address, cover_html(title_id), more=f'tabindex="-1" aria-hidden="true" title="{esc(title)}"')
