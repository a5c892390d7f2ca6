"""Keys of acts are kept for two days, then dropped in bounded batches."""

from datetime import timedelta

import pytest

from lib.access import once
from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden
from tests.builders import a_member


def test_keys_older_than_two_days_are_forgotten_and_younger_ones_stay(library: Installation, clock: SetClock) -> None:
    reader = a_member(library)
    with begin_work(library, reader) as uow:
        once.remember(uow, "old-key", "asked", {"result": 1})
    clock.forward(timedelta(hours=2))
    with begin_work(library, reader) as uow:
        once.remember(uow, "young-key", "asked", {"result": 2})
    clock.forward(timedelta(hours=47))
    with begin_work(library, SYSTEM) as uow:
        assert once.forget_old(uow) == 1
        assert once.forget_old(uow) == 0
    with begin_work(library, reader) as uow:
        assert once.recall(uow, "old-key", "asked") is None
        assert once.recall(uow, "young-key", "asked") == {"result": 2}


def test_forgetting_goes_in_bounded_batches(
    sqlite_library: Installation, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "BATCH", 2)
    reader = a_member(sqlite_library)
    with begin_work(sqlite_library, reader) as uow:
        for number in range(5):
            once.remember(uow, f"key-{number}", "asked", {})
    clock.forward(timedelta(hours=49))
    gone = []
    while not gone or gone[-1]:
        with begin_work(sqlite_library, SYSTEM) as uow:
            gone.append(once.forget_old(uow))
    assert gone == [2, 2, 1, 0]


def test_only_jobs_forget(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_work(sqlite_library, a_member(sqlite_library)) as uow:
        once.forget_old(uow)
