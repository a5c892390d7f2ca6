"""A list as a table of our own HTML: headings, rows of ready cells, columns of numbers aligned to the right."""

from collections.abc import Iterable, Sequence

from lib.ui.linked import esc, show_linked


def row_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, label: str, key: str, numbers: Sequence[int] = ()
) -> None:  # fmt: skip
    """Draws the table; cells are HTML, `numbers` are the columns (from 0) of numbers. `label` names it to those who
    do not see it, `key` on its page."""
    head = "".join(f'<th scope="col"{_kind(at, numbers)}>{esc(name)}</th>' for at, name in enumerate(heads))
    body = "".join(
        f"<tr>{''.join(f'<td{_kind(at, numbers)}>{cell}</td>' for at, cell in enumerate(row))}</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(label)}">{table}</div>', key)


def _kind(at: int, numbers: Sequence[int]) -> str:
    return ' class="num"' if at in numbers else ""
