"""Who somebody is hangs on the cookie of this very WebSocket, and on the database at this very moment."""

import pytest
from websockets.exceptions import InvalidStatus

from lib.access.installation import Installation
from lib.accounts.sessions import session_of_token
from tests.live_server import LiveServer
from tests.security.conftest import CookieOf, TicketOffice
from tests.streamlit_client import Screen

SIGNED_IN, OUT = "Signed in as", "Please sign in"


def test_the_cookie_of_a_sign_in_opens_a_members_page(server: LiveServer, cookie_of: CookieOf) -> None:
    with Screen(server.url, cookie_of()) as screen:
        assert SIGNED_IN in screen.run("my-library").text()


def test_without_a_cookie_a_members_page_asks_to_sign_in(server: LiveServer) -> None:
    with Screen(server.url) as screen:
        shown = screen.run("my-library").text()
    assert OUT in shown
    assert SIGNED_IN not in shown


def test_forged_identity_headers_are_stripped(server: LiveServer, cookie_of: CookieOf,
                                              attacked_library: Installation) -> None:  # fmt: skip
    admin = session_of_token(attacked_library, cookie_of("admin").partition("=")[2])
    for name in ("X-Tome-Sid", "x-tome-sid", "X_Tome_Sid", "X-TOME-SID"):
        with Screen(server.url, headers={name: str(admin)}) as screen:
            assert SIGNED_IN not in screen.run("my-library").text()


def test_a_forged_header_beside_a_members_cookie_does_not_make_an_admin(
    server: LiveServer, cookie_of: CookieOf, attacked_library: Installation
) -> None:
    admin = session_of_token(attacked_library, cookie_of("admin").partition("=")[2])
    with Screen(server.url, cookie_of("member"), headers={"X-Tome-Sid": str(admin)}) as screen:
        shown = screen.run("my-library").text()
    assert "Signed in as Member" in shown
    assert "Signed in as Admin" not in shown


def test_after_sign_out_the_cookie_is_worth_nothing(server: LiveServer, cookie_of: CookieOf) -> None:
    cookie = cookie_of()
    answer = server.sign_out(cookie)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    with Screen(server.url, cookie) as screen:
        assert OUT in screen.run("my-library").text()


def test_a_screen_that_stays_open_over_the_sign_out_loses_its_identity(server: LiveServer, cookie_of: CookieOf) -> None:
    cookie = cookie_of()
    with Screen(server.url, cookie) as screen:
        assert SIGNED_IN in screen.run("my-library").text()
        server.sign_out(cookie)
        shown = screen.run("my-library").text()
    assert OUT in shown
    assert SIGNED_IN not in shown


def test_a_stolen_streamlit_session_id_carries_no_identity(server: LiveServer, cookie_of: CookieOf) -> None:
    with Screen(server.url, cookie_of("admin")) as owner:
        owner.run("my-library")
        with Screen(server.url, resume=owner.session) as thief:
            shown = thief.run("my-library").text()
            assert thief.session != owner.session
        assert SIGNED_IN not in shown
        assert SIGNED_IN in owner.run("my-library").text()


def test_a_stolen_session_id_is_not_resumed_after_its_owner_left(server: LiveServer, cookie_of: CookieOf) -> None:
    with Screen(server.url, cookie_of("admin")) as owner:
        stolen = owner.run("my-library").session
    with Screen(server.url, cookie_of("member"), resume=stolen) as thief:
        assert "Signed in as Admin" not in thief.run("my-library").text()
        assert thief.session != stolen


@pytest.mark.parametrize("cookie", [
    "tome=", "tome=garbage", "tome=" + "x" * 8000, "tome=%00%ff", 'tome="quoted', "tome=a; tome=b",
    "__Host-tome=whatever", "tome", "=; ;;", "tome=" + "é",
])  # fmt: skip
def test_a_cookie_that_makes_no_sense_is_nobody(server: LiveServer, cookie: str) -> None:
    with Screen(server.url, cookie) as screen:
        assert OUT in screen.run("my-library").text()


def test_on_plain_http_only_the_plain_cookie_counts(server: LiveServer, cookie_of: CookieOf) -> None:
    token = cookie_of().partition("=")[2]
    with Screen(server.url, f"__Host-tome={token}") as screen:
        assert OUT in screen.run("my-library").text()


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1:1", "file://"])
def test_a_socket_from_no_page_of_ours_is_refused(server: LiveServer, cookie_of: CookieOf, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused, Screen(server.url, cookie_of(), origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_ticket_works_once(server: LiveServer, a_ticket: TicketOffice) -> None:
    ticket = a_ticket()
    assert server.exchange(ticket).status_code == 204
    assert server.exchange(ticket).status_code == 403


@pytest.mark.parametrize("headers", [
    {"origin": ""}, {"origin": "https://evil.example"}, {"origin": "null"}, {"x-requested-with": ""},
    {"x-requested-with": "XMLHttpRequest"},
])  # fmt: skip
def test_a_ticket_from_no_page_of_ours_is_refused_and_stays_good(
    server: LiveServer, a_ticket: TicketOffice, headers: dict[str, str]
) -> None:
    ticket = a_ticket()
    answer = server.exchange(ticket, **headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert server.exchange(ticket).status_code == 204


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_other_sites(
    server: LiveServer, a_ticket: TicketOffice
) -> None:
    flags = server.exchange(a_ticket()).headers["set-cookie"]
    assert flags.startswith("tome=")
    assert "HttpOnly" in flags
    assert "SameSite=lax" in flags
    assert "Path=/" in flags
    assert "Secure" not in flags  # a browser would drop it on plain http


def test_behind_tls_the_cookie_is_bound_to_host_and_tls(server: LiveServer, a_ticket: TicketOffice) -> None:
    answer = server.exchange(
        a_ticket(), origin=server.url.replace("http", "https"), **{"x-forwarded-proto": "https"}
    )  # this machine counts as a proxy for the scheme alone
    assert answer.status_code == 204
    flags = answer.headers["set-cookie"]
    assert flags.startswith("__Host-tome=")
    assert "Secure" in flags
    assert "Domain" not in flags
    assert answer.headers["strict-transport-security"]
