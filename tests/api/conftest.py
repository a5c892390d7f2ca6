"""The API on a fresh library, and callers of each role with a bearer token of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.opened import close_opened, serve
from lib.access.permissions import Role
from lib.accounts.api_tokens import issue_tokens
from lib.api.app import api
from tests.builders import a_librarian, a_member, an_admin, hash_of

PASSWORD = "a long way to the stars"


def a_machine(library: Installation, **given: Any) -> Actor:
    """A terminal's account; real ones have no password."""
    return a_member(library, role=Role.TERMINAL, **given)


MAKERS: dict[Role, Callable[..., Actor]] = {
    Role.MEMBER: a_member,
    Role.LIBRARIAN: a_librarian,
    Role.ADMIN: an_admin,
    Role.TERMINAL: a_machine,
}


@dataclass
class Caller:
    """A client that calls as one actor."""

    client: TestClient
    actor: Actor | None
    headers: dict[str, str]

    def __call__(self, method: str, path: str, **given: Any) -> Any:
        headers = self.headers | given.pop("headers", {})
        return self.client.request(method, path, headers=headers, **given)


def caller(library: Installation, role: Role) -> Caller:
    """A caller of a role; guests send no credentials."""
    client = TestClient(api, raise_server_exceptions=False)
    if role is Role.GUEST:
        return Caller(client, None, {})
    actor = MAKERS[role](library, username=role.value, username_key=role.value, password_hash=hash_of(PASSWORD))
    tokens = issue_tokens(library, role.value, PASSWORD, "127.0.0.1")
    return Caller(client, actor, {"Authorization": f"Bearer {tokens.access}"})


@pytest.fixture
def served(library: Installation) -> Iterator[Installation]:
    """A fresh library that the API serves, on SQLite and on PostgreSQL in turn."""
    serve(library)
    yield library
    close_opened()


@pytest.fixture
def served_sqlite(sqlite_library: Installation) -> Iterator[Installation]:
    """A fresh library on SQLite that the API serves."""
    serve(sqlite_library)
    yield sqlite_library
    close_opened()
