"""The whole life of loans as a state machine: whatever is done in whatever order, every invariant holds.

TEST_LIVES sets how many lives are tried (and makes them longer).
"""

import os
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.append_only import TABLES, guard_ledger
from lib.catalogue.models import Condition
from lib.catalogue.search_index import rebuild_index
from lib.circulation.borrowing import borrow
from lib.circulation.checkout import IssueReceipt, consider_check_out
from lib.circulation.decision import Reason
from lib.circulation.errors import CannotLend
from lib.circulation.history import erase_history
from lib.circulation.renewals import renew_all
from lib.circulation.returns import Inspection
from lib.circulation.withdrawal import reinstate_copy, withdraw_copy
from lib.kit.clock import SetClock
from lib.kit.database import make_engine
from lib.kit.errors import Refusal
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.steps import hand_in, issue, renewed, rows, set_rule, undone
from tests.conftest import NOON

LIVES = int(os.environ.get("TEST_LIVES", "0"))
LIVED_IN = (
    "desk_act",
    "notice",
    "ledger_entry",
    "payment",
    "charge",
    "hold",
    "loan",
    "once_key",
    "copy",
    "title_search",
    "title",
    "account",
    "audit",
)
WHICH = st.integers(0, 3)


class Lending(RuleBasedStateMachine):
    """A small library of its own within one database: four copies of two titles, four members, one desk."""

    def __init__(self, library: Installation) -> None:
        super().__init__()
        self.library = library
        self.out: dict[str, int] = {}
        self.acts: list[tuple[str, int, str, int]] = []
        self.limit = 5

    @initialize()
    def open(self) -> None:
        self._empty()
        set_rule(self.library, max_loans=5)
        self.desk = a_librarian(self.library)
        titles = [a_title(self.library), a_title(self.library)]
        self.titles = titles
        self.copies = [a_copy(self.library, titles[number % 2]) for number in range(4)]
        self.people = [a_member(self.library) for _ in range(4)]
        with begin_work(self.library, SYSTEM) as uow:
            rebuild_index(uow)

    def _empty(self) -> None:
        """Every life begins in an empty library, so that a life that failed can be lived again."""
        with self.library.engine.begin() as connection:
            for table in TABLES:
                for verb in ("update", "delete"):
                    on = "" if self.library.is_sqlite else f" ON {table}"
                    connection.execute(text(f"DROP TRIGGER {table}_no_{verb}{on}"))
            for table in LIVED_IN:
                connection.execute(text(f"DELETE FROM {table}"))
            guard_ledger(connection)
            connection.execute(text("UPDATE audit_lane SET seq = 0, hash = :start"), {"start": "0" * 64})
        clock = self.library.clock
        assert isinstance(clock, SetClock)
        clock.at = NOON

    def _try(self, act: Any, *given: Any, **named: Any) -> Any:
        try:
            return act(self.library, *given, **named)
        except Refusal:
            return None

    @rule(copy=WHICH, person=WHICH, override=st.booleans())
    def lends(self, copy: int, person: int, override: bool) -> None:
        barcode, reader = self.copies[copy], self.people[person]
        held = sum(1 for member in self.out.values() if member == reader.account_id)
        with begin_reading(self.library, self.desk) as uow:
            dry = consider_check_out(uow, barcode=barcode, member_id=reader.account_id or 0)
        receipt, against = self._issue(barcode, reader, override)
        if receipt is None:
            assert against == dry.against
            assert not dry.may
            return
        assert dry.may or (override and dry.needs_override)
        assert dry.due_on == receipt.due_on
        assert barcode not in self.out
        assert override or held < self.limit
        self._note_loan(barcode, reader, receipt.act_id)

    def _issue(self, barcode: str, reader: Actor, override: bool) -> tuple[IssueReceipt | None, tuple[Reason, ...]]:
        try:
            why = "Because" if override else None
            return issue(self.library, self.desk, barcode, reader, override=why), ()
        except CannotLend as refusal:
            return None, refusal.reasons

    def _note_loan(self, barcode: str, reader: Actor, act: int) -> None:
        self.out[barcode] = reader.account_id or 0
        self.acts.append(("issue", act, barcode, reader.account_id or 0))

    @rule(title=st.integers(0, 1), person=WHICH)
    def borrows(self, title: int, person: int) -> None:
        reader = self.people[person]

        def act(library: Installation) -> Any:
            with begin_work(library, reader) as uow:
                return borrow(uow, title_id=self.titles[title])

        if (receipt := self._try(act)) is not None:
            assert receipt.barcode not in self.out
            self._note_loan(receipt.barcode, reader, receipt.act_id)

    @rule(copy=WHICH, condition=st.sampled_from([None, Condition.WORN, Condition.DAMAGED]))
    def takes_back(self, copy: int, condition: Condition | None) -> None:
        barcode = self.copies[copy]
        receipt = hand_in(self.library, self.desk, barcode, Inspection(condition) if condition else None)
        holder = self.out.pop(barcode, None)
        assert receipt.member_id == holder
        self.acts.append(("return", receipt.act_id, barcode, holder or 0))

    @precondition(lambda self: self.out)
    @rule(which=WHICH, override=st.booleans())
    def renews(self, which: int, override: bool) -> None:
        barcode = sorted(self.out)[which % len(self.out)]
        sql = f"SELECT l.id FROM loan l JOIN copy c ON c.id = l.copy_id WHERE c.barcode = '{barcode}'"
        loan = rows(self.library, f"{sql} AND l.returned_at IS NULL")[0][0]
        receipt = self._try(renewed, self.desk, loan, override="Because" if override else None)
        if receipt is not None:
            assert receipt.due_on > receipt.old_due_on
            self.acts.append(("renew", receipt.act_id, barcode, self.out[barcode]))

    @rule(person=WHICH)
    def renews_all(self, person: int) -> None:
        reader = self.people[person]
        with begin_work(self.library, reader) as uow:
            outcomes = renew_all(uow, member_id=reader.account_id or 0)
        assert len(outcomes) == sum(1 for member in self.out.values() if member == reader.account_id)
        assert all((outcome.receipt is None) == bool(outcome.reasons) for outcome in outcomes)

    @precondition(lambda self: self.acts)
    @rule(back=st.integers(1, 3))
    def undoes(self, back: int) -> None:
        kind, act, barcode, member = self.acts[-min(back, len(self.acts))]
        if self._try(undone, self.desk, act) is None:
            return
        if kind == "issue":
            assert self.out.pop(barcode) == member
        elif kind == "return" and member:
            assert barcode not in self.out
            self.out[barcode] = member

    @rule(person=WHICH, status=st.sampled_from(["active", "suspended"]))
    def decides_on_a_member(self, person: int, status: str) -> None:
        values = {"status": status, "id": self.people[person].account_id}
        with self.library.engine.begin() as connection:
            connection.execute(text("UPDATE account SET status = :status, status_reason = 'x' WHERE id = :id"), values)

    @rule(copy=WHICH, back=st.booleans())
    def withdraws(self, copy: int, back: bool) -> None:
        number = rows(self.library, f"SELECT id FROM copy WHERE barcode = '{self.copies[copy]}'")[0][0]

        def act(library: Installation) -> Any:
            with begin_work(library, self.desk) as uow:
                return reinstate_copy(uow, number) if back else withdraw_copy(uow, number, "Mould")

        self._try(act)

    @rule(person=WHICH)
    def forgets(self, person: int) -> None:
        with begin_work(self.library, self.people[person]) as uow:
            erase_history(uow)

    @rule(limit=st.integers(0, 3))
    def changes_the_limit(self, limit: int) -> None:
        set_rule(self.library, max_loans=limit)
        self.limit = limit

    @rule(hours=st.sampled_from([0, 1, 24, 24 * 10, 24 * 40]))
    def waits(self, hours: int) -> None:
        clock = self.library.clock
        assert isinstance(clock, SetClock)
        clock.forward(timedelta(hours=hours, seconds=1))

    @invariant()
    def nothing_is_broken(self) -> None:
        with begin_reading(self.library, SYSTEM) as uow:
            assert findings(uow, chain=False) == ()

    @invariant()
    def the_database_says_who_has_what(self) -> None:
        if not hasattr(self, "copies"):
            return
        marks = ", ".join(f"'{barcode}'" for barcode in self.copies)
        open_loans = rows(
            self.library,
            "SELECT c.barcode, l.account_id FROM loan l JOIN copy c ON c.id = l.copy_id"
            f" WHERE l.returned_at IS NULL AND c.barcode IN ({marks})",
        )
        assert dict(open_loans) == self.out  # type: ignore[arg-type]

    def teardown(self) -> None:
        with begin_reading(self.library, SYSTEM) as uow:
            assert findings(uow) == ()


def _without_waiting_for_the_disk(library: Installation) -> None:
    url = library.engine.url.render_as_string(hide_password=False)
    library.engine.dispose()
    library.engine = make_engine(url, synchronous="OFF")
    if not library.is_sqlite:
        with library.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{library.engine.url.database}" SET synchronous_commit = off'))
        library.engine.dispose()


def test_every_invariant_holds_through_whole_lives(library: Installation) -> None:
    _without_waiting_for_the_disk(library)
    run_state_machine_as_test(
        lambda: Lending(library),
        settings=settings(
            max_examples=LIVES or 20, stateful_step_count=60 if LIVES else 40, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=False,
        ),
    )  # fmt: skip
