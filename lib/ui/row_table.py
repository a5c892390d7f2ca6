"""A list as a table of our own HTML: headings, rows of ready cells, columns of numbers aligned to the right."""

from collections.abc import Iterable, Sequence

from lib.ui.linked import esc, show_linked


def row_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, label: str, key: str, numbers: Sequence[int] = (),
    stack: bool = False,
) -> None:  # fmt: skip
    """Draws the table; cells are HTML, `numbers` are the columns (from 0) of numbers. `label` names it to those who
    do not see it, `key` on its page. `stack`: on a phone the cells of a row stand below one another."""
    head = "".join(
        f'<th scope="col" role="columnheader"{_kind(at, numbers)}>{esc(name)}</th>' for at, name in enumerate(heads)
    )
    body = "".join(f'<tr role="row">{_cells(heads, row, numbers)}</tr>' for row in rows)
    look = ' class="stack"' if stack else ""
    table = (
        f'<table role="table"{look}><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(label)}">{table}</div>', key)


def _cells(heads: Sequence[str], row: Sequence[str], numbers: Sequence[int]) -> str:
    """Its roles are named because a table whose cells are stacked is none any more to some screen readers; numbers
    stand beside their heading then."""
    return "".join(
        f'<td role="cell"{_kind(at, numbers)}{_named(heads[at], at, numbers)}>{cell}</td>'
        for at, cell in enumerate(row)
    )


def _named(head: str, at: int, numbers: Sequence[int]) -> str:
    return f' data-head="{esc(head)}"' if at in numbers else ""


def _kind(at: int, numbers: Sequence[int]) -> str:
    return ' class="num"' if at in numbers else ""
