"""Every answer carries the headers, every body has a limit, and what must stay shut is shut."""

import httpx2
import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.api.guard_headers import content_policy, script_hashes
from tests.live_server import LiveServer
from tests.security.conftest import CookieOf

HEADERS = {
    "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip
ANSWERS = [
    ("GET", "/", 200), ("GET", "/healthz", 200), ("GET", "/_stcore/health", 200), ("GET", "/_stcore/metrics", 404),
    ("GET", "/files/cover/1", 404), ("GET", "/files/cover/99999999999999999999", 404), ("GET", "/files/card/1", 404),
    ("GET", "/assets/nothing", 404), ("GET", "/assets/%2e%2e%2ftheme.py", 400),
    ("POST", "/auth/session", 403), ("GET", "/media/nothing", 404), ("GET", "/component/nothing/x", 404),
    ("GET", "/api/v1/nothing", 404), ("GET", "/api/v1/openapi.json", 200), ("PUT", "/_stcore/upload_file/a/b", 401),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(server: LiveServer, method: str, path: str, status: int) -> None:
    answer = httpx2.request(method, server.url + path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert len(answer.headers["x-request-id"]) == 12
    assert "strict-transport-security" not in answer.headers  # plain http


def test_the_policy_of_screens_allows_the_installed_scripts_and_nothing_inline() -> None:
    assert len(script_hashes()) == 1
    policy = dict(rule.split(" ", 1) for rule in content_policy().split("; "))
    assert script_hashes()[0] in policy["script-src"]
    assert "unsafe-inline" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert not any("http" in value or "*" in value for value in policy.values())


def test_no_answer_tells_a_client_what_runs_here(server: LiveServer) -> None:
    for path in ("/api/v1/nothing", "/files/cover/x", "/auth/nothing"):
        assert "Traceback" not in httpx2.get(server.url + path).text


@pytest.mark.parametrize("path", [
    "/_stcore/metrics", "/_stcore/metrics/", "/_stcore/agent/openapi.json", "/_stcore/agent/run",
    "/_stcore/script-health-check", "/%5fstcore/metrics",
])  # fmt: skip
def test_streamlits_own_internals_stay_shut(server: LiveServer, path: str) -> None:
    answer = httpx2.get(server.url + path)
    assert answer.status_code == 404
    assert "session" not in answer.text


def test_nobody_uploads_without_being_signed_in(server: LiveServer) -> None:
    for method in ("PUT", "POST", "DELETE"):
        answer = httpx2.request(method, f"{server.url}/_stcore/upload_file/session/file", content=b"x" * 100)
        assert answer.status_code == 401


def test_an_upload_of_staff_reaches_streamlit(server: LiveServer, cookie_of: CookieOf) -> None:
    headers = {"cookie": cookie_of("librarian")}
    answer = httpx2.put(f"{server.url}/_stcore/upload_file/session/file", content=b"x", headers=headers)
    assert answer.status_code != 401  # refused by Streamlit itself: no such session, no token


@pytest.mark.parametrize(("path", "size"), [
    ("/auth/session", 8 * 1024 + 1), ("/auth/sign-out", 9000), ("/api/v1/auth/token", 1024 * 1024 + 1),
    ("/healthz", 65 * 1024), ("/", 65 * 1024),
])  # fmt: skip
def test_a_body_that_is_too_large_is_refused_by_its_announced_length(server: LiveServer, path: str, size: int) -> None:
    answer = httpx2.post(server.url + path, content=b"x" * size)
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_does_not_tell_its_length_is_stopped_while_it_comes(server: LiveServer) -> None:
    sent = {"origin": server.url, "x-requested-with": "tome"}
    answer = httpx2.post(f"{server.url}/auth/session", content=iter([b"x" * 5000] * 20), headers=sent)
    assert answer.status_code == 413


def test_metrics_are_for_this_machine_or_for_who_knows_the_token(server: LiveServer) -> None:
    assert "tome_http_requests_total" in httpx2.get(f"{server.url}/metrics").text
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    assert httpx2.get(f"{server.url}/metrics", headers=forwarded).status_code == 404
    pretending = {"x-forwarded-for": "127.0.0.1"}
    assert httpx2.get(f"{server.url}/metrics", headers=pretending).status_code == 404
    wrong = forwarded | {"authorization": "Bearer something else"}
    assert httpx2.get(f"{server.url}/metrics", headers=wrong).status_code == 404
    right = forwarded | {"authorization": "Bearer a token for the test"}
    assert httpx2.get(f"{server.url}/metrics", headers=right).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"ticket": 1}', b'{"ticket": null}', b"\xff\xfe",
                                  b'{"ticket": "' + b"x" * 500 + b'"}', b"[" * 4000, b'{"ticket": "\\u0000"}',
                                  b'{"ticket": "\\ud800"}', b"NaN"])  # fmt: skip
def test_a_body_that_is_no_ticket_is_refused_without_a_fault(server: LiveServer, body: bytes) -> None:
    sent = {"origin": server.url, "x-requested-with": "tome"}
    assert httpx2.post(f"{server.url}/auth/session", content=body, headers=sent).status_code == 403


def test_sign_out_from_another_site_is_refused(server: LiveServer, cookie_of: CookieOf) -> None:
    cookie = cookie_of()
    for headers in ({"origin": "https://evil.example", "x-requested-with": "tome"}, {"origin": server.url}):
        assert httpx2.post(f"{server.url}/auth/sign-out", headers=headers | {"cookie": cookie}).status_code == 403
    assert server.sign_out(cookie).status_code == 204


def test_sign_out_can_be_repeated(server: LiveServer) -> None:
    assert server.sign_out(None).status_code == 204
    assert server.sign_out("tome=garbage").status_code == 204


def test_assets_do_not_lead_out_of_their_folder(server: LiveServer) -> None:
    with httpx2.Client() as client:
        for path in ("/assets/%2e%2e/theme.py", "/assets/..%2f..%2f..%2fapp.py",
                     "/assets//etc/passwd", "/assets/%00", "/assets/fonts"):  # fmt: skip
            answer = client.get(server.url + path)
            assert answer.status_code in (400, 404), path
            assert "import" not in answer.text


def test_a_library_card_is_for_its_member_and_for_staff(
    server: LiveServer, cookie_of: CookieOf, attacked_library: Installation
) -> None:
    with attacked_library.engine.connect().execution_options(read_only=True) as connection:
        ids = dict(connection.execute(text("SELECT username, id FROM account")).tuples().all())
    card = f"{server.url}/files/card/{ids['member']}"
    own = httpx2.get(card, headers={"cookie": cookie_of("member")})
    assert own.status_code == 200
    assert own.content.startswith(b"%PDF")
    assert own.headers["cache-control"] == "no-store"
    assert httpx2.get(card, headers={"cookie": cookie_of("librarian")}).status_code == 200
    assert httpx2.get(card).status_code == 404
    others = f"{server.url}/files/card/{ids['admin']}"
    assert httpx2.get(others, headers={"cookie": cookie_of("member")}).status_code == 404
