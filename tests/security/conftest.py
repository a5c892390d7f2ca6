"""One live server for all attacks, with a member, a librarian and an admin who can sign in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.access.installation import Installation, open_installation
from lib.access.permissions import Role
from lib.accounts.sign_in import sign_in
from lib.kit.config import Config, Mode
from tests.live_server import PASSWORD, LiveServer, somebody


@pytest.fixture(scope="session")
def attacked_library(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Installation]:
    """The library behind the live server, on the machine's own clock."""
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copy(sqlite_template, folder / "library.db")
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    for role in (Role.MEMBER, Role.LIBRARIAN, Role.ADMIN):
        somebody(library, role, str(role))
    yield library
    library.close()


@pytest.fixture(scope="session")
def server(attacked_library: Installation) -> Iterator[LiveServer]:
    """The live server."""
    with LiveServer(attacked_library.config.data_dir, {"TOME_METRICS_TOKEN": "a token for the test"}) as running:
        yield running


@pytest.fixture
def a_ticket(attacked_library: Installation) -> "TicketOffice":
    """Signs somebody in and returns the one-time ticket."""
    return TicketOffice(attacked_library)


class TicketOffice:
    """Makes tickets."""

    def __init__(self, library: Installation) -> None:
        self.library = library

    def __call__(self, login: str = "member") -> str:
        done = sign_in(self.library, login=login, password=PASSWORD, address="192.0.2.1", device="test")
        return done.ticket


@pytest.fixture
def cookie_of(server: LiveServer, a_ticket: TicketOffice) -> "CookieOf":
    """Signs somebody in as the browser does and returns the Cookie header."""
    return CookieOf(server, a_ticket)


class CookieOf:
    """Makes cookies."""

    def __init__(self, server: LiveServer, tickets: TicketOffice) -> None:
        self.server, self.tickets = server, tickets

    def __call__(self, login: str = "member") -> str:
        answer = self.server.exchange(self.tickets(login))
        assert answer.status_code == 204
        return answer.headers["set-cookie"].split(";")[0]
