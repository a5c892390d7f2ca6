"""How many requests one caller may send: counted in this process, told with Retry-After."""

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from lib.access.opened import opened
from lib.api.callers import address_of
from lib.kit.crypto import token_hash
from lib.kit.errors import TooManyAttempts

PER_MINUTE = 1200
_limit = RateLimitItemPerMinute(PER_MINUTE)
_limiter = SlidingWindowCounterRateLimiter(MemoryStorage())


def throttle(request: Request) -> None:
    """Lets a request through, or tells when to come back.

    Raises:
        TooManyAttempts: this caller sent more than 1,200 requests within a minute.
    """
    header = request.headers.get("authorization")
    who = token_hash(header) if header else address_of(request)
    if not _limiter.hit(_limit, who):
        reset = _limiter.get_window_stats(_limit, who).reset_time
        raise TooManyAttempts(max(1, int(reset - opened().clock.now().timestamp()) + 1))
