"""Too many requests: told with Retry-After, counted by caller, forgotten with the minute."""

from datetime import timedelta

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.api import throttle
from lib.kit.clock import SetClock
from tests.api.conftest import caller
from tests.conftest import NOON


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five requests a minute, counted from nothing."""
    monkeypatch.setattr(throttle, "_window", throttle.Window())
    monkeypatch.setattr(throttle, "PER_CALLER", 5)
    monkeypatch.setattr(throttle, "PER_ADDRESS", 12)


def test_the_sixth_request_of_a_minute_is_told_when_to_come_back(served_sqlite: Installation, clock: SetClock) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    assert [guest("GET", "/sections").status_code for _ in range(5)] == [200] * 5
    refused = guest("GET", "/sections")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-attempts")
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 61
    clock.forward(timedelta(seconds=wait))
    assert guest("GET", "/sections").status_code == 200


def test_one_caller_does_not_use_up_the_share_of_another(served_sqlite: Installation) -> None:
    guest, member = caller(served_sqlite, Role.GUEST), caller(served_sqlite, Role.MEMBER)
    for _ in range(6):
        guest("GET", "/sections")
    assert member("GET", "/me").status_code == 200


def test_made_up_tokens_do_not_get_around_the_limit(served_sqlite: Installation) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    statuses = [
        guest("GET", "/sections", headers={"Authorization": f"Bearer made-up-{number}"}).status_code
        for number in range(14)
    ]
    assert statuses == [401] * 12 + [429] * 2


def test_a_steady_caller_just_under_the_limit_is_never_refused() -> None:
    window, at = throttle.Window(), NOON
    for _ in range(200):
        assert window.wait_s("steady", 60, at) == 0
        at += timedelta(seconds=1.05)


def test_a_wait_that_was_kept_is_long_enough_wherever_in_the_minute() -> None:
    for offset in range(0, 60, 7):
        window, at = throttle.Window(), NOON + timedelta(seconds=offset)
        while not (wait := window.wait_s("hasty", 10, at)):
            at += timedelta(seconds=2)
        assert window.wait_s("hasty", 10, at + timedelta(seconds=wait)) == 0


def test_old_minutes_take_no_memory() -> None:
    window = throttle.Window()
    for minute in range(5):
        for number in range(100):
            window.wait_s(f"{minute}-{number}", 10, NOON + timedelta(minutes=minute))
    assert len(window._now) + len(window._before) == 200


def test_papers_are_counted_by_person_and_staff_have_more_of_them(
    served_sqlite: Installation, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "_papers", throttle.Window())
    monkeypatch.setattr(throttle, "PER_CALLER", 100)
    monkeypatch.setattr(throttle, "PER_ADDRESS", 100)
    monkeypatch.setattr(throttle, "PAPERS_OF_A_READER", 2)
    monkeypatch.setattr(throttle, "PAPERS_OF_STAFF", 3)
    member, librarian = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.LIBRARIAN)
    card = f"/members/{member.actor.account_id if member.actor else 0}/card"
    assert [member("GET", "/me/card").status_code for _ in range(3)] == [200, 200, 429]
    refused = member("GET", "/me/card")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-papers")
    assert [librarian("GET", card).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert member("GET", "/me").status_code == 200, "everything else is there"
    clock.forward(timedelta(seconds=int(refused.headers["retry-after"])))
    assert member("GET", "/me/card").status_code == 200
