"""What may stand in the fields of a person, one function a field; each collects its fault instead of raising it."""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from langcodes import tag_is_valid

from lib.kit.errors import Fault, Invalid
from lib.kit.text import clean, fold, one_line

T = TypeVar("T")
_USERNAME = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_PHONE = re.compile(r"\+?[\d ()/.-]+")
RESERVED = frozenset(
    {"admin", "administrator", "librarian", "library", "root", "system", "guest", "member", "staff", "support"}
)
LARGEST_PREFERENCES = 8192


class Faults(list[Fault]):
    """Faults met so far. `read` runs a check and keeps its fault; `raise_any` refuses once all are known."""

    def read(self, check: Callable[[], T], otherwise: T) -> T:
        """What a check returns, or `otherwise` when it found a fault."""
        try:
            return check()
        except Invalid as invalid:
            self.extend(invalid.faults)
            return otherwise

    def raise_any(self) -> None:
        """Raises Invalid with every fault, if there is one."""
        if self:
            raise Invalid(*self)


def _fault(field: str, text: str) -> Invalid:
    return Invalid(Fault(field, text))


def readable(text: str, most: int = 254) -> str:
    """What was typed to look something up: without what no stored text can hold, cut to `most` characters."""
    return "".join(char for char in text[:2000] if char != "\x00" and not "\ud800" <= char <= "\udfff").strip()[:most]


def email_key_of(email: str) -> str:
    """An address as it is compared: case folded, one Unicode form."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def read_email(text: str, field: str = "email") -> str:
    """An e-mail address in its usual form; no look at the network."""
    typed = one_line(text, field)
    if not typed:
        raise _fault(field, "Give an e-mail address, like ada@example.org.")
    try:
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise _fault(field, f"This is not an e-mail address: {str(error).rstrip('.')}.") from error


def read_name(text: str, field: str = "name") -> str:
    """A person's name in any script, 1–120 characters with a letter in them."""
    name = one_line(text, field)
    if not any(char.isalpha() for char in name):
        raise _fault(field, "Give a name.")
    if len(name) > 120:
        raise _fault(field, "This name is longer than 120 characters.")
    if any(not char.isprintable() for char in name):
        raise _fault(field, "This name holds characters that cannot be shown.")
    return name


def read_username(text: str, *, reserved: bool = True, field: str = "username") -> str:
    """A user name: 3–40 letters and digits, with . _ - inside, not a number alone."""
    name = one_line(text, field)
    if not 3 <= len(name) <= 40 or not _USERNAME.fullmatch(name):
        raise _fault(field, "Use 3 to 40 letters and digits; dots, dashes and underscores may stand between them.")
    if not any(char.isalpha() for char in name):
        raise _fault(field, "A user name needs a letter, so that it is not taken for a card number.")
    if reserved and fold(name) in RESERVED:
        raise _fault(field, "This user name is kept for the library. Choose another one.")
    return name


def read_phone(text: str, field: str = "phone") -> str:
    """A telephone number as typed, or nothing."""
    phone = one_line(text, field)
    if phone and not (_PHONE.fullmatch(phone) and 5 <= len(phone_digits(phone)) <= 16):
        raise _fault(field, "Give a telephone number with 5 to 15 digits, like +44 20 7946 0018.")
    return phone


def phone_digits(phone: str) -> str:
    """A number as it is compared: digits alone, 00 for +."""
    digits = re.sub(r"\D", "", phone)
    return "00" + digits if phone.strip().startswith("+") else digits


def read_address(text: str, field: str = "address") -> str:
    """A postal address of up to 300 characters, or nothing."""
    address = clean(text, field)
    if len(address) > 300:
        raise _fault(field, "This address is longer than 300 characters.")
    return address


def read_note(text: str, field: str = "note", most: int = 2000) -> str:
    """Free text of staff."""
    note = clean(text, field)
    if len(note) > most:
        raise _fault(field, f"This is longer than {most} characters.")
    return note


def read_reason(text: str, field: str = "reason") -> str:
    """A reason that somebody will read: 3–500 characters."""
    reason = one_line(text, field)
    if not 3 <= len(reason) <= 500:
        raise _fault(field, "Give the reason in a few words (3 to 500 characters).")
    return reason


def read_language(tag: str, field: str = "language") -> str:
    """A language tag like en or pt-BR."""
    if len(tag) > 20 or not tag_is_valid(tag):
        raise _fault(field, "This is no language tag; use one like en or pt-BR.")
    return tag


def read_preferences(values: dict[str, Any], field: str = "preferences") -> dict[str, Any]:
    """Own preferences: plain JSON of at most 8 KB."""
    try:
        size = len(json.dumps(values, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise _fault(field, "These preferences cannot be stored.") from error
    if size > LARGEST_PREFERENCES:
        raise _fault(field, "These preferences are too large to be stored.")
    return values
