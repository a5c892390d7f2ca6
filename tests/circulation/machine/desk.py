"""The frame of the machine: a small library, one way to do an act and look before and after, what must always hold."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group, group_state
from lib.catalogue.search_index import rebuild_index
from lib.circulation.errors import AlreadyUndone, UndoOvertaken, UndoTooLate
from lib.circulation.holds import place_hold
from lib.desk.undo import undo
from lib.desk.undo_loans import FORGOTTEN
from lib.kit.clock import SetClock, day_of
from lib.kit.errors import Busy, Refusal
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_member, a_title, an_admin
from tests.circulation.machine.world import World, birth, empty, look
from tests.circulation.steps import issue, rows

PICK = st.integers(0, 7)
SORRY = st.sampled_from([False, False, False, True])  # whether the act is taken back at once
# A Monday before a change of the clocks, the days round a leap day, and the last days of a year.
BEGINNINGS = (
    ("Europe/Berlin", datetime(2026, 3, 10, 12, 0, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 10, 20, 2, 20, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2027, 12, 24, 10, 50, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2028, 2, 20, 22, 55, tzinfo=UTC)),
)
TALLY: Counter[tuple[str, str]] = Counter()  # (act, how it ended) over all lives of this process


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done, with the library before and after it."""

    kind: str
    result: Any
    before: World
    after: World


