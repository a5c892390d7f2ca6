"""The pull list on paper: what to fetch for those who wait, place by place, with a box to tick."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from babel.dates import format_datetime

from lib.access.work import UnitOfWork
from lib.circulation.hold_shelf import PullRow, pull_list
from lib.kit.errors import NotFound

MOST = 500
_LAYOUT = Path(__file__).with_name("pull.typ")


def pull_list_pdf(uow: UnitOfWork, *, location: str | None = None) -> bytes:
    """What `pull_list` shows, at most 500 copies, on A4. It names no readers: it is carried through the house.

    Raises:
        NotFound: nothing is to be fetched.
    """
    rows: list[PullRow] = []
    number = 1
    while len(rows) < MOST:
        found = pull_list(uow, location=location, page=number, size=200)
        rows += found.rows
        if number >= found.pages:
            break
        number += 1
    if not rows:
        raise NotFound("copy to fetch")
    locale = uow.library.locale.replace("-", "_")
    facts = {
        "library": uow.library.name, "printed": format_datetime(uow.now, "medium", tzinfo=uow.zone, locale=locale),
        "total": found.total,
        "places": [
            {"name": name, "rows": [[row.shelf, row.call_number, row.title, row.authors, row.barcode] for row in group]}
            for name, group in groupby(rows[:MOST], key=lambda row: row.location)
        ],
    }  # fmt: skip
    return _typeset(facts)


def _typeset(facts: dict[str, Any]) -> bytes:
    import typst  # noqa: PLC0415  # heavy: a whole typesetter

    made: Any = typst.compile(_LAYOUT.read_bytes(), sys_inputs={"list": json.dumps(facts)}, format="pdf")
    return bytes(made)
