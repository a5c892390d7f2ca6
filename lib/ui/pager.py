"""Pages of a long list as numbered links."""

from collections.abc import Callable

from lib.ui.linked import anchor
from lib.ui.words import number

AROUND = 2


def pager_html(page: int, pages: int, address: Callable[[int], str]) -> str:
    """Links to the first, the last, the neighbours and the next page; nothing for a single page."""
    if pages < 2:
        return ""
    parts = [anchor(address(page - 1), "Previous", more='rel="prev"')] if page > 1 else []
    before = 0
    for at in _shown(page, pages):
        if at - before > 1:
            parts.append('<span aria-hidden="true">…</span>')
        mark = 'aria-current="page"' if at == page else f'aria-label="Page {at}"'
        parts.append(anchor(address(at), number(at), more=mark))
        before = at
    if page < pages:
        parts.append(anchor(address(page + 1), "Next", more='rel="next"'))
    return f'<nav class="pager" aria-label="Pages">{"".join(parts)}</nav>'


def _shown(page: int, pages: int) -> list[int]:
    near = range(max(1, page - AROUND), min(pages, page + AROUND) + 1)
    return sorted({1, pages, *near})
