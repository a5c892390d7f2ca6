"""One's own history: to read, to switch off, to erase."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.models import Account
from lib.circulation.models import Loan
from lib.circulation.queries import PastLoanRow
from lib.kit.paging import Page
from lib.ui.history_table import history_csv
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, read, somebody_called

PAGE = "member/history.py"
SessionOf = Callable[[Role], int]


def a_past_loan(library: Installation, who: Actor, title: str) -> None:
    back = library.clock.now() - timedelta(days=5)
    barcode = a_copy(library, a_title(library, title))
    a_loan(library, who, barcode, days_ago=20, returned_at=back, returned_on=back.date())


@pytest.fixture
def reader(served: Installation, session_of: SessionOf) -> int:
    """A member who has read one title, as somebody else has another; returns the session."""
    session = session_of(Role.MEMBER)
    a_past_loan(served, somebody_called(served, "member"), "My own book")
    a_past_loan(served, a_member(served), "Somebody else's book")
    return session


def test_one_sees_what_one_has_read_and_nobody_elses(reader: int) -> None:
    at = at_page(reader, PAGE)
    words = read(at)
    assert not at.exception
    assert "My own book" in words
    assert "18 February 2026" in words
    assert "5 March 2026" in words
    assert "Somebody else's book" not in words
    assert "My own book" in at.code[0].value


def test_keeping_can_be_switched_off(reader: int, served: Installation) -> None:
    at = at_page(reader, PAGE)
    at.toggle[0].set_value(False).run()
    assert "what you bring back is forgotten" in read(at)
    with served.engine.connect() as connection:
        assert connection.scalar(select(Account.keep_history).where(Account.username == "member")) is False


def test_erasing_asks_first_and_then_forgets(reader: int, served: Installation) -> None:
    at = at_page(reader, PAGE)
    assert "My own book" in read(at)
    button(at, "Erase it for good").click().run()
    assert "Erased: 1 title" in read(at)
    assert "Nothing here" in read(at)
    me = somebody_called(served, "member").account_id
    with served.engine.connect() as connection:
        assert connection.scalars(select(Loan.id).where(Loan.account_id == me)).all() == []
        assert len(connection.scalars(select(Loan.id)).all()) == 2


def test_without_a_history_there_is_nothing_to_erase(session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), PAGE)
    assert "Nothing here" in read(at)
    assert "Erase it for good" not in labels(at)


def test_cells_that_look_like_formulas_are_made_harmless() -> None:
    from datetime import date

    day = date(2026, 3, 1)
    row = PastLoanRow(1, 1, '=HYPERLINK("http://evil.example")', "+1 Author", "310", day, day, day, 0, 0)
    lines = history_csv(Page((row,), 1, 1, 50)).splitlines()
    assert lines[0] == "title,authors,barcode,borrowed,returned"
    assert lines[1].startswith("\"'=HYPERLINK")
    assert ",'+1 Author," in lines[1]
