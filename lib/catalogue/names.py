"""Names of people: how they are shown, sorted and told apart. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lib.kit.text import fold, is_cjk, tokens

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d|esq)\.?", re.IGNORECASE)
PARTICLES = frozenset(
    {
        "af", "al", "am", "auf", "av", "d'", "da", "dal", "dalla", "das",
        "de", "degli", "del", "dela", "della", "den", "der", "des", "di", "do",
        "dos", "du", "e", "el", "in", "la", "le", "ten", "ter", "van", "von", "vom", "vor", "y", "zu", "zum", "zur",
    }
)  # fmt: skip
_BODIES = frozenset(
    {
        "academy", "agency", "and", "association", "bank", "board", "bureau", "bros", "center", "centre", "church",
        "club", "co", "college", "commission", "committee", "company", "conference", "congress", "corporation",
        "council", "department", "editors", "federation", "foundation", "gmbh", "government", "group", "inc",
        "institute", "institution", "international", "laboratory", "library", "ltd", "magazine", "ministry", "museum",
        "nations", "of", "office", "organisation", "organization", "press", "project", "publishing", "research",
        "school", "service", "society", "staff", "studio", "studios", "team", "trust", "union", "universidad",
        "universitat", "universite", "university",
    }
)  # fmt: skip
_YEARS = re.compile(r"[\s,]*\(?\b(?:b\.\s*)?\d{3,4}\??\s*[-–]\s*(?:\d{3,4}\??)?\)?\.?$")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as shown ("Ursula K. Le Guin"), as sorted ("le guin, ursula k.") and as compared ("ursula k le guin")."""

    name: str
    sort_name: str
    key: str


@lru_cache(maxsize=16384)
def person_name(text: str) -> PersonName:
    """Reads "Ursula K. Le Guin", "Le Guin, Ursula K." or "Le Guin, Ursula K., 1929-2018" as one person."""
    bare = _YEARS.sub("", text).strip(" ,;") or text.strip()
    parts = [part.strip() for part in bare.split(",")]
    if len(parts) >= 2 and all(parts) and len(parts) <= 3 and _inverted(parts):
        family, given = parts[0], parts[1]
        suffix = f", {parts[2]}" if len(parts) == 3 else ""
        shown = f"{given} {family}{suffix}"
    else:
        shown = bare
        family, given = split_name(bare)
    sorted_as = fold(f"{_unparticled(family)}, {given}" if given else family)
    return PersonName(shown, sorted_as, " ".join(tokens(shown)) or fold(shown) or shown)


def _inverted(parts: list[str]) -> bool:
    if _SUFFIX.fullmatch(parts[1]):
        return False
    return len(parts) == 2 or bool(_SUFFIX.fullmatch(parts[2]))


def split_name(name: str, sort_name: str = "") -> tuple[str, str]:
    """Family and given name of a name as shown; given is empty for names that are not split (Homer, 村上春樹).

    `sort_name` helps where the family name has several words: "le guin, ursula k." says that it is "Le Guin".
    """
    main, suffix = _suffix_of(name)
    words = main.split()
    if len(words) < 2 or "," in main or "&" in words or any(map(is_cjk, tokens(main))) or _is_body(main):
        return name, ""
    size = 1
    if "," in sort_name:
        size = min(max(1, len(sort_name.partition(",")[0].split())), len(words) - 1)
    start = len(words) - size
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]) + suffix


def _is_body(name: str) -> bool:
    """A society, an office, a saint of somewhere: names that begin with their first word in lists, too."""
    return name.startswith("The ") or not _BODIES.isdisjoint(tokens(name))


def _suffix_of(name: str) -> tuple[str, str]:
    head, comma, tail = name.rpartition(",")
    if comma and _SUFFIX.fullmatch(tail.strip()):
        return head.strip(), f", {tail.strip()}"
    head, _, tail = name.rpartition(" ")
    if head.count(" ") and _SUFFIX.fullmatch(tail):
        return head, f", {tail}"
    return name, ""


def _unparticled(family: str) -> str:
    """Lists put van Gogh under G and Le Guin under L: a small letter is the sign that it does not count."""
    words = family.split()
    while len(words) > 1 and words[0] in PARTICLES:
        words.pop(0)
    return " ".join(words)
