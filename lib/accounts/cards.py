"""Library cards: numbers with a check digit, and the printed card with its barcode."""

import json
import re
import secrets
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from sqlalchemy import select

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import Account, MembershipType
from lib.audit.trail import record
from lib.kit.errors import NotFound

PREFIX = "29"  # EAN numbers from 20 to 29 are free for use inside a house
_LAYOUT = Path(__file__).with_name("card.typ")


def check_digit(digits: str) -> str:
    """The last digit of an EAN-13 number whose first twelve are given (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)


def new_card_number(uow: UnitOfWork) -> str:
    """A free card number: 29, ten random digits (so that none can be guessed from another), a check digit."""
    while True:
        body = PREFIX + f"{secrets.randbelow(10**10):010d}"
        number = body + check_digit(body)
        if uow.connection.scalar(select(Account.id).where(Account.card_number == number)) is None:
            return number


def card_number_of(scanned: str) -> str | None:
    """A scanned or typed card number without its spaces, or None when its check digit is wrong.

    Thirteen digits (EAN-13), or the fourteen of older library cards (Codabar, Luhn).
    """
    digits = re.sub(r"[\s-]", "", scanned)
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 13:
        return digits if check_digit(digits[:12]) == digits[12] else None
    return digits if len(digits) == 14 and _luhn(digits) else None


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def card_pdf(uow: UnitOfWork, account_id: int) -> bytes:
    """A library card to print: one page of credit-card size with the barcode. One's own, or a member's by staff.

    Raises:
        NotFound: there is no such account, or it has no card number yet.
    """
    own = account_id == uow.actor.account_id
    uow.require(Permission.USE_ACCOUNT if own else Permission.READ_MEMBERS)
    row = uow.connection.execute(
        select(Account.name, Account.card_number, Account.membership_ends_on, MembershipType.name)
        .outerjoin(MembershipType, MembershipType.id == Account.membership_type_id)
        .where(Account.id == account_id)
    ).first()
    if row is None or row[1] is None:
        raise NotFound("library card")
    if not own:
        uow.afterwards.append(lambda later: record(later, "account.print-card", "account", account_id))
    facts = {
        "library": uow.library.name, "name": row[0], "number": row[1], "kind": row[3] or "",
        "ends": format_date(row[2], "long", uow.library.locale.replace("-", "_")) if row[2] else "",
    }  # fmt: skip
    return _typeset(facts)


def _typeset(facts: dict[str, str]) -> bytes:
    import typst  # noqa: PLC0415  # heavy: a whole typesetter

    inputs = {"card": json.dumps(facts), "bars": barcode_svg(facts["number"]).decode()}
    made: Any = typst.compile(_LAYOUT.read_bytes(), sys_inputs=inputs, format="pdf")
    return bytes(made)


def barcode_svg(number: str) -> bytes:
    """A card number as bars: EAN-13 where it is one, else Code 128."""
    import barcode  # noqa: PLC0415  # only cards and labels need it
    from barcode.writer import SVGWriter  # noqa: PLC0415

    is_ean = len(number) == 13 and card_number_of(number) is not None
    kind = barcode.get_barcode_class("ean13" if is_ean else "code128")
    out = BytesIO()
    options = {"write_text": False, "module_height": 9.0, "quiet_zone": 3.0, "background": "white"}
    kind(number, writer=SVGWriter()).write(out, options)
    return out.getvalue()
