"""SIP2 messages as bytes: fixed and variable parts, sequence numbers, checksums, dates. Pure; knows no library.

After the "3M Standard Interchange Protocol", version 2.00. A message is a two-digit code, fields of fixed length in a
fixed order, then fields of a two-letter name and a value up to a bar; a carriage return ends it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

LONGEST = 4096  # bytes of a message that comes in
LONGEST_VALUE = 255  # characters of a variable field
BLANK_DATE = " " * 18
_TAIL = re.compile(rb"(?:AY(?P<seq>[0-9]))?AZ(?P<sum>[0-9A-Fa-f]{4})\|?$")
_NAME = re.compile(r"[A-Z][A-Z0-9]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

# What comes in: for each code the fixed fields with their lengths, in order.
REQUESTS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "01": (("card_retained", 1), ("date", 18)),
    "09": (("no_block", 1), ("date", 18), ("return_date", 18)),
    "11": (("renewal_policy", 1), ("no_block", 1), ("date", 18), ("nb_due_date", 18)),
    "15": (("hold_mode", 1), ("date", 18)),
    "17": (("date", 18),),
    "19": (("date", 18),),
    "23": (("language", 3), ("date", 18)),
    "25": (("date", 18),),
    "29": (("third_party", 1), ("no_block", 1), ("date", 18), ("nb_due_date", 18)),
    "35": (("date", 18),),
    "37": (("date", 18), ("fee_type", 2), ("payment_type", 2), ("currency", 3)),
    "63": (("language", 3), ("date", 18), ("summary", 10)),
    "65": (("date", 18),),
    "93": (("uid_algorithm", 1), ("pwd_algorithm", 1)),
    "97": (),
    "99": (("status", 1), ("print_width", 3), ("version", 4)),
}


class BadFrame(Exception):
    """Bytes that are no message. `code` is the message's where that much could be read."""

    def __init__(self, why: str, code: str = "") -> None:
        self.code = code
        super().__init__(why)


class BadChecksum(BadFrame):
    """The checksum does not fit what arrived: the sender is asked to send it again."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message that came in. `sequence` is None where the sender does not number its messages; `checked`: it came
    with a checksum, and answers want one."""

    code: str
    fixed: Mapping[str, str]
    fields: Mapping[str, str]
    sequence: str | None
    checked: bool

    def get(self, name: str) -> str:
        """A variable field, "" where it is absent or empty."""
        return self.fields.get(name, "")


def checksum(message: bytes) -> bytes:
    """Four hexadecimal digits that bring the sum of all bytes, up to and including "AZ", to nought (mod 65,536)."""
    return b"%04X" % (-sum(message) & 0xFFFF)


def parse(frame: bytes) -> Request:
    """Reads one message without its line end.

    Raises:
        BadChecksum; BadFrame: too long, not UTF-8, control characters, an unknown code, or too short for its code.
    """
    if len(frame) > LONGEST:
        raise BadFrame("too long")
    body, sequence, checked = _without_tail(frame)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadFrame("not UTF-8") from error
    if _CONTROLS.search(text):
        raise BadFrame("control characters")
    code = text[:2]
    layout = REQUESTS.get(code)
    if layout is None:
        raise BadFrame("unknown message", code)
    fixed, place = {}, 2
    for name, length in layout:
        fixed[name] = text[place : place + length]
        place += length
    if len(text) < place:
        raise BadFrame("too short", code)
    return Request(code, fixed, _variable(text[place:]), sequence, checked)


def _without_tail(frame: bytes) -> tuple[bytes, str | None, bool]:
    """The message without sequence number and checksum; both are looked at first."""
    found = _TAIL.search(frame)
    if found is None:
        return frame, None, False
    before = frame[: found.start()]
    if found["seq"] is None and not _may_end(before):
        return frame, None, False  # the end of a value that happens to look like one
    if checksum(frame[: found.start("sum")]) != found["sum"].upper():
        raise BadChecksum("checksum", before[:2].decode("ascii", "replace"))
    return before, found["seq"].decode() if found["seq"] else None, True


def _may_end(before: bytes) -> bool:
    """Whether a checksum without a number may follow here: after a bar, or after the fixed part alone."""
    layout = REQUESTS.get(before[:2].decode("ascii", "replace"))
    whole = 2 + sum(length for _, length in layout) if layout is not None else 0
    return before.endswith(b"|") or len(before) == whole


def _variable(text: str) -> dict[str, str]:
    """The fields with a name; of one that stands twice the first counts, what has no name is passed over."""
    found: dict[str, str] = {}
    for part in text.split("|"):
        if _NAME.fullmatch(part[:2]):
            found.setdefault(part[:2], part[2:].strip())
    return found


def build(
    head: str, fields: Iterable[tuple[str, str]] = (), *, sequence: str | None = None, checked: bool = False
) -> bytes:
    """An answer with its carriage return: code and fixed part, then the fields in the order given.

    With `checked` it carries a checksum, and the sequence number of what it answers.
    """
    text = head + "".join(f"{name}{value_of(value)}|" for name, value in fields)
    message = text.encode()
    if checked:
        message += (f"AY{sequence}" if sequence is not None else "").encode() + b"AZ"
        message += checksum(message)
    return message + b"\r"


def value_of(text: str) -> str:
    """Text as it may stand in a field: no bar, no control characters, at most 255 characters."""
    plain = _CONTROLS.sub(" ", text.replace("|", "¦")).strip()
    return plain if len(plain) <= LONGEST_VALUE else plain[: LONGEST_VALUE - 1].rstrip() + "…"


def lines_of(text: str, width: int = LONGEST_VALUE) -> list[str]:
    """A message cut into fields of at most `width` characters, between words where there is a space."""
    rest, found = value_of_any_length(text), []
    while len(rest) > width:
        cut = rest.rfind(" ", 1, width + 1)
        cut = width if cut <= 0 else cut
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found


def value_of_any_length(text: str) -> str:
    """Text without what a message cannot hold."""
    return _CONTROLS.sub(" ", text.replace("|", "¦")).strip()


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """An instant as YYYYMMDDZZZZHHMMSS: the library's own time, which four blanks stand for."""
    local = at.astimezone(zone)
    return f"{local:%Y%m%d}    {local:%H%M%S}"


def read_stamp(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant that YYYYMMDDZZZZHHMMSS names: in the library's own time where ZZZZ is blank, in UTC for "   Z".
    None for blanks, other zones, and what is no time."""
    zones = {"    ": zone, "   Z": ZoneInfo("UTC")}
    digits = text[:8] + text[12:]
    if len(text) != 18 or text[8:12] not in zones or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=zones[text[8:12]])
    except ValueError:
        return None


def end_of_day(day: date) -> str:
    """The last second of a due day, in the library's own time."""
    return f"{day:%Y%m%d}    235959"


def flag(yes: bool) -> str:
    """Y or N."""
    return "Y" if yes else "N"


def count4(number: int) -> str:
    """A count in four digits; more than 9,999 is 9,999."""
    return f"{min(max(number, 0), 9999):04d}"
