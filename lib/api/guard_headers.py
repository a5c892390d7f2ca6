"""Headers that stand on every answer: nothing from other hosts, no frames, no guessing of types."""

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
Headers = list[tuple[bytes, bytes]]


@cache
def script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline scripts in Streamlit's index page, computed from the installed file."""
    package = find_spec("streamlit")
    assert package is not None
    assert package.origin is not None
    page = (Path(package.origin).parent / "static" / "index.html").read_bytes()
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def content_policy() -> str:
    """The Content-Security-Policy of screens."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(("'self' 'wasm-unsafe-eval' blob:", *script_hashes())),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self' blob: data:",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@cache
def security_headers(https: bool) -> tuple[tuple[bytes, bytes], ...]:
    """What every answer carries unless the route set its own."""
    fixed = [
        (b"content-security-policy", content_policy().encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
        (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if https:
        fixed.append((b"strict-transport-security", b"max-age=31536000"))
    return tuple(fixed)


def with_security(headers: Headers, *, https: bool, request_id: str) -> Headers:
    """The answer's headers, the missing ones added."""
    there = {name.lower() for name, _ in headers}
    added = [pair for pair in security_headers(https) if pair[0] not in there]
    return [*headers, *added, (b"x-request-id", request_id.encode())]
