"""The desk, without a browser: scans through its state, the page as it shows them, and the words it uses."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.members import MemberForm, add_member
from lib.accounts.models import AccountStatus
from lib.audit.models import AuditRow
from lib.catalogue.forms import TitleForm
from lib.catalogue.models import Copy
from lib.catalogue.titles import add_title
from lib.circulation.models import Loan
from lib.kit.clock import SetClock
from lib.ui import desk_state
from lib.ui.desk_choices import Choice, ChoiceKind, chosen_by_number
from lib.ui.desk_outcome import Mode
from lib.ui.desk_state import Desk
from lib.ui.desk_taking_back import TakingBack
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, read

PAGE = "staff/desk.py"
SessionOf = Callable[[Role], int]


class Screen:
    """The desk's page; `scan` does what the input does, in the next run."""

    def __init__(self, library: Installation, session: int, **query: str) -> None:
        self.library = library
        self.number = 0
        self.at: AppTest = at_page(session, PAGE, **query)

    @property
    def desk(self) -> Desk:
        found: Desk = self.at.session_state["tome.desk"]
        return found

    def scan(self, *codes: str) -> str:
        for code in codes:
            self.number += 1
            self.at.session_state["test.scan"] = (code, f"scan-{self.number}")
            self.at.run()
        return read(self.at)

    def do(self, act: Callable[[Desk], None]) -> str:
        """Something that a button does whose moment is over on this screen."""
        self.at.session_state["test.act"] = act
        self.at.run()
        return read(self.at)

    def press(self, label: str) -> str:
        button(self.at, label).click().run()
        return read(self.at)


