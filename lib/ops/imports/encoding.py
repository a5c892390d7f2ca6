"""Telling the encoding of a text file from its bytes."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

SAMPLE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_CYRILLIC_WORD = re.compile("[\u0430-\u044f\u0451]{3,}|[\u0410-\u042f\u0401][\u0430-\u044f\u0451]{2,}")
_LATIN_WORD = re.compile("[A-Za-z][\u00df-\u00ff]|[\u00c0-\u00ff][a-z]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text; what cannot be read arrives as lone surrogates or U+FFFD, for each row to show."""

    name: str
    has_bom: bool

    @property
    def errors(self) -> str:
        """The error handler of Python's codecs to read with."""
        return "surrogateescape" if self.name.startswith("utf-8") else "replace"

    @property
    def shown(self) -> str:
        """As people write it."""
        return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "cp1251": "Windows-1251", "cp932": "Shift_JIS"}.get(
            self.name, self.name.upper()
        )


def encoding_of(path: Path) -> Encoding:
    """Byte order mark first; then UTF-8, also when a few bytes lie; then UTF-16; then the likeliest old one."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, True)
    if zeros := _utf16(head):
        return Encoding(zeros, False)
    good, bad = _utf8_letters(path)
    if bad == 0 or good >= 10 * bad:
        return Encoding("utf-8", False)
    return Encoding(_old_encoding(head), False)


def _utf16(head: bytes) -> str | None:
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    half = max(len(head[:2000]) // 2, 1)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _utf8_letters(path: Path) -> tuple[int, int]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE):
            if chunk.isascii():
                continue
            text = decoder.decode(chunk)
            strange = len(text) - len(text.encode("utf-8", "ignore").decode())
            bad += strange
            good += len(text) - len(text.encode("ascii", "ignore")) - strange
    return good, bad + len(decoder.decode(b"", final=True))


def _old_encoding(head: bytes) -> str:
    cut = head[: head.rfind(b"\n") + 1] or head
    for name, mark, share in (("cp932", _KANA, 0.15), ("gb18030", _HAN, 0.8), ("euc_kr", _HANGUL, 0.5)):
        text = _strictly(cut, name)
        foreign = sum(char > "\x7f" for char in text)
        if foreign and len(mark.findall(text)) >= share * foreign and not _LATIN_WORD.search(cut.decode("latin-1")):
            return name
    russian = len(_CYRILLIC_WORD.findall(cut.decode("cp1251", "replace")))
    western = len(_LATIN_WORD.findall(cut.decode("cp1252", "replace")))
    return "cp1251" if russian > western else "cp1252"


def _strictly(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return ""
