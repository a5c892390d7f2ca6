"""Screens without a browser: the entry script, or a few lines of a page, over a fresh library."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from lib.access.installation import Installation
from lib.access.opened import close_opened, serve
from lib.access.permissions import Role
from lib.accounts.sessions import redeem_ticket, session_of_token
from lib.accounts.sign_in import sign_in
from lib.accounts.terminals import TerminalKind, make_terminal, open_kiosk
from lib.kit.config import HOME
from lib.ui import doorway
from lib.ui.kiosk_state import Kiosk
from lib.ui.navigation import ENTRIES
from tests.builders import an_admin
from tests.live_server import PASSWORD, somebody

ENTRY = str(HOME / "lib" / "ui" / "entry.py")
PATIENCE_S = 60


@pytest.fixture(scope="session", autouse=True)
def scanned_once() -> Iterator[None]:
    """For each screen of a test Streamlit reads what every installed package says of itself: a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def served(sqlite_library: Installation) -> Iterator[Installation]:
    """A fresh library as the one of this process."""
    serve(sqlite_library)
    yield sqlite_library
    close_opened()


def session_for(library: Installation, login: str) -> int:
    """Signs in as the browser does and returns the session's id."""
    done = sign_in(library, login=login, password=PASSWORD, address="192.0.2.7", device="Firefox/140 on Linux")
    redeemed = redeem_ticket(library, done.ticket)
    assert redeemed is not None
    found = session_of_token(library, redeemed.token)
    assert found is not None
    return found


@pytest.fixture
def session_of(served: Installation) -> Callable[[Role], int]:
    """Makes somebody of a role, signs them in, and returns the session's id."""

    def make(role: Role) -> int:
        somebody(served, role, str(role))
        return session_for(served, str(role))

    return make


def sit_down(at: AppTest, session: int | None) -> AppTest:
    """What the guard's header does: this screen belongs to that session."""
    at.user = {} if session is None else {"sid": str(session)}
    return at


def the_library(session: int | None = None) -> AppTest:
    """The whole application, on its first page."""
    return sit_down(AppTest.from_file(ENTRY, default_timeout=PATIENCE_S), session)


def at_page(session: int | None, file: str, **query: str) -> AppTest:
    """The whole application, opened at the address of the page that lies in this file under pages/."""
    at = the_library(session)
    at._page_hash = calc_hash(next(entry.url_path for entry in ENTRIES if entry.file == file))
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def a_page(lines: str, session: int | None = None) -> AppTest:
    """A page of a few lines, without the entry script around it."""
    return sit_down(AppTest.from_string(lines, default_timeout=PATIENCE_S), session)


def shown(at: AppTest) -> str:
    """Every word on the screen, messages included."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success", "toast")
    return "\n".join(str(element.value) for kind in kinds for element in at.get(kind))


@pytest.fixture
def device(served: Installation) -> int:
    """A tablet that was set up once: its session."""
    _, secret = make_terminal(served, an_admin(served), kind=TerminalKind.KIOSK, login="hall", name="Hall")
    ticket = open_kiosk(served, login="hall", secret=secret, address="192.0.2.7", device="Tablet")
    redeemed = redeem_ticket(served, ticket)
    assert redeemed is not None
    found = session_of_token(served, redeemed.token)
    assert found is not None
    return found


@pytest.fixture
def screen(served: Installation, device: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """What the screen's component talks to, with the device's session behind it."""
    monkeypatch.setattr(doorway, "session_id", lambda: device)  # Streamlit's handshake, which is not here
    yield Kiosk()
    st.session_state.clear()