@pytest.fixture
def screen(served: Installation, session_of: SessionOf, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The desk of a librarian. A scan arrives as the browser's would: its callback runs before the page."""
    drawn = desk_state.the_desk

    def the_desk() -> Desk:
        desk = drawn()
        if (sent := st.session_state.pop("test.scan", None)) is not None:
            desk.scan(*sent)
        if (act := st.session_state.pop("test.act", None)) is not None:
            act(desk)
        return desk

    monkeypatch.setattr(desk_state, "the_desk", the_desk)
    return Screen(served, session_of(Role.LIBRARIAN))


@pytest.fixture
def reader(served: Installation) -> Actor:
    return a_member(served, name="Ada Lovelace", sort_name="ada lovelace", card_number="2900000000018")


def add_a_member(library: Installation, name: str) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        return add_member(uow, MemberForm(name=name))


def add_a_title(library: Installation) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        return add_title(uow, TitleForm(title="Emma", isbns=["9780141439587"]))


def open_loans(library: Installation) -> list[str]:
    wanted = (
        select(Copy.barcode).join(Loan, Loan.copy_id == Copy.id).where(Loan.returned_at.is_(None)).order_by(Loan.id)
    )
    with library.engine.connect() as connection:
        return list(connection.scalars(wanted))


def test_a_card_then_copies_are_lent_and_the_day_is_told(screen: Screen, reader: Actor) -> None:
    first, second = a_copy(screen.library, a_title(screen.library, "Emma")), a_copy(screen.library)
    assert "Ada Lovelace" in screen.scan("2900000000018")
    told = screen.scan(first, second)
    assert "Due back on Tuesday, 31 March 2026" in told
    assert "2 of 5 loans" in told.replace("*", "")
    assert open_loans(screen.library) == [first, second]


def test_enter_alone_ends_the_turn(screen: Screen, reader: Actor) -> None:
    screen.scan("2900000000018")
    assert "Nobody at the desk" in screen.scan("")


def test_a_scan_that_is_nothing_says_so_in_words(screen: Screen) -> None:
    assert "its check digit is wrong: scan it again" in screen.scan("9999999999999")
    assert "No member, copy or title is called so" in screen.scan("xyzzy")


def test_a_block_is_explained_and_overridden_with_a_written_reason(screen: Screen, reader: Actor) -> None:
    a_loan(screen.library, reader, days_ago=30)
    copy = a_copy(screen.library)
    assert "overdue" in screen.scan("2900000000018", copy)
    assert copy not in open_loans(screen.library)
    assert screen.desk.asks is None
    screen.press("Lend anyway")
    assert "not a reason" in screen.scan("30000000000012")
    assert "Give the reason in a few words" in screen.scan("ok")
    assert "Lent" in screen.scan("Exam week, agreed by phone")
    assert copy in open_loans(screen.library)
    with screen.library.engine.connect() as connection:
        facts = connection.scalars(select(AuditRow.facts).where(AuditRow.action == "loan.issue")).all()
    assert "Exam week, agreed by phone" in str(facts)


def test_a_question_is_cancelled_by_enter_alone(screen: Screen, reader: Actor) -> None:
    a_loan(screen.library, reader, days_ago=30)
    copy = a_copy(screen.library)
    screen.scan("2900000000018", copy)
    screen.press("Lend anyway")
    screen.scan("")
    assert screen.desk.asks is None
    assert screen.desk.member_id == reader.account_id
    assert copy not in open_loans(screen.library)


def test_a_copy_of_somebody_else_is_taken_back_and_lent_here_in_one_go(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, a_member(screen.library, name="Bob"), copy)
    assert "is on loan to Bob" in screen.scan("2900000000018", copy)
    screen.press("Take back, lend here")
    with screen.library.engine.connect() as connection:
        holder = connection.scalar(select(Loan.account_id).where(Loan.returned_at.is_(None)))
    assert holder == reader.account_id


def test_their_own_copy_is_offered_for_renewal(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library, a_title(screen.library, "Emma"))
    a_loan(screen.library, reader, copy, days_ago=10)
    assert "already" in screen.scan("2900000000018", copy)
    assert "Emma : renewed, due on" in screen.press("Renew it")


def test_taking_back_says_from_whom_how_late_and_where_to_put_it(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library, a_title(screen.library, "Emma"))
    a_loan(screen.library, reader, copy, days_ago=31)
    screen.press("Take back")
    told = screen.scan(copy)
    assert "Back from Ada Lovelace : Emma" in told
    assert "10 days late" in told
    assert "€1.00" in told
    assert "Put it back on its shelf" in told
    assert open_loans(screen.library) == []


def test_a_damaged_copy_goes_to_repair_with_a_note_typed_into_the_same_input(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Damaged")
    assert "Page 12 torn" in screen.scan("Page 12 torn")
    assert "Put it with the repairs" in screen.scan(copy)
    assert screen.desk.back.condition is None, "the next copy is as it was"
    with screen.library.engine.connect() as connection:
        kept = connection.execute(select(Copy.status, Copy.condition, Copy.note).where(Copy.barcode == copy)).one()
    assert tuple(kept) == ("in_repair", "damaged", "Page 12 torn")


def test_a_scan_in_place_of_the_note_is_a_scan(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Worn")
    screen.scan(copy)
    with screen.library.engine.connect() as connection:
        assert connection.scalar(select(Copy.condition).where(Copy.barcode == copy)) == "worn"


def test_the_book_drop_counts_the_fine_to_its_day(screen: Screen, reader: Actor, clock: SetClock) -> None:
    copy = a_copy(screen.library)
    loan = a_loan(screen.library, reader, copy, days_ago=26)
    screen.press("Take back")
    dropped = clock.now().date() - timedelta(days=5)
    screen.press("Another day")
    screen.scan("")
    assert (screen.desk.back.dropped_on, screen.desk.asks) == (None, None)
    screen.press("Another day")
    assert "That day is still to come" in screen.scan("2027-01-01")
    screen.scan(f"{dropped.day}.{dropped.month}.")
    assert screen.desk.back.dropped_on == dropped
    told = screen.scan(copy)
    assert "late" not in told.split("Just done")[0]
    with screen.library.engine.connect() as connection:
        kept = connection.execute(select(Loan.returned_on, Loan.fine_settled).where(Loan.id == loan)).one()
    assert tuple(kept) == (dropped, 0)


def test_a_name_that_several_bear_is_chosen_by_its_number(screen: Screen) -> None:
    members = [add_a_member(screen.library, name) for name in ("Ada Lovelace", "Ada Yonath")]
    assert "Which one? Type its number" in screen.scan("ada")
    screen.scan("2")
    assert screen.desk.member_id == members[1]


def test_an_isbn_offers_the_copies_that_are_in_and_one_key_lends(screen: Screen, reader: Actor) -> None:
    title = add_a_title(screen.library)
    out, inside = a_copy(screen.library, title), a_copy(screen.library, title)
    a_loan(screen.library, a_member(screen.library), out)
    told = screen.scan("2900000000018", "9780141439587")
    assert "which copy?" in told
    assert [label for label in labels(screen.at) if label.startswith("**")] == [f"**1** {inside} · Main library"]
    assert "Lent" in screen.scan("1")
    assert inside in open_loans(screen.library)
    assert "has no copy that is in" in screen.scan("9780141439587")


def test_the_last_act_is_undone_by_one_key(screen: Screen, reader: Actor) -> None:
    screen.scan("2900000000018", a_copy(screen.library))
    screen.press("Undo: ")
    assert open_loans(screen.library) == []
    assert "undone" in read(screen.at)


def test_a_double_delivery_of_a_scan_is_one_loan(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    screen.scan("2900000000018", copy)
    screen.number -= 1
    screen.scan(copy)
    assert open_loans(screen.library) == [copy]


def test_names_and_titles_are_shown_letter_by_letter(screen: Screen) -> None:
    a_member(screen.library, name="<img src=x> **Eve** ![a](//e.example/b)", card_number="2900000000018")
    copy = a_copy(screen.library, a_title(screen.library, "<b>Bold</b> & [link](//e.example)"))
    screen.scan("2900000000018", copy)
    assert "<b>Bold</b>" not in html_of(screen.at)
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html_of(screen.at)
    assert "![a]" not in "".join(str(element.value) for element in screen.at.header)


def test_what_waits_stands_there_while_nobody_does(screen: Screen) -> None:
    a_member(screen.library, status=AccountStatus.PENDING)
    a_loan(screen.library, a_member(screen.library), days_ago=30)
    screen.at.run()
    assert "1 registration waits" in read(screen.at)
    assert "1 loan is overdue" in read(screen.at)
    assert links(screen.at) == ["/registrations", "/overdue"]


def test_a_link_from_a_record_calls_the_member(served: Installation, session_of: SessionOf, reader: Actor) -> None:
    assert "Ada Lovelace" in read(at_page(session_of(Role.LIBRARIAN), PAGE, member=str(reader.account_id)))


@pytest.mark.parametrize("asked", ["abc", "-1", "9" * 40, "²", "999999"])
def test_a_link_that_names_nobody_is_no_fault(served: Installation, session_of: SessionOf, asked: str) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, member=asked)
    assert not at.exception
    assert "Something went wrong" not in read(at)


def test_a_number_chooses_only_what_is_offered() -> None:
    offered = (Choice(ChoiceKind.MEMBER, "A", "", 1), Choice(ChoiceKind.MEMBER, "B", "", 2))
    assert chosen_by_number(offered, "2") == offered[1]
    assert [chosen_by_number(offered, typed) for typed in ("3", "0", "22", "²", "")] == [None] * 5


def test_taking_back_begins_without_a_member_and_with_fresh_fields() -> None:
    desk = Desk(member_id=3, back=TakingBack(dropped_on=date(2026, 3, 1)))
    desk.switch(Mode.TAKE_BACK)
    assert (desk.member_id, desk.back.dropped_on) == (None, None)
