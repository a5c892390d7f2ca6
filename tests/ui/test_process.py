"""The life of the web process: what is made ready once the library is open, also where a part of it cannot be."""

import asyncio
import gc
import sys
from collections.abc import Iterator

import pytest

from lib.ui.process import FIRST_USED, make_ready


@pytest.fixture
def without_rounds() -> Iterator[None]:
    """The garbage collector at rest, as `run` leaves it to the server; afterwards as it always is."""
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def _broken() -> None:
    raise OSError("a file of this part is missing")


@pytest.mark.usefixtures("without_rounds")
def test_what_cannot_be_loaded_is_told_and_stops_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    made: list[str] = []
    asyncio.run(make_ready((_broken, lambda: made.append("the next part"))))
    assert made == ["the next part"]
    assert set(FIRST_USED) <= set(sys.modules)
    said = capfd.readouterr().err
    assert "a part could not be made ready" in said
    assert "a file of this part is missing" in said


@pytest.mark.usefixtures("without_rounds")
def test_in_the_end_the_garbage_collector_begins_and_passes_over_what_stays() -> None:
    asyncio.run(make_ready(()))
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
