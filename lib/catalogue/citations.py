"""How a title is cited: APA (7th edition), MLA (9th) and Chicago (18th, notes and bibliography). Pure.

Own code, because the CSL processor that could be had ships no style but Harvard's. Titles keep the capitals of the
catalogue. Sources: apastyle.apa.org, style.mla.org, chicagomanualofstyle.org, their examples of books.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lib.catalogue.names import PARTICLES, split_name
from lib.catalogue.rows import ContributorRow, TitleDetail

Style = Literal["apa", "mla", "chicago"]
_ON, _OFF = "\ue000", "\ue001"
_HEADS = ("author", "editor", "director", "composer", "performer", "photographer")
_SMALL_WORD = re.compile(r"\b(?:edition|edn|ed)\b\.?", re.IGNORECASE)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a citation's text."""

    text: str
    italic: bool


def cite(detail: TitleDetail, style: Style) -> str:
    """The entry of a list of references, as plain text."""
    return "".join(part.text for part in cite_parts(detail, style))


def cite_parts(detail: TitleDetail, style: Style) -> tuple[Part, ...]:
    """The entry in runs, so that a page can set the title in italics and escape each run."""
    text = _STYLES[style](detail)
    runs = re.split(f"([{_ON}{_OFF}])", text)
    parts, italic = [], False
    for run in runs:
        if run in (_ON, _OFF):
            italic = run == _ON
        elif run:
            parts.append(Part(run, italic))
    return tuple(parts)


# ---- people


@dataclass(frozen=True, slots=True)
class _People:
    """Who heads the entry, in which role, and who else had a part."""

    heads: tuple[ContributorRow, ...]
    role: str
    others: dict[str, tuple[ContributorRow, ...]]


def _people(detail: TitleDetail) -> _People:
    by_role: dict[str, list[ContributorRow]] = {}
    for person in detail.contributors:
        by_role.setdefault(person.role, []).append(person)
    role = next((role for role in _HEADS if role in by_role), "")
    others = {name: tuple(found) for name, found in by_role.items() if name != role}
    return _People(tuple(by_role.get(role, ())), role, others)


def _initials(given: str) -> str:
    main, comma, suffix = given.partition(", ")
    found = []
    for word in re.sub(r"\.(?=\w)", ". ", main).split():
        pieces = [piece for piece in word.split("-") if piece]
        # A script without capitals has no custom of initials.
        cased = all(piece[0].lower() != piece[0].upper() for piece in pieces)
        found.append("-".join(f"{piece[0].upper()}." for piece in pieces) if cased else word)
    return " ".join(found) + comma + suffix


def _apa_name(person: ContributorRow) -> str:
    family, given = split_name(person.name, person.sort_name)
    return f"{family}, {_initials(given)}" if given else family


def _apa_plain(person: ContributorRow) -> str:
    family, given = split_name(person.name, person.sort_name)
    return f"{_initials(given)} {family}" if given else family


def _inverted(person: ContributorRow) -> str:
    """Beauvoir, Simone de; King, Martin Luther, Jr."""
    family, given = split_name(person.name, person.sort_name)
    if not given:
        return family
    words, moved = family.split(), []
    while len(words) > 1 and words[0] in PARTICLES:
        moved.append(words.pop(0))
    main, comma, suffix = given.partition(", ")
    return f"{' '.join(words)}, {' '.join([main, *moved])}{comma}{suffix}"


def _plain_names(people: Sequence[ContributorRow]) -> str:
    names = [person.name for person in people]
    if len(names) > 3:
        return f"{names[0]} et al."
    return _anded(names, "and")


def _anded(names: Sequence[str], word: str) -> str:
    if len(names) < 3:
        return f" {word} ".join(names)
    return f"{', '.join(names[:-1])}, {word} {names[-1]}"


# ---- what stands between


def _full_title(detail: TitleDetail) -> str:
    title, subtitle = detail.title.rstrip(" ."), detail.subtitle.rstrip(" .")
    if not subtitle:
        return title
    return f"{title} {subtitle}" if title[-1:] in "?!" else f"{title}: {subtitle}"


def _italic(text: str) -> str:
    return f"{_ON}{text}{_OFF}"


def _stopped(text: str) -> str:
    """With a full stop, unless it ends in one or in a mark that stands for one."""
    bare = text.removesuffix(_OFF)
    return text if bare.endswith((".", "?", "!", "。", "？", "！", "؟")) else f"{text}."


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(_stopped(part) for part in parts if part)


def _edition(text: str) -> str:
    """ "2nd ed." of "2", "Second edition", "2. Aufl."; nothing of a first edition; other words as they are."""
    bare = _SMALL_WORD.sub("", text).strip(" .,")
    found = re.fullmatch(r"(\d+)(?:st|nd|rd|th|\.?\s*(?:Aufl(?:age)?|éd))?", bare, re.IGNORECASE)
    number = int(found.group(1)) if found else _ORDINALS.get(bare.lower())
    if number is not None:
        return "" if number == 1 else f"{number}{_ending(number)} ed."
    if not bare:
        return ""
    return f"{re.sub('^revised$', 'Rev.', bare, flags=re.IGNORECASE)} ed." if _is_edition(text, bare) else bare


def _is_edition(text: str, bare: str) -> bool:
    return bare != text.strip(" .,") or bare.lower() in ("revised", "illustrated", "abridged", "enlarged", "expanded")


