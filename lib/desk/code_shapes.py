"""What a scanned code that is no copy of ours may be, told by its shape, never by whether such a card exists.

A kiosk asks for a PIN for everything that may be a card, also for numbers that nobody has: whoever tries numbers out
learns the first two characters of cards, which stand on every card, and nothing of a single one.
"""

import re
from enum import StrEnum

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.cards import PREFIX
from lib.accounts.fields import readable
from lib.catalogue.policy import isbn13_of
from lib.kit.database import Statement

_CARDS = Statement("SELECT card_number FROM account WHERE card_number >= :start ORDER BY card_number LIMIT 20")
_BOOKLAND = re.compile(r"97[789][0-9]{10}(?:[0-9]{2}|[0-9]{5})?")  # with the price or the issue that follows
_PRINTED = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./_-]{1,39}")


class CodeShape(StrEnum):
    """CARD: it may be one, of this library. PUBLISHER: an ISBN, or the number of a magazine."""

    CARD = "card"
    PUBLISHER = "publisher"
    OTHER = "other"


def shape_of(uow: UnitOfWork, scanned: str) -> CodeShape:
    """What a code looks like that is no barcode of a copy.

    Cards are numbers of our own series, and what begins as cards do that were brought in from elsewhere.
    """
    uow.require(Permission.SELF_CHECK)
    code = readable(scanned, 64).replace(" ", "")
    if _BOOKLAND.fullmatch(code.replace("-", "")):
        return CodeShape.PUBLISHER
    if (len(code) == 13 and code.isdigit() and code.startswith(PREFIX)) or _begins_as_cards_do(uow, code):
        return CodeShape.CARD
    return CodeShape.PUBLISHER if isbn13_of(code) else CodeShape.OTHER


def _begins_as_cards_do(uow: UnitOfWork, code: str) -> bool:
    if not _PRINTED.fullmatch(code):
        return False
    start = code[:2]
    return any(row[0].startswith(start) for row in _CARDS.rows(uow.connection, start=start))
