"""The user guides of docs/guides, for those whose work they describe."""

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


GUIDES = (
    Guide("For readers", "member.md", Permission.SEARCH),
    Guide("For librarians", "librarian.md", Permission.CIRCULATE),
    Guide("For admins", "admin.md", Permission.MANAGE_SETTINGS),
)


def guides_for(actor: Actor) -> list[Guide]:
    """The guides for somebody's role that are there; the readers' guide comes first."""
    return [guide for guide in GUIDES if actor.may(guide.permission) and (FOLDER / guide.file).is_file()]


def show_guide(guide: Guide) -> None:
    """The guide's text, its own heading left out."""
    st.markdown(_text(guide.file), width=760)


@lru_cache
def _text(file: str) -> str:
    text = (FOLDER / file).read_text("utf-8")
    return text.split("\n", 1)[1] if text.startswith("# ") else text
