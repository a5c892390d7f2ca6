"""The guard before any application: what it lets through, what it adds, and what it does when things break."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.opened import close_opened, serve
from lib.access.permissions import Role
from lib.accounts.sessions import redeem_ticket
from lib.accounts.sign_in import sign_in
from lib.api.guard import Guard
from lib.api.guard_limits import LARGEST_MESSAGE, body_limit
from tests.live_server import PASSWORD, somebody

Sent = list[dict[str, Any]]


@pytest.fixture
def served(sqlite_library: Installation) -> Iterator[Installation]:
    """A fresh library as the one of this process."""
    serve(sqlite_library)
    yield sqlite_library
    close_opened()


def scope(path: str = "/", kind: str = "http", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": kind, "method": "POST", "path": path, "scheme": "http" if kind == "http" else "ws",
        "client": ("192.0.2.1", 1), "headers": [(b"host", b"lib.example"), *pairs],
    }  # fmt: skip


def through(app: Any, asked: dict[str, Any], *bodies: bytes) -> Sent:
    """Sends a request through the guard to an application; returns what came back."""
    sent: Sent = []
    parts = [{"type": "http.request", "body": body, "more_body": i < len(bodies) - 1} for i, body in enumerate(bodies)]

    async def receive() -> Any:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(Guard(app)(asked, receive, send))
    return sent


def headers_of(sent: Sent) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


async def fine(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"fine"})


async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
    raise ValueError("secret /path/of/ours")


async def broken_in_the_middle(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError("late")


async def greedy(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await fine(_scope, receive, send)


def test_a_fault_gets_an_incident_number_the_headers_and_no_trace(
    served: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = through(broken, scope())
    assert sent[0]["status"] == 500
    body = sent[1]["body"].decode()
    number = headers_of(sent)["x-request-id"]
    assert number in body
    assert "secret" not in body
    assert headers_of(sent)["x-content-type-options"] == "nosniff"
    assert number in "".join(capsys.readouterr())


def test_a_fault_in_the_api_is_a_problem_document(served: Installation) -> None:
    sent = through(broken, scope("/api/v1/titles"))
    assert headers_of(sent)["content-type"] == "application/problem+json"
    assert b'"code": "internal-error"' in sent[1]["body"]


def test_a_fault_after_the_answer_began_adds_nothing(served: Installation) -> None:
    assert [message["type"] for message in through(broken_in_the_middle, scope())] == ["http.response.start"]


def test_a_route_may_set_a_stricter_policy_of_its_own(served: Installation) -> None:
    async def strict(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"Content-Security-Policy", b"sandbox")]})  # fmt: skip

    headers = [
        value for name, value in through(strict, scope())[0]["headers"] if name.lower() == b"content-security-policy"
    ]
    assert headers == [b"sandbox"]


def test_the_applications_scope_carries_the_browsers_address_and_no_header_of_ours(served: Installation) -> None:
    seen: list[dict[str, Any]] = []

    async def note(inner: Any, _receive: Any, _send: Any) -> None:
        seen.append(inner)

    forged = {"x_tome_sid": "1", "X-TOME-ADDRESS": "127.0.0.1", "x_forwarded_for": "1.2.3.4"}
    through(note, scope(**forged))
    assert not [name for name, _ in seen[0]["headers"] if b"tome" in name.lower()]
    assert seen[0]["client"][0] == "192.0.2.1"


def test_a_socket_without_a_cookie_gets_no_identity(served: Installation) -> None:
    seen: list[dict[str, Any]] = []

    async def note(inner: Any, _receive: Any, _send: Any) -> None:
        seen.append(inner)

    through(note, scope("/_stcore/stream", "websocket", origin="http://lib.example", x_tome_sid="1"))
    names = [name for name, _ in seen[0]["headers"]]
    assert b"x-tome-sid" not in names
    assert dict(seen[0]["headers"])[b"x-tome-address"] == b"192.0.2.1"


def test_a_foreign_socket_never_reaches_the_application(served: Installation) -> None:
    sent = through(broken, scope("/_stcore/stream", "websocket", origin="http://evil.example"))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_message_that_no_screen_sends_ends_its_socket(served: Installation) -> None:
    """Anybody may open one, and what it sends is kept for as long as it is open."""
    heard: list[Any] = []
    sent: Sent = []
    messages = [{"type": "websocket.receive", "bytes": b"x" * size} for size in (LARGEST_MESSAGE, LARGEST_MESSAGE + 1)]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def listen(_scope: Any, hear: Any, _send: Any) -> None:
        heard.extend([await hear(), await hear()])

    asyncio.run(Guard(listen)(scope("/_stcore/stream", "websocket", origin="http://lib.example"), receive, send))
    assert [message["type"] for message in heard] == ["websocket.receive", "websocket.disconnect"]
    assert sent == [{"type": "websocket.close", "code": 1009}]


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 401), (Role.LIBRARIAN, 200)])
def test_files_are_brought_by_staff_alone(served: Installation, role: Role, status: int) -> None:
    """They wait in memory: any reader could fill it."""
    somebody(served, role, str(role))
    signed_in = sign_in(served, login=str(role), password=PASSWORD, address="192.0.2.1", device="test")
    redeemed = redeem_ticket(served, signed_in.ticket)
    assert redeemed is not None
    asked = scope("/_stcore/upload_file/session/file", cookie=f"tome={redeemed.token}")
    assert through(fine, asked)[0]["status"] == status


def test_a_body_is_counted_as_it_comes(served: Installation) -> None:
    limit = body_limit("/auth/session")
    half = b"x" * (limit // 2)
    assert through(greedy, scope("/auth/session"), half, half)[0]["status"] == 200
    assert through(greedy, scope("/auth/session"), half, half, b"xx")[0]["status"] == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "99999999999999999999", "+5", "٣".encode().decode("latin-1")])
def test_a_garbled_length_is_refused(served: Installation, length: str) -> None:
    assert through(fine, scope(content_length=length))[0]["status"] == 413


def test_limits_are_the_narrowest_that_fit() -> None:
    assert body_limit("/auth/session") < body_limit("/nothing") < body_limit("/api/v1/loans")
    assert body_limit("/api/v1/loans") < body_limit("/api/v1/imports/titles")