class Desk(RuleBasedStateMachine):
    """A small library of its own within one database: seven copies of three titles, five members, one desk."""

    library: Installation
    born_with: dict[str, Any]

    def __init__(self, library: Installation) -> None:
        super().__init__()
        self.library = library
        if not hasattr(library, "born_with"):
            self.born_with = BORN.setdefault(str(library.engine.url), birth(library))
        self.undoable: list[tuple[int, Done | None]] = []
        self._seen: tuple[datetime, World] | None = None

    @initialize(beginning=st.sampled_from(BEGINNINGS), days=st.sampled_from([0, 0, 26, 40]))
    def open(self, beginning: tuple[str, datetime], days: int) -> None:
        zone, self.clock.at = beginning
        empty(self.library, self.born_with)
        library = self.library
        self.desk, self.admin = a_librarian(library), an_admin(library)
        self.choose("library", time_zone=zone)
        self.titles = [a_title(library), a_title(library), a_title(library, kind="dvd" if self._has("dvd") else "book")]
        of = [0, 0, 1, 1, 1, 2, 2]
        prices = [None, 1500, None, 250, None, 3000, 0]
        self.barcodes = [
            a_copy(library, self.titles[n], price_minor=price) for n, price in zip(of, prices, strict=True)
        ]
        self.copies = [row[0] for row in rows(library, "SELECT id FROM copy ORDER BY id")]
        self.title_of = {copy: self.titles[n] for copy, n in zip(self.copies, of, strict=True)}
        self.people = [a_member(library, keep_history=n != 4) for n in range(5)]
        with begin_work(library, SYSTEM) as uow:
            rebuild_index(uow)
        self._begin_busy()
        self.clock.forward(timedelta(days=days))

    def _begin_busy(self) -> None:
        """Four loans made a day apart, and two readers who wait."""
        for copy, person in ((0, 0), (1, 1), (4, 0), (5, 2)):
            issue(self.library, self.desk, self.barcodes[copy], self.people[person])
            self.clock.forward(timedelta(days=1))
        for person in (3, 2):
            with begin_work(self.library, self.people[person]) as uow:
                place_hold(uow, title_id=self.titles[0])

    def _has(self, code: str) -> bool:
        return bool(rows(self.library, f"SELECT 1 FROM item_kind WHERE code = '{code}'"))

    @property
    def clock(self) -> SetClock:
        clock = self.library.clock
        assert isinstance(clock, SetClock)
        return clock

    @property
    def today(self) -> date:
        with begin_reading(self.library, SYSTEM) as uow:
            return day_of(uow.now, uow.zone)

    def choose(self, group: str, **values: Any) -> None:
        """Saves settings as an admin does."""
        self.changed()
        with begin_work(self.library, self.admin) as uow:
            change_group(uow, group, values, seen_version=group_state(uow, group).version)

    def ids(self, sql: str) -> list[Any]:
        """The first column of what a question gives."""
        return [row[0] for row in rows(self.library, sql)]

    def copies_that_are(self, status: str) -> list[int]:
        """The copies with this status."""
        return [int(row[0]) for row in self.look().copies if row[1] == status]

    def look(self) -> World:
        """The library now; read once as long as neither an act nor the clock changed it."""
        if self._seen is None or self._seen[0] != self.clock.at:
            self._seen = self.clock.at, look(self.library, self.desk, self.people)
        return self._seen[1]

    def changed(self) -> None:
        """What was seen before does not count any more."""
        self._seen = None

    def attempt(
        self, kind: str, who: Actor, use_case: Callable[..., Any], /, *given: Any, **named: Any
    ) -> tuple[Any, Refusal | None]:  # fmt: skip
        """What comes of an act, or why not. Whatever is no refusal is a fault; nobody else is at it, so Busy is one."""
        try:
            with begin_work(self.library, who) as uow:
                result = use_case(uow, *given, **named)
        except Busy:
            raise
        except Refusal as refusal:
            TALLY[kind, type(refusal).__name__] += 1
            return None, refusal
        TALLY[kind, "done"] += 1
        self.changed()
        return result, None

    def act(self, kind: str, who: Actor, use_case: Callable[..., Any], /, *given: Any, **named: Any) -> Done | None:
        """An act with the library before and after it; None: it was refused."""
        before = self.look()
        result, refusal = self.attempt(kind, who, use_case, *given, **named)
        if refusal is not None:
            return None
        done = Done(kind, result, before, self.look())
        new = self.ids(f"SELECT id FROM desk_act WHERE id > {before.last_act} ORDER BY id")
        self.undoable += [(act, done if len(new) == 1 else None) for act in new]
        return done

    @precondition(lambda self: self.undoable)
    @rule(back=st.sampled_from([1, 1, 1, 2, 3]))
    def undoes(self, back: int) -> None:
        self.take_back_act(back)

    def take_back_act(self, back: int = 1) -> None:
        """Taken back while nothing else was done since, everything stands as before the act."""
        act, done = self.undoable[-min(back, len(self.undoable))]
        now = self.look()
        untouched = done is not None and now.same_as(done.after) and self.undoable[-1][0] == act
        _, refusal = self.attempt(f"undo-{done.kind if done else 'many'}", self.desk, undo, act)
        if refusal is not None:
            assert isinstance(refusal, UndoOvertaken | UndoTooLate | AlreadyUndone), refusal
        elif done is not None and untouched:
            assert self.look().same_as(done.before), (done.kind, self.look(), done.before)

    def regrets(self, done: Done | None, sorry: bool) -> None:
        """Takes an act back that was done a moment ago: nothing stands against that, unless the library has forgotten
        already whose loan it was."""
        if done is None or not sorry:
            return
        act, noted = self.undoable[-1]
        assert noted is done, f"{done.kind} cannot be undone"
        _, refusal = self.attempt(f"regret-{done.kind}", self.desk, undo, act)
        if refusal is None:
            assert self.look().same_as(done.before), (done.kind, self.look(), done.before)
        else:
            assert isinstance(refusal, UndoOvertaken), refusal
            assert refusal.facts["what"] == FORGOTTEN

    @invariant()
    def nothing_is_broken(self) -> None:
        with begin_reading(self.library, SYSTEM) as uow:
            found = findings(uow, chain=False)
        assert found == (), "; ".join(map(str, found))

    def teardown(self) -> None:
        with begin_reading(self.library, SYSTEM) as uow:
            assert findings(uow) == ()
        TALLY["life", "done"] += 1
        if TOLD:
            Path(TOLD).write_text(json.dumps({f"{act} {how}": n for (act, how), n in sorted(TALLY.items())}, indent=1))


BORN: dict[str, dict[str, Any]] = {}
TOLD = os.environ.get("TEST_TALLY", "")  # a file that says after each life what was done so far
