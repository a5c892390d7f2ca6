"""What somebody has read: a table, and the same as CSV to copy."""

import csv
from io import StringIO

from lib.circulation.queries import PastLoanRow
from lib.kit.paging import Page
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.pager import pager_html
from lib.ui.words import day

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def history_html(past: Page[PastLoanRow]) -> str:
    """The loans of one page as a table, with links to the others."""
    head = '<tr><th scope="col">Title</th><th scope="col">Borrowed</th><th scope="col">Returned</th></tr>'
    rows = "".join(_row(loan) for loan in past.rows)
    table = f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    return table + pager_html(past.number, past.pages, lambda page: href("history", page=page if page > 1 else None))


def _row(loan: PastLoanRow) -> str:
    title = anchor(href("title", id=loan.title_id), f"<bdi>{esc(loan.title)}</bdi>", more='class="text"')
    by = f'<br><span class="soft small"><bdi>{esc(loan.authors)}</bdi></span>' if loan.authors else ""
    return f"<tr><td>{title}{by}</td><td>{esc(day(loan.issued_on))}</td><td>{esc(day(loan.returned_on))}</td></tr>"


def history_csv(past: Page[PastLoanRow]) -> str:
    """The loans of one page as CSV; cells that a spreadsheet would run as a formula start with an apostrophe."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["title", "authors", "barcode", "borrowed", "returned"])
    for loan in past.rows:
        texts = [_harmless(text) for text in (loan.title, loan.authors, loan.barcode)]
        writer.writerow([*texts, loan.issued_on.isoformat(), loan.returned_on.isoformat()])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
