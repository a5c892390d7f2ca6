"""Whatever is done in whatever order, over days, years and changes of the clocks: nothing is broken, nobody loses.

TEST_RUNS sets how many lives are tried; then they are drawn at random and are 50 steps long.
"""

import os
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from lib.access.installation import Installation
from tests.circulation.machine.accounts import Accounts
from tests.circulation.machine.credits import Credits
from tests.circulation.machine.desk import TALLY
from tests.circulation.machine.machines import Machines
from tests.circulation.machine.shelf import Shelf
from tests.circulation.machine.stories import Stories
from tests.circulation.machine.tasks import Tasks
from tests.circulation.machine.world import without_waiting_for_the_disk

RUNS = int(os.environ.get("TEST_RUNS", "0"))
FAST = {"sqlite": 80, "postgresql": 20}


class Library(Stories, Credits, Shelf, Machines, Tasks, Accounts):
    """Every act there is."""


def live(library: Installation, runs: int, steps: int, *, at_random: bool) -> None:
    """Lives so many lives."""
    run_state_machine_as_test(
        lambda: Library(library),
        settings=settings(
            max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize=not at_random, database=None, print_blob=False,
        ),
    )  # fmt: skip


def test_every_invariant_holds_through_whole_lives_of_a_library(library: Installation) -> None:
    without_waiting_for_the_disk(library)
    before = Counter(TALLY)
    name = library.engine.dialect.name
    live(library, RUNS or FAST[name], 50 if RUNS else 40, at_random=bool(RUNS))
    done = Counter({act: n for (act, how), n in (TALLY - before).items() if how == "done"})
    assert sum(done.values()) > 100
