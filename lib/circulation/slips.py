"""Slips to put into what lies on the hold shelf: for whom, until when; one, some, or all since the last print."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.cards import barcode_svg
from lib.audit.trail import record
from lib.circulation.hold_models import HoldState
from lib.circulation.queries import AUTHORS
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day, as_instant

MOST = 200
CARD_DIGITS = 4  # enough to tell two readers of one name apart
_LAYOUT = Path(__file__).with_name("slip.typ")
_SLIPS = Statement(
    "SELECT h.id, a.name, a.card_number, h.shelf_until, h.title_id, t.title, c.barcode, h.state FROM hold h"
    " JOIN account a ON a.id = h.account_id JOIN title t ON t.id = h.title_id JOIN copy c ON c.id = h.shelf_copy_id"
    " WHERE h.id IN (:*ids)"
)

# The last print of all new slips says up to when copies had theirs; it is the newest row of few.
_PRINTED = Statement(
    "SELECT facts FROM audit WHERE subject_kind = 'hold-shelf' AND subject_id = 0 ORDER BY id DESC LIMIT 1"
)
_NEW = Statement("SELECT id, ready_at FROM hold WHERE state = 'ready' AND shelf_until >= :since ORDER BY id LIMIT 5000")
_LONG_AGO = date(1970, 1, 1)


def slip_pdf(uow: UnitOfWork, hold_id: int) -> bytes:
    """The slip of one ready hold, a page of receipt paper 80 mm wide.

    Raises:
        NotFound: no such hold, or no copy lies on the shelf for it.
    """
    return slips_pdf(uow, [hold_id])


def slips_pdf(uow: UnitOfWork, hold_ids: Iterable[int]) -> bytes:
    """The slips of ready holds (the first 200), a page each, in the order asked for; others are left out.

    Raises:
        NotFound: no copy lies on the shelf for any of them.
    """
    uow.require(Permission.CIRCULATE)
    ids = list(dict.fromkeys(hold_ids))[:MOST]
    rows = _SLIPS.rows(uow.connection, ids=ids) if ids else ()
    found = {row[0]: row for row in rows if row[7] == HoldState.READY}
    if not found:
        raise NotFound("ready hold")
    names: dict[int, list[str]] = {}
    for title_id, name in AUTHORS.rows(uow.connection, ids=[row[4] for row in found.values()]):
        names.setdefault(title_id, []).append(name)
    slips = [_slip(uow, found[number], ", ".join(names.get(found[number][4], ()))) for number in ids if number in found]
    uow.afterwards.append(lambda later: record(later, "hold.print-slips", "hold", None, holds=sorted(found)))
    return _typeset(slips)


def new_slips(uow: UnitOfWork) -> tuple[int, ...]:
    """The ready holds (the first 200) whose copies came to the hold shelf since all new slips were printed last."""
    return tuple(number for number, _ in _unprinted(uow))


def new_slips_pdf(uow: UnitOfWork) -> bytes:
    """Their slips; the next print begins after them.

    Raises:
        NotFound: nothing came since.
    """
    found = _unprinted(uow)
    made = slips_pdf(uow, [number for number, _ in found])
    last = max(at for _, at in found).isoformat()
    uow.afterwards.append(lambda later: record(later, "hold.print-new-slips", "hold-shelf", 0, until=last))
    return made


def _unprinted(uow: UnitOfWork) -> list[tuple[int, datetime]]:
    uow.require(Permission.CIRCULATE)
    row = _PRINTED.row(uow.connection)
    facts = (json.loads(row[0]) if isinstance(row[0], str) else row[0]) if row else {}
    until = datetime.fromisoformat(facts["until"]) if facts else None
    ready = ((number, as_instant(at)) for number, at in _NEW.rows(uow.connection, since=_LONG_AGO))
    found = sorted((at, number) for number, at in ready if at is not None and (until is None or at > until))
    return [(number, at) for at, number in found[:MOST]]


def _slip(uow: UnitOfWork, row: Any, authors: str) -> dict[str, str]:
    _, name, card, shelf_until, _, title, barcode, _ = row
    until = as_day(shelf_until)
    assert until is not None
    return {
        "name": name, "card": (card or "")[-CARD_DIGITS:], "title": title, "authors": authors, "barcode": barcode,
        "until": format_date(until, "long", uow.library.locale.replace("-", "_")), "library": uow.library.name,
        "bars": barcode_svg(barcode).decode(),
    }  # fmt: skip


def _typeset(slips: list[dict[str, str]]) -> bytes:
    import typst  # noqa: PLC0415  # heavy: a whole typesetter

    made: Any = typst.compile(_LAYOUT.read_bytes(), sys_inputs={"slips": json.dumps(slips)}, format="pdf")
    return bytes(made)
