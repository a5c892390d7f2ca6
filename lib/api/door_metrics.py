"""What Prometheus may read of this process, and who may read it."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.access.opened import opened
from lib.api.guard_origin import came_through_a_proxy, peer

GROUPS = (
    "/api/",
    "/auth/",
    "/files/",
    "/assets/",
    "/_stcore/",
    "/static/",
    "/media/",
    "/component/",
    "/healthz",
    "/metrics",
)
LOOPBACK = frozenset({"127.0.0.1", "::1"})
REQUESTS = Counter(
    "tome_http_requests_total", "Answers by method, group of paths and status.", ["method", "group", "status"]
)
SECONDS = Histogram("tome_http_request_seconds", "Time to the end of an answer.", ["group"])
SOCKETS = Gauge("tome_screens_open", "Screens that are connected now.")


def count_request(method: str, path: str, status: int, seconds: float) -> None:
    """Counts one answer; paths are grouped, so that a stranger cannot fill the memory with names."""
    group = next((prefix.strip("/") for prefix in GROUPS if path.startswith(prefix)), "screens")
    known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
    REQUESTS.labels(known, group, str(status)).inc()
    SECONDS.labels(group).observe(seconds)


@contextmanager
def count_socket() -> Iterator[None]:
    """Counts a screen while it is connected."""
    with SOCKETS.track_inprogress():
        yield


async def metrics(request: Request) -> Response:
    """The figures, for this machine or for who knows the token; to others the page does not exist."""
    scope = dict(request.scope)
    from_here = peer(scope) in LOOPBACK and not came_through_a_proxy(scope)
    if not from_here and not _knows_token(request):
        return PlainTextResponse("There is nothing here.\n", 404)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


def _knows_token(request: Request) -> bool:
    token = opened().config.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return token is not None and hmac.compare_digest(
        token.get_secret_value().encode(), given.encode("utf-8", "replace")
    )
