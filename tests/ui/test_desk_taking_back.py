"""Taking back at the desk: cards that are scanned meanwhile, fines, damage, the hold shelf, notes and lost copies."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.catalogue.models import Copy
from lib.circulation.losses import declare_lost
from lib.kit.clock import SetClock
from lib.ui.desk_outcome import Mode
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import owed_by, sound
from tests.ui.on_screen import labels, links, read
from tests.ui.test_desk import Screen, add_a_member, open_loans, screen
from tests.ui.test_desk_holds_and_money import addresses, held

__all__ = ["screen"]  # a fixture
CARD = "2999000000018"


@pytest.fixture
def reader(served: Installation) -> Actor:
    return a_member(served, name="Ada Lovelace", sort_name="ada lovelace", card_number=CARD)


def test_a_card_scanned_meanwhile_shows_who_it_is_and_copies_still_come_back(screen: Screen, reader: Actor) -> None:
    copy, other = a_copy(screen.library), a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    told = screen.scan(CARD)
    assert "This is the card of Ada Lovelace" in told
    assert "You are still taking back" in told
    assert "1 of 5 loans" in told.replace("*", "")
    screen.scan(copy)
    assert "It was not on loan" in screen.scan(other)
    assert open_loans(screen.library) == []
    assert (screen.desk.mode, screen.desk.member_id) == (Mode.TAKE_BACK, reader.account_id)
    screen.press("Lend")
    screen.scan(other)
    assert open_loans(screen.library) == [other], "Alt+1 lends to whoever is here"


def test_a_name_chosen_meanwhile_changes_nothing_either(screen: Screen) -> None:
    members = [add_a_member(screen.library, name) for name in ("Ada Lovelace", "Ada Yonath")]
    screen.press("Take back")
    screen.scan("ada", "2")
    assert (screen.desk.mode, screen.desk.member_id) == (Mode.TAKE_BACK, members[1])


def test_a_fine_is_taken_of_whoever_brought_it_back(screen: Screen, reader: Actor) -> None:
    late, other = a_copy(screen.library), a_copy(screen.library)
    a_loan(screen.library, reader, late, days_ago=31)
    a_loan(screen.library, a_member(screen.library), other)
    screen.press("Take back")
    assert "Fine: €1.00" in screen.scan(late)
    assert f"/member?id={reader.account_id}" in links(screen.at), "the name opens the record"
    screen.press("Take €1.00 from Ada Lovelace")
    assert "Nothing is owed any more" in screen.press("Cash")
    screen.scan(other)
    assert open_loans(screen.library) == [], "what is scanned next is taken back as before"
    sound(screen.library)


def test_whoever_owes_nothing_is_not_asked_for_money(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.scan(copy)
    assert not [label for label in labels(screen.at) if " from " in label]


@pytest.mark.parametrize("mode", ["Lend", "Take back"])
def test_a_copy_on_the_hold_shelf_says_for_whom_and_prints_its_slip_again(
    screen: Screen, reader: Actor, mode: str
) -> None:
    title = a_title(screen.library, "Emma")
    copy = a_copy(screen.library, title)
    a_loan(screen.library, a_member(screen.library), copy)
    held(screen.library, title, reader)
    screen.press("Take back")
    screen.scan(copy)
    screen.press(mode)
    assert addresses(screen) == []
    told = screen.scan(copy)
    assert "Hold for Ada Lovelace , card ends 0018, until Tuesday, 17 March 2026" in told
    assert "/files/hold-slip/1" in addresses(screen)
    assert "Put it back on its shelf" not in told


def test_a_lost_copy_that_turns_up_says_who_had_it_and_what_is_no_longer_owed(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library, a_title(screen.library, "Emma"), price_minor=1490)
    loan = a_loan(screen.library, reader, copy)
    with begin_work(screen.library, a_librarian(screen.library)) as uow:
        declare_lost(uow, loan_id=loan)
    screen.press("Take back")
    told = screen.scan(copy)
    assert "Emma was lost, last had by Ada Lovelace , and is found." in told
    assert "€14.90 for the loss is no longer owed." in told
    assert "Put it back on its shelf." in told
    assert "not on loan" not in told
    assert "Back from" not in told
    assert owed_by(screen.library, reader) == 500, "the fee stays"


def test_what_staff_noted_about_a_member_stands_first(screen: Screen, reader: Actor) -> None:
    with screen.library.engine.begin() as connection:
        connection.execute(update(Account).where(Account.id == reader.account_id).values(note="Return her *umbrella*!"))
    assert "Return her \\*umbrella\\*\\!" in screen.scan(CARD) or "umbrella" in read(screen.at)
    assert any("umbrella" in str(found.value) for found in screen.at.warning)


def test_what_is_noted_about_a_copy_is_told_when_it_goes_and_when_it_comes(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    with screen.library.engine.begin() as connection:
        connection.execute(update(Copy).where(Copy.barcode == copy).values(note="with 2 <CDs>"))
    assert "Note on the copy: with 2 <CDs>" in screen.scan(CARD, copy)
    screen.press("Take back")
    assert "Note on the copy: with 2 <CDs>" in screen.scan(copy)


def test_damage_asks_note_and_amount_in_the_one_input(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Damaged")
    screen.scan("Wet")
    assert "is not an amount" in screen.scan("much")
    screen.scan(copy)  # a scan is no amount: nothing is charged
    assert open_loans(screen.library) == []
    assert owed_by(screen.library, reader) == 0


def test_what_is_worn_is_charged_only_if_asked_for(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Worn")
    screen.scan("")
    assert screen.desk.asks is None
    screen.press("Charge for it")
    screen.scan("2", copy)
    assert owed_by(screen.library, reader) == 200


def test_a_barcode_with_letters_is_a_scan_in_place_of_a_note(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library, barcode="LIB-00A7")
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Damaged")
    assert "Put it with the repairs" in screen.scan("lib-00a7")


def test_the_last_open_day_of_the_book_drop_is_a_key(screen: Screen, reader: Actor, clock: SetClock) -> None:
    screen.press("Take back")
    yesterday = clock.now().date() - timedelta(days=1)
    label = next(found.label for found in screen.at.button if str(found.key) == "drop-Alt+Y")
    screen.press(label)
    assert screen.desk.back.dropped_on == yesterday
    screen.press(label)
    assert screen.desk.back.dropped_on is None
    screen.press("Another day")
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.scan(copy)
    assert open_loans(screen.library) == [], "a scan is no day"
