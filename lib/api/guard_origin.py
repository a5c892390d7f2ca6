"""Where a request comes from: address, scheme, cookie, and whether a page of ours sent it.

Headers of proxies count only from the proxies named in the configuration.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from lib.kit.config import Config

Scope = dict[str, Any]
LOOPBACK = "127.0.0.1"
SECURE_COOKIE = "__Host-tome"
PLAIN_COOKIE = "tome"
LONGEST_TOKEN = 128
PROOF = (b"x-requested-with", "tome")


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this lower-case name, or None."""
    found: bytes | None = next((value for key, value in scope["headers"] if key == name), None)
    return found.decode("latin-1") if found is not None else None


def _listed(scope: Scope, name: bytes) -> list[str]:
    joined = ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
    return [part.strip() for part in joined.split(",") if part.strip()]


def peer(scope: Scope) -> str:
    """Who opened the connection.

    uvicorn by itself believes X-Forwarded-For of processes on this machine, and overwrites the peer with it, without a
    port. A real connection has one: whoever names their own address in that header is still who they are.
    """
    host, port = scope.get("client") or ("", 0)
    claimed = {_bare(part) for part in _listed(scope, b"x-forwarded-for")}
    return LOOPBACK if not host or (not port and host in claimed) else str(host)


def client_address(scope: Scope, proxies: Iterable[str]) -> str:
    """The address of the browser: the nearest one that is no proxy of ours."""
    trusted = set(proxies)
    address = peer(scope)
    for claimed in reversed(_listed(scope, b"x-forwarded-for")):
        if address not in trusted:
            break
        if not _is_address(_bare(claimed)):
            break
        address = _bare(claimed)
    return address


def address_of(request: Request) -> str:
    """Where a request comes from; the door's guard has already settled forwarded addresses."""
    return request.client.host if request.client else "unknown"


def _bare(text: str) -> str:
    """An address without its port and brackets."""
    if text.startswith("["):
        inner, closed, _ = text[1:].partition("]")
        return inner if closed else text
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def came_through_a_proxy(scope: Scope) -> bool:
    """Whether any header of a proxy is there, believed or not."""
    names = {key for key, _ in scope["headers"]}
    return not names.isdisjoint({b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"})


def is_https(scope: Scope, config: Config) -> bool:
    """Whether the browser speaks TLS: to us, to a proxy of ours, or to the public address of this library."""
    if scope.get("scheme") in ("https", "wss"):
        return True
    if peer(scope) in config.proxies and (header(scope, b"x-forwarded-proto") or "").startswith(("https", "wss")):
        return True
    public = urlsplit(str(config.public_url)) if config.public_url else None
    return bool(public and public.scheme == "https" and public.netloc == header(scope, b"host"))


def cookie_name(https: bool) -> str:
    """`__Host-` binds the cookie to this host and TLS; plain http knows it only without."""
    return SECURE_COOKIE if https else PLAIN_COOKIE


def cookie_token(scope: Scope, config: Config) -> str | None:
    """The sign-in token of the request's cookie; None where there is none or it cannot be one."""
    wanted = cookie_name(is_https(scope, config))
    for key, value in scope["headers"]:
        if key != b"cookie":
            continue
        for part in str(value, "latin-1").split(";"):
            name, _, token = part.strip().partition("=")
            if name == wanted and 0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable():
                return token
    return None


def same_origin(scope: Scope, config: Config) -> bool:
    """Whether the Origin header is there and names this very host (or the configured public address)."""
    origin = header(scope, b"origin")
    if not origin:
        return False
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    public = urlsplit(str(config.public_url)) if config.public_url else None
    if public and (parts.scheme, parts.netloc) == (public.scheme, public.netloc):
        return True
    secure = is_https(scope, config)
    return parts.netloc == header(scope, b"host") and (parts.scheme == "https") == secure


def sent_by_our_page(scope: Scope, config: Config) -> bool:
    """Whether a script of a page of ours sent this: its Origin is this host, and it set the header that forms and other
    sites cannot set."""
    return header(scope, PROOF[0]) == PROOF[1] and same_origin(scope, config)
