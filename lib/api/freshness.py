"""Answers that need not be sent twice: an ETag on every answer to GET, and 304 where the caller has it already."""

import hashlib

from fastapi import Request, Response

_DROPPED = {"content-length", "content-type"}


def freshened(request: Request, response: Response) -> Response:
    """The answer with its ETag, or 304 in its place.

    The ETag is a digest of what is sent, since what somebody sees depends on who asks; before it stands the version
    for If-Match, where the route has set one: `"7.1f0c…"`.
    """
    if request.method != "GET" or response.status_code != 200:
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.setdefault("Vary", "Authorization")
    body = getattr(response, "body", None)
    if not isinstance(body, bytes):
        return response
    digest = hashlib.sha256(body).hexdigest()[:20]
    version = response.headers.get("etag", "").strip('"')
    mark = f'"{version}.{digest}"' if version else f'"{digest}"'
    response.headers["ETag"] = mark
    if _has(request, mark):
        kept = {name: value for name, value in response.headers.items() if name not in _DROPPED}
        return Response(status_code=304, headers=kept)
    return response


def _has(request: Request, mark: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or mark in {part.strip().removeprefix("W/") for part in known.split(",")}
