"""Sections as tiles, genres and authors as an index, each leading to its titles."""

from lib.catalogue.queries import BrowseRow, SectionRow
from lib.kit.paging import Page
from lib.ui.linked import anchor, esc, listed
from lib.ui.navigation import href
from lib.ui.pager import pager_html
from lib.ui.words import count, number

WAYS = {"section": "Sections", "genre": "Genres", "author": "Authors"}


def ways_html(by: str) -> str:
    """The three ways as links; the one taken is marked."""
    links = (
        anchor(href("browse", by=way), name, more='aria-current="true"' if way == by else "")
        for way, name in WAYS.items()
    )
    return f'<nav class="sorts" aria-label="Browse by">{"".join(links)}</nav>'


def section_tiles(rows: tuple[SectionRow, ...]) -> str:
    """Sections that have titles, with their descriptions."""
    tiles = [_tile(row) for row in rows if row.titles]
    return listed(tiles, "tiles") if tiles else _nothing("No section has titles yet.")


def _tile(row: SectionRow) -> str:
    said = f'<p dir="auto">{esc(row.description)}</p>' if row.description else ""
    held = f'<p class="soft small">{esc(count(row.titles, "title", "titles"))}</p>'
    return anchor(href("catalogue", section=row.id), f"<h2><bdi>{esc(row.name)}</bdi></h2>{held}{said}")


def genre_index(rows: Page[BrowseRow]) -> str:
    """Genres by name with their number of titles."""
    if not rows.rows:
        return _nothing("No title has a genre yet.")
    return _index(rows, "genre") + _pages(rows, by="genre")


def author_index(rows: Page[BrowseRow], text: str) -> str:
    """Authors by name with their number of titles."""
    if not rows.rows:
        return _nothing(f"No author here is called “{text}”." if text else "No title has an author yet.")
    return _index(rows, "author_id") + _pages(rows, by="author", q=text or None)


def _index(rows: Page[BrowseRow], parameter: str) -> str:
    return listed(
        (
            anchor(
                href("catalogue", **{parameter: row.id}),
                f'<bdi>{esc(row.name)}</bdi><span class="soft">{number(row.titles)}</span>',
            )
            for row in rows.rows
        ),
        "index",
    )


def _pages(rows: Page[BrowseRow], **asked: object) -> str:
    return pager_html(rows.number, rows.pages, lambda page: href("browse", **asked, page=page if page > 1 else None))


def _nothing(text: str) -> str:
    return f'<div class="empty">{esc(text)}</div>'
