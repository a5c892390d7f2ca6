"""What a screen without a browser shows of the library's own HTML."""

import json
import re
from html import unescape

from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.accounts.models import Account
from tests.ui.conftest import shown

_TAGS = re.compile(r"<[^>]+>")
_HREF = re.compile(r'href="([^"]*)"')


def html_of(at: AppTest) -> str:
    """The HTML of every linked piece on the screen, in order."""
    return "\n".join(_data(element)["html"] for element in at.get("bidi_component") if "html" in _data(element))


def _data(element: object) -> dict[str, str]:
    raw = getattr(element, "proto").json  # noqa: B009
    found = json.loads(raw) if raw else {}
    return found if isinstance(found, dict) else {}


def read(at: AppTest) -> str:
    """Every word on the screen: Streamlit's own elements and our HTML."""
    return " ".join(f"{shown(at)} {unescape(_TAGS.sub(' ', html_of(at)))}".split())


def links(at: AppTest) -> list[str]:
    """Where the links of our HTML lead, in order."""
    return [unescape(address) for address in _HREF.findall(html_of(at))]


def page_links(at: AppTest) -> set[tuple[str, str]]:
    """Streamlit's own links on the screen, the menu's among them: what each says, and where it leads."""
    return {(str(found.proto.label), str(found.proto.page).strip("/")) for found in at.get("page_link")}


def button(at: AppTest, label: str) -> Button:
    """The button with this label, else the first whose label begins so."""
    exact = [found for found in at.button if found.label == label]
    return (exact or [found for found in at.button if found.label.startswith(label)])[0]


def labels(at: AppTest) -> list[str]:
    """What the buttons say."""
    return [found.label for found in at.button]


def somebody_called(library: Installation, login: str) -> Actor:
    """The actor behind an account."""
    with library.engine.connect() as connection:
        row = connection.execute(select(Account.id, Account.role, Account.name).where(Account.username == login)).one()
    return Actor(row[0], row[1], row[2])
