"""Setting a line of type without a font at hand: how wide text is, where it may break, how large it can be."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LEADING = 1.16  # from one line to the next, in sizes
_NARROW = frozenset("iljtfrI.,:;'’‘!|()[]{}-·׳’ִ")
_WIDE = frozenset("mwMWŒÆ@%—ЖШЩЮжшщюЫФ")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_STRONG = re.compile(r"[^\W\d_]")
_IDEOGRAPHIC = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_CJK = re.compile(f"[{_IDEOGRAPHIC}]")
_UPRIGHT = re.compile(f"[{_IDEOGRAPHIC}\u3000-\u3003\u3008-\u301f\u30fb\uff01-\uff5e\u2014\u2026]+")
_FULL = f"{_IDEOGRAPHIC}\u3000-\u303f\uff00-\uffef"
_PART = re.compile(f"[{_FULL}]|[^{_FULL}-]*-+|[^{_FULL}-]+")
_NOT_FIRST = frozenset("、。，．・：；？！）］｝」』】〕〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…")
_NOT_LAST = frozenset("（［｛「『【〔〈《")


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of one size (in user units) that fit the box they were set for."""

    lines: tuple[str, ...]
    size: int


def is_rtl(text: str) -> bool:
    """Whether the text's first letter belongs to a script written from right to left."""
    first = _STRONG.search(text)
    return bool(first and _RTL.match(first.group()))


def is_vertical(text: str) -> bool:
    """Whether the text is Chinese or Japanese throughout, so that it can be set from top to bottom."""
    return bool(_UPRIGHT.fullmatch(text)) and bool(_CJK.search(text))


@lru_cache(maxsize=4096)
def _em(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(char) in ("W", "F"):
        return 1.0
    if char in " \u00a0":
        return 0.27
    if char in _NARROW:
        return 0.34
    if char in _WIDE:
        return 0.92
    if unicodedata.category(char) == "Lu":
        return 0.72
    return 0.5 if char.isascii() else 0.57


def width(text: str) -> float:
    """The estimated width in em, on the wide side of common serif faces."""
    return sum(map(_em, text))


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text's unbreakable pieces, each with whether a space stands before it."""
    found: list[tuple[str, bool]] = []
    for word in text.split(" "):
        spaced = True
        for part in _PART.findall(word):
            glued = found and not spaced and (part[0] in _NOT_FIRST or found[-1][0][-1] in _NOT_LAST)
            if glued:
                found[-1] = (found[-1][0] + part, found[-1][1])
            else:
                found.append((part, spaced and bool(found)))
            spaced = False
    return found


def _is_word(text: str, room: float) -> bool:
    """Whether a short run of Chinese or Japanese is better left in one line, at a smaller size if need be."""
    return is_vertical(text) and width(text) <= room * 1.6


def _clusters(text: str) -> list[str]:
    """Letters together with the marks that belong to them."""
    found: list[str] = []
    for char in text:
        joins = unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or (found and found[-1][-1] == "\u200d")
        if found and joins:
            found[-1] += char
        else:
            found.append(char)
    return found


def _chopped(pieces: list[tuple[str, bool]], room: float) -> list[tuple[str, bool]]:
    """The same pieces, those wider than a line cut between letters."""
    found: list[tuple[str, bool]] = []
    for piece, spaced in pieces:
        part = ""
        for cluster in _clusters(piece):
            if part and width(part + cluster) > room:
                found.append((part, spaced))
                part, spaced = "", False
            part += cluster
        found.append((part, spaced))
    return found


def _balanced(pieces: list[tuple[str, bool]], room: float) -> list[str]:
    """Lines no wider than `room` em, as few as possible and then as even as possible (Knuth's least squares)."""
    widths = [width(piece) for piece, _ in pieces]
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # lines, raggedness, where the last line starts
    for end in range(1, len(pieces) + 1):
        line = 0.0
        options: list[tuple[int, float, int]] = []
        for start in range(end - 1, -1, -1):
            line += widths[start] + (0.27 if pieces[start + 1 : end] and pieces[start + 1][1] else 0.0)
            if line > room and start < end - 1:
                break
            lines, ragged, _ = best[start]
            options.append((lines + 1, ragged + (room - line) ** 2, start))
        best.append(min(options))
    cuts = [len(pieces)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    spans = zip(reversed(cuts[1:]), reversed(cuts[:-1]), strict=True)
    return [_joined(pieces[start:end]) for start, end in spans]


def _joined(pieces: list[tuple[str, bool]]) -> str:
    return "".join((" " if spaced and at else "") + piece for at, (piece, spaced) in enumerate(pieces))


def fit(text: str, *, wide: float, high: float, sizes: tuple[int, ...], most: int = 6) -> Setting:
    """Sets text in a box of `wide` × `high` user units at the largest of `sizes` that takes it whole.

    Words are broken only at the smallest size; what then does not fit ends in an ellipsis. At most `most` lines.
    """
    pieces = [(text, False)] if _is_word(text, wide / sizes[0]) else _pieces(text)
    if not pieces:
        return Setting((), sizes[-1])
    for size in sizes:
        lines = min(most, int(high / (size * LEADING)))
        if max(width(piece) for piece, _ in pieces) * size <= wide:
            found = _balanced(pieces, wide / size)
            if len(found) <= lines:
                return Setting(tuple(found), size)
    size = sizes[-1]
    lines = max(1, min(most, int(high / (size * LEADING))))
    found = _balanced(_chopped(pieces, wide / size), wide / size)
    return Setting(tuple(_cut(found, lines, wide / size)), size)


def _cut(lines: list[str], most: int, room: float) -> list[str]:
    if len(lines) <= most:
        return lines
    last = _clusters(lines[most - 1])
    while last and width("".join(last)) + 1 > room:
        last.pop()
    return [*lines[: most - 1], "".join(last).rstrip(" ,.;:、。") + "…"]
