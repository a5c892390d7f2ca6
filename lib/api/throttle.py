"""How many requests one caller may send, and how many papers somebody may have typeset: counted in this process, told
with Retry-After.

A sliding window over two fixed minutes: what is kept is one number a caller and minute, so memory stays bounded by
the requests of two minutes.
"""

import threading
from datetime import datetime

from starlette.requests import Request

from lib.access.actor import Actor
from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.api.guard_origin import address_of
from lib.kit.addresses import counted_as
from lib.kit.crypto import token_hash
from lib.kit.errors import TooManyAttempts

WINDOW_S = 60
PER_CALLER = 1200
PER_ADDRESS = 6000  # a whole building of readers and desks may share one
PAPERS_OF_A_READER = 20  # each costs a tenth of a second of a processor
PAPERS_OF_STAFF = 120  # a receipt every half second


class Window:
    """Counts requests by key over the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = -1
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def wait_s(self, key: str, limit: int, at: datetime) -> int:
        """Counts a request and gives 0; or counts nothing and gives the seconds to wait."""
        with self._lock:
            minute, passed = divmod(at.timestamp(), WINDOW_S)
            self._turn(int(minute))
            now, before = self._now.get(key, 0), self._before.get(key, 0)
            if now + before * (1 - passed / WINDOW_S) < limit:
                self._now[key] = now + 1
                return 0
            if now >= limit:
                return int(WINDOW_S - passed) + 1
            return int(WINDOW_S * (1 - (limit - now) / before) - passed) + 1

    def _turn(self, minute: int) -> None:
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else {}
            self._now, self._minute = {}, minute


class TooManyPapers(TooManyAttempts):
    """Somebody asks for papers faster than anybody reads them. Facts: retry_after_s."""

    message = "That is more papers than can be printed at once. Please try again in {wait}."


_window = Window()
_papers = Window()


def throttle(request: Request) -> None:
    """Lets a request through, or tells when to come back.

    Raises:
        TooManyAttempts: more than 1,200 requests within a minute by this caller, or 6,000 from this address.
    """
    header = request.headers.get("authorization")
    now, address = opened().clock.now(), counted_as(address_of(request))
    who = token_hash(header) if header else address
    wait = _window.wait_s(f"from {address}", PER_ADDRESS, now) or _window.wait_s(who, PER_CALLER, now)
    if wait:
        raise TooManyAttempts(wait)


def admit_paper(actor: Actor) -> None:
    """Lets somebody have a paper typeset; to whom it belongs is asked elsewhere.

    Raises:
        TooManyPapers: more than 20 within a minute for a reader, 120 for staff, whatever they are signed in by.
    """
    if actor.account_id is None:
        return
    most = PAPERS_OF_STAFF if actor.may(Permission.CIRCULATE) else PAPERS_OF_A_READER
    wait = _papers.wait_s(f"papers of {actor.account_id}", most, opened().clock.now())
    if wait:
        raise TooManyPapers(wait)
