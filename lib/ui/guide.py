"""The user guides of docs/guides, for those whose work they describe."""

import re
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from lib.access.actor import Actor
from lib.access.permissions import Permission
from lib.kit.config import HOME

FOLDER = HOME / "docs" / "guides"


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide's name on screen, its file, and the permission of those it is for."""

    name: str
    file: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a guide: its file, and what it shows in words."""

    file: str
    says: str
    on_phone: bool


_PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)]+)\)$", re.MULTILINE)
_TO_GUIDE = re.compile(r"\[([^\]]*)\]\(\w+\.md\)")
_WIDTHS = {True: 300, False: 760}

GUIDES = (
    Guide("For readers", "member.md", Permission.SEARCH),
    Guide("At the desk", "desk.md", Permission.CIRCULATE),
    Guide("For librarians", "librarian.md", Permission.CIRCULATE),
    Guide("For admins", "admin.md", Permission.MANAGE_SETTINGS),
)


def guides_for(actor: Actor) -> list[Guide]:
    """The guides for somebody's role that are there; the readers' guide comes first."""
    return [guide for guide in GUIDES if actor.may(guide.permission) and (FOLDER / guide.file).is_file()]


def show_guide(guide: Guide) -> None:
    """The guide's text with its pictures, its own heading left out."""
    for part in _parts(guide.file):
        if isinstance(part, Picture):
            with st.container(width=_WIDTHS[part.on_phone]):
                st.image(part.file, caption=part.says, alt=part.says, width="stretch")
        else:
            st.markdown(part, width=760)


@lru_cache
def _parts(file: str) -> tuple[str | Picture, ...]:
    """Texts and pictures in their order; a picture that is not there is left out, other guides are named by words."""
    text = (FOLDER / file).read_text("utf-8")
    body = text.split("\n", 1)[1] if text.startswith("# ") else text
    parts: list[str | Picture] = []
    pieces = ["", "", *_PICTURE.split(body)]
    for says, path, words in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if path and (found := (FOLDER / path).resolve()).is_file():
            parts.append(Picture(str(found), says, "phone" in found.stem))
        if words.strip():
            parts.append(_TO_GUIDE.sub(r"*\1*", words))
    return tuple(parts)