def _ending(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _volume(text: str) -> str:
    return re.sub(r"^(?:volume|vol|bd|band|tome|t)\b\.?\s*", "", text, flags=re.IGNORECASE).strip()


def _year(detail: TitleDetail, era: str, unknown: str) -> str:
    if detail.year is None:
        return unknown
    return str(detail.year) if detail.year > 0 else f"{-detail.year} {era}"


def _publisher(detail: TitleDetail, people: _People) -> str:
    """Left out where it is the author."""
    heads = {person.name.casefold() for person in people.heads}
    return "" if detail.publisher.casefold() in heads else detail.publisher


# ---- APA

_APA_ROLES = {
    "editor": ("Ed.", "Eds."), "translator": ("Trans.", "Trans."), "illustrator": ("Illus.", "Illus."),
    "narrator": ("Narr.", "Narrs."), "photographer": ("Photog.", "Photogs."),
}  # fmt: skip
_APA_HEADS = {"editor": ("Ed.", "Eds."), "director": ("Director", "Directors"), "composer": ("Composer", "Composers")}
_APA_KINDS = {"audiobook": "Audiobook", "film": "Film", "music": "Album", "map": "Map", "game": "Game"}


def _apa(detail: TitleDetail) -> str:
    people = _people(detail)
    edition, volume = _edition(detail.edition), _volume(detail.volume)
    facts = ", ".join(part for part in (edition, f"Vol. {volume}" if volume else "") if part)
    kind = _APA_KINDS.get(detail.kind)
    bracketed = [f"({facts})" if facts else "", _apa_others(people), f"[{kind}]" if kind else ""]
    title = " ".join([_italic(_full_title(detail)), *filter(None, bracketed)])
    date = f"({_year(detail, 'B.C.E.', 'n.d.')})"
    head = _apa_heads(people)
    first = [head, date, title] if head else [title, date]
    return _sentences([*first, _publisher(detail, people)])


def _apa_heads(people: _People) -> str:
    names = [_apa_name(person) for person in people.heads]
    if len(names) > 20:
        listed = f"{', '.join(names[:19])}, … {names[-1]}"
    elif len(names) > 1:
        listed = f"{', '.join(names[:-1])}, & {names[-1]}"
    else:
        listed = "".join(names)
    role = _APA_HEADS.get(people.role)
    return f"{listed} ({role[len(names) > 1]})" if role and listed else listed


def _apa_others(people: _People) -> str:
    found = []
    for role, (one, many) in _APA_ROLES.items():
        if listed := people.others.get(role):
            names = _anded([_apa_plain(person) for person in listed], "&")
            found.append(f"{names}, {many if len(listed) > 1 else one}")
    return f"({'; '.join(found)})" if found else ""


# ---- MLA and Chicago

_DONE_BY = {
    "editor": "edited by", "translator": "translated by", "illustrator": "illustrated by", "narrator": "narrated by",
    "photographer": "photographs by", "director": "directed by", "composer": "composed by", "performer": "performed by",
}  # fmt: skip
_MLA_HEADS = {"editor": ("editor", "editors"), "director": ("director", "directors")}
_CHICAGO_HEADS = {"editor": ("ed.", "eds."), "director": ("dir.", "dirs.")}


def _done_by(people: _People) -> list[str]:
    return [f"{words} {_plain_names(people.others[role])}" for role, words in _DONE_BY.items() if role in people.others]


def _headed(people: _People, roles: dict[str, tuple[str, str]], most: int, shown: int) -> str:
    """Names of the heads, the first one inverted; of more than `most` only the first `shown`."""
    if not people.heads:
        return ""
    names = [_inverted(people.heads[0]), *(person.name for person in people.heads[1:])]
    if len(names) > most:
        listed = f"{', '.join(names[:shown])}, et al."
    elif len(names) == 2:
        listed = f"{names[0]}, and {names[1]}"
    else:
        listed = _anded(names, "and")
    role = roles.get(people.role)
    return f"{listed}, {role[len(names) > 1]}" if role else listed


def _mla(detail: TitleDetail) -> str:
    people = _people(detail)
    volume = _volume(detail.volume)
    kind = {"ebook": "e-book ed.", "audiobook": "audiobook ed."}.get(detail.kind, "")
    facts = [
        *_done_by(people), _edition(detail.edition), kind,
        f"vol. {volume}" if volume else "", _publisher(detail, people), _year(detail, "BCE", ""),
    ]  # fmt: skip
    rest = ", ".join(fact for fact in facts if fact)
    return _sentences([_headed(people, _MLA_HEADS, 2, 1), _italic(_full_title(detail)), _capital(rest)])


def _chicago(detail: TitleDetail) -> str:
    people = _people(detail)
    volume = _volume(detail.volume)
    facts = [_capital(done) for done in _done_by(people)]
    facts += [_capital(_edition(detail.edition)), f"Vol. {volume}" if volume else ""]
    imprint = ", ".join(part for part in (_publisher(detail, people), _year(detail, "BCE", "n.d.")) if part)
    kind = {"ebook": "E-book", "audiobook": "Audiobook", "film": "Film"}.get(detail.kind, "")
    head = _headed(people, _CHICAGO_HEADS, 6, 3)
    return _sentences([head, _italic(_full_title(detail)), *facts, imprint, kind])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_STYLES: dict[Style, Callable[[TitleDetail], str]] = {"apa": _apa, "mla": _mla, "chicago": _chicago}
