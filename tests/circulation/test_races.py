"""Races: whatever comes at once, a copy is lent once, a limit holds, a key counts once. The database is the referee."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.search_index import rebuild_index
from lib.circulation.borrowing import borrow
from lib.circulation.errors import CannotLend, ReturnOvertaken
from lib.kit.errors import NotFound, Refusal
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import hand_in, issue, renewed, rows, set_rule, undone

THREADS = 50


def together(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs all acts at once; each gives its result or its refusal."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _sound(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        rebuild_index(uow)
    with begin_reading(library, SYSTEM) as uow:
        assert findings(uow) == ()


def test_it_lends_the_last_copy_once_when_fifty_desks_race(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    readers = [a_member(library) for _ in range(THREADS)]
    results = together([lambda reader=reader: issue(library, desk, barcode, reader) for reader in readers])
    kinds = Counter(type(result).__name__ for result in results)
    assert kinds["IssueReceipt"] == 1
    assert sum(isinstance(result, CannotLend) for result in results) == THREADS - 1
    _sound(library)


def test_members_who_race_for_three_copies_get_three(library: Installation) -> None:
    title = a_title(library)
    for _ in range(3):
        a_copy(library, title)
    readers = [a_member(library) for _ in range(12)]

    def take(reader: Any) -> Any:
        with begin_work(library, reader) as uow:
            return borrow(uow, title_id=title)

    results = together([lambda reader=reader: take(reader) for reader in readers])
    assert sum(not isinstance(result, Refusal) for result in results) == 3
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(3,)]
    _sound(library)


def test_the_limit_of_one_member_holds_when_many_desks_lend_to_them_at_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, max_loans=3)
    copies = [a_copy(library) for _ in range(12)]
    together([lambda barcode=barcode: issue(library, desk, barcode, reader) for barcode in copies])
    assert rows(library, "SELECT count(*) FROM loan") == [(3,)]
    _sound(library)


def test_one_key_lends_once_when_the_button_is_pressed_many_times_at_once(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    results = together([lambda: issue(library, desk, barcode, reader, key="k") for _ in range(12)])
    assert len(set(results)) == 1
    assert rows(library, "SELECT count(*) FROM loan") == [(1,)]


def test_a_loan_is_renewed_and_returned_once_when_many_do_both(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=15, max_renewals=1)
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE title SET loan_count = 1"))
    acts: list[Callable[[], Any]] = []
    for _ in range(8):
        acts += [lambda: renewed(library, reader, loan), lambda: hand_in(library, desk, barcode)]
    results = together(acts)
    closed = [result for result in results if getattr(result, "member_id", None) == reader.account_id]
    assert len(closed) == 1
    assert sum(hasattr(result, "renewals") for result in results) <= 1
    assert all(isinstance(r, (ReturnOvertaken, NotFound, Refusal)) or hasattr(r, "act_id") for r in results)
    assert rows(library, "SELECT status FROM copy") == [("available",)]


def test_issuing_returning_and_undoing_the_same_copy_at_once_breaks_nothing(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    readers = [a_member(library) for _ in range(4)]
    for round_number in range(5):
        receipt = issue(library, desk, barcode, readers[0])
        acts: list[Callable[[], Any]] = [
            lambda act_id=receipt.act_id: undone(library, desk, act_id),
            lambda: hand_in(library, desk, barcode),
            *(lambda reader=reader: issue(library, desk, barcode, reader) for reader in readers),
        ]
        together(acts * 2)
        hand_in(library, desk, barcode)
        library.clock.forward(timedelta(minutes=round_number))  # type: ignore[attr-defined]
    _sound(library)


def test_the_database_itself_refuses_a_second_open_loan_of_a_copy(library: Installation) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode)
    with pytest.raises(IntegrityError):
        a_loan(library, a_member(library), barcode)


def test_without_the_index_and_the_check_of_the_status_a_copy_would_be_lent_twice(library: Installation) -> None:
    """The protections taken out: the check finds what they prevent."""
    with library.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_loan_open_copy"))
    barcode = a_copy(library)
    for _ in range(2):
        a_loan(library, a_member(library), barcode)
    with begin_reading(library, SYSTEM) as uow:
        assert "one-open-loan-per-copy" in [finding.name for finding in findings(uow)]
