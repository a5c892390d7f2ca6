"""Tasks of the offline desk: what waits, why, and each way of settling it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.desk.offline import OfflineAct, OfflineOutcome, replay_batch
from lib.kit.clock import SetClock
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import rows, set_rule
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, read

PAGE = "staff/offline.py"
CARD = "2988800000003"
SessionOf = Callable[[Role], int]


@pytest.fixture
def desk(served: Installation) -> Actor:
    return a_librarian(served)


@pytest.fixture
def reader(served: Installation) -> Actor:
    return a_member(served, card_number=CARD, name="Ada Vega")


def lent(served: Installation, desk: Actor, barcode: str, clock: SetClock, card: str = CARD) -> OfflineOutcome:
    at = clock.at - timedelta(days=1)
    return replay_batch(served, desk, [OfflineAct(str(uuid4()), "issue", barcode, card, at, "Front desk")])[0]


def states(served: Installation) -> list[str]:
    return [row[0] for row in rows(served, "SELECT state FROM offline_record ORDER BY id")]


def test_nothing_waits_and_the_way_to_the_desk_is_there(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "Nothing of the offline desk waits" in read(at)
    assert "/offline-desk" in links(at)


def test_a_conflict_says_what_when_where_why_and_what_to_do(
    served: Installation, session_of: SessionOf, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    title = a_title(served, "<b>Emma</b>")
    barcode = a_copy(served, title)
    a_loan(served, a_member(served), barcode, days_ago=3)
    lent(served, desk, barcode, clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    for words in ("1 act waits", "Ada Vega", barcode, "Front desk", "9 March 2026", "Not done.",
                  "on loan to somebody else", "Return it first, then issue it."):  # fmt: skip
        assert words in said
    assert f"/title?id={title}" in links(at)
    assert f"/member?id={reader.account_id}" in links(at)
    assert "&lt;b&gt;Emma" in html_of(at)
    assert {"Take it back, then issue", "Try again", "Settle the task", "Dismiss the task"} <= set(labels(at))


def test_it_is_taken_back_and_issued_with_one_press(
    served: Installation, session_of: SessionOf, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    barcode = a_copy(served)
    a_loan(served, a_member(served), barcode, days_ago=3)
    lent(served, desk, barcode, clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Take it back, then issue").click().run()
    assert "Issued; due back on 30 March 2026." in read(at)
    assert states(served) == ["done"]


def test_trying_again_tells_what_still_stands_against_it(
    served: Installation, session_of: SessionOf, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    lent(served, desk, "NEW-1", clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Try again").click().run()
    assert "Still not: No copy has the barcode" in read(at)
    a_copy(served, barcode="NEW-1")
    button(at, "Try again").click().run()
    assert states(served) == ["done"]


def test_what_was_done_by_hand_needs_a_note_and_is_listed_as_settled(
    served: Installation, session_of: SessionOf, desk: Actor, clock: SetClock
) -> None:
    lent(served, desk, "NOWHERE", clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Settle the task").click().run()
    assert "What was done" in read(at)
    assert states(served) == ["conflict"]
    at.text_input[0].set_value("Issued under <i>its</i> new label.")
    button(at, "Settle the task").click().run()
    assert states(served) == ["resolved"]
    at = at_page(at.user["sid"] and session_of(Role.ADMIN), PAGE, show="settled")
    assert "Done by hand" in read(at)
    assert "&lt;i&gt;its" in html_of(at)


def test_a_task_is_dismissed_with_a_reason(
    served: Installation, session_of: SessionOf, desk: Actor, clock: SetClock
) -> None:
    lent(served, desk, "NOWHERE", clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[1].set_value("Scanned the wrong thing.")
    button(at, "Dismiss the task").click().run()
    assert states(served) == ["dismissed"]
    assert rows(served, "SELECT settled_how FROM offline_record") == [("Scanned the wrong thing.",)]


def test_what_was_done_against_a_rule_is_looked_at(
    served: Installation, session_of: SessionOf, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    set_rule(served, max_loans=0)
    lent(served, desk, a_copy(served), clock)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    assert "Done against a rule." in said
    assert "Nothing is lent to this type of member." in said
    assert "Try again" not in labels(at)
    at.text_input[0].set_value("Told the reader.")
    button(at, "Settle the task").click().run()
    assert states(served) == ["resolved"]


def test_the_desk_says_that_something_waits(
    served: Installation, session_of: SessionOf, desk: Actor, clock: SetClock
) -> None:
    lent(served, desk, "NOWHERE", clock)
    at = at_page(session_of(Role.LIBRARIAN), "staff/desk.py")
    assert "1 act of the offline desk waits" in read(at)
    assert "/offline" in links(at)
