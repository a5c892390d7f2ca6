"""Where a request comes from: only what proxies of ours say counts, and only the right cookie."""

from typing import Any

import pytest

from lib.api.guard_origin import (
    came_through_a_proxy,
    client_address,
    cookie_token,
    is_https,
    peer,
    same_origin,
)
from lib.kit.config import Config, Mode

PROXY = "10.0.0.5"


def asked(client: str = "203.0.113.7", scheme: str = "http", port: int = 50000, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": scheme, "client": (client, port), "headers": pairs}


def config(**given: Any) -> Config:
    return Config(mode=Mode.DEMO, **given)


def test_without_proxies_the_peer_is_the_client_whatever_it_claims() -> None:
    assert client_address(asked(x_forwarded_for="198.51.100.1"), []) == "203.0.113.7"


def test_a_proxy_of_ours_is_believed() -> None:
    assert client_address(asked(PROXY, x_forwarded_for="198.51.100.1"), [PROXY]) == "198.51.100.1"


def test_what_a_client_put_before_the_proxys_entry_is_not_believed() -> None:
    chain = "127.0.0.1, 192.0.2.66, 198.51.100.1"
    assert client_address(asked(PROXY, x_forwarded_for=chain), [PROXY]) == "198.51.100.1"


def test_a_chain_of_our_own_proxies_is_followed() -> None:
    chain = "198.51.100.1, 10.0.0.6"
    assert client_address(asked(PROXY, x_forwarded_for=chain), [PROXY, "10.0.0.6"]) == "198.51.100.1"


@pytest.mark.parametrize("claimed", ["nonsense", "", "<script>", "1.2.3.4.5", "[::1", "999.1.1.1"])
def test_a_claim_that_is_no_address_is_not_believed(claimed: str) -> None:
    assert client_address(asked(PROXY, x_forwarded_for=claimed), [PROXY]) == PROXY


def test_ports_and_brackets_are_understood() -> None:
    assert client_address(asked(PROXY, x_forwarded_for="198.51.100.1:4711"), [PROXY]) == "198.51.100.1"
    assert client_address(asked(PROXY, x_forwarded_for="[2001:db8::7]:443"), [PROXY]) == "2001:db8::7"
    assert client_address(asked(PROXY, x_forwarded_for="2001:db8::7"), [PROXY]) == "2001:db8::7"


def test_what_the_server_itself_believed_of_a_local_process_is_taken_back() -> None:
    """uvicorn replaces the peer by X-Forwarded-For when a process of this machine sends it."""
    rewritten = asked("198.51.100.1", port=0, x_forwarded_for="198.51.100.1")
    assert peer(rewritten) == "127.0.0.1"
    assert client_address(rewritten, []) == "127.0.0.1"
    assert client_address(rewritten, ["127.0.0.1"]) == "198.51.100.1"


def test_a_stranger_who_names_their_own_address_is_not_taken_for_a_process_of_this_machine() -> None:
    """Else they would choose the address that their guesses of passwords are counted under."""
    forged = asked("203.0.113.7", x_forwarded_for="203.0.113.7, 192.0.2.66", x_forwarded_proto="https")
    assert peer(forged) == "203.0.113.7"
    assert client_address(forged, ["127.0.0.1"]) == "203.0.113.7"
    assert not is_https(forged, config(trusted_proxies="127.0.0.1"))


def test_a_client_that_names_our_proxy_is_still_counted_under_its_own_address() -> None:
    assert client_address(asked(PROXY, x_forwarded_for=f"{PROXY}, 203.0.113.7"), [PROXY]) == "203.0.113.7"


def test_signs_of_a_proxy_are_seen() -> None:
    assert not came_through_a_proxy(asked())
    for name in ("x_forwarded_for", "forwarded", "via", "x_real_ip"):
        assert came_through_a_proxy(asked(**{name: "x"}))


def test_tls_is_known_from_ourselves_our_proxy_or_our_public_address() -> None:
    assert is_https(asked(scheme="https"), config())
    assert not is_https(asked(x_forwarded_proto="https"), config())
    assert is_https(asked(PROXY, x_forwarded_proto="https"), config(trusted_proxies=PROXY))
    public = config(public_url="https://books.example")
    assert is_https(asked(host="books.example"), public)
    assert not is_https(asked(host="localhost:8501"), public)


def test_only_the_cookie_of_the_right_kind_counts() -> None:
    both = "tome=plain; __Host-tome=bound"
    assert cookie_token(asked(cookie=both), config()) == "plain"
    assert cookie_token(asked(scheme="https", cookie=both), config()) == "bound"
    assert cookie_token(asked(scheme="https", cookie="tome=planted"), config()) is None


@pytest.mark.parametrize("cookie", ["", "tome", "tome=", "x=1", "tome=" + "a" * 129, "tome=a\x01", "xtome=1", "=tome"])
def test_a_cookie_that_is_none_of_ours_is_none(cookie: str) -> None:
    assert cookie_token(asked(cookie=cookie), config()) is None


def test_a_page_of_ours_has_our_host_and_scheme_in_its_origin() -> None:
    assert same_origin(asked(host="lib.example:8501", origin="http://lib.example:8501"), config())
    assert same_origin(asked(scheme="https", host="lib.example", origin="https://lib.example"), config())


@pytest.mark.parametrize("origin", [
    "", "null", "http://lib.example", "https://lib.example:8501", "http://lib.example:8502", "http://evil.example:8501",
    "http://lib.example:8501.evil.example", "http://evil.example/?http://lib.example:8501", "file://",
    "lib.example:8501", "http://user@lib.example:8501",
])  # fmt: skip
def test_any_other_origin_is_foreign(origin: str) -> None:
    assert not same_origin(asked(host="lib.example:8501", origin=origin), config())


def test_behind_a_proxy_that_changes_the_host_the_public_address_counts() -> None:
    public = config(public_url="https://books.example")
    assert same_origin(asked(host="10.0.0.9:8501", origin="https://books.example"), public)
    assert not same_origin(asked(host="10.0.0.9:8501", origin="http://books.example"), public)
