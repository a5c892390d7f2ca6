"""Books at the kiosk: lent, renewed, brought back, and each refusal with its reasons and a way out."""

import pytest
from sqlalchemy import update

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.ui.kiosk_state import Kiosk
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.circulation.money_steps import choose
from tests.circulation.steps import rows, set_rule
from tests.ui.kiosk_steps import a_reader, act, come


def test_who_may_not_borrow_hears_it_at_once_and_still_brings_back_and_renews(
    served: Installation, screen: Kiosk
) -> None:
    reader, card = a_reader(served)
    item = a_copy(served, a_title(served, "Dune"))
    a_loan(served, reader, item, days_ago=18)
    with begin_work(served, SYSTEM) as uow:
        stand = {"status": "suspended", "status_reason": "Lent the card to others"}
        uow.connection.execute(update(Account).where(Account.id == reader.account_id).values(**stand))
    come(screen, card)
    said = screen.answer.html if screen.answer else ""
    assert "You cannot borrow just now." in said
    assert "Your membership is suspended. The staff know why. Please ask at the desk." in said
    assert "You can still bring books back" in said
    assert "Lent the card" not in said
    assert "Dune" in act(screen, "scan", item)
    assert [offer.kind for offer in screen.choices][-1] == "return"
    assert "book drop" in act(screen, "return", item)


def test_another_readers_book_can_be_brought_back_in_a_visit_without_a_name(
    served: Installation, screen: Kiosk
) -> None:
    _, card = a_reader(served)
    item = a_copy(served, a_title(served, "Dune"))
    a_loan(served, a_member(served, name="Ada Lovelace"), item)
    come(screen, card)
    said = act(screen, "scan", item)
    assert "on loan to another reader" in said
    assert "Ada" not in said
    assert [offer.kind for offer in screen.choices] == ["return"]
    assert "book drop" in act(screen, "return", item)
    assert "Dune" in screen.done[0]


def test_renewing_everything_is_told_book_by_book_among_what_was_done(served: Installation, screen: Kiosk) -> None:
    reader, card = a_reader(served)
    for title in ("Dune", "Emma"):
        a_loan(served, reader, a_copy(served, a_title(served, title)), days_ago=18)
    come(screen, card)
    act(screen, "renew-all")
    assert ["Dune" in screen.done[0], "Emma" in screen.done[1], len(screen.done)] == [True, True, 2]
    assert "renewed, due" in act(screen, "leave")


@pytest.mark.parametrize(("how", "said", "open_loans"), [("drop", "book drop", 1), ("at_once", "returned", 0)])
def test_a_book_scanned_first_is_brought_back_without_a_card(
    served: Installation, screen: Kiosk, how: str, said: str, open_loans: int
) -> None:
    choose(served, kiosk_returns=how)
    item = a_copy(served, a_title(served, "Dune"))
    a_loan(served, a_member(served), item)
    assert said in act(screen, "first", item)
    assert screen.step == "card"
    assert screen.done == []
    assert rows(served, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(open_loans,)]


def test_where_the_desk_alone_takes_books_back_the_kiosk_says_so(served: Installation, screen: Kiosk) -> None:
    choose(served, kiosk_returns="off")
    reader, card = a_reader(served)
    item = a_copy(served)
    a_loan(served, reader, item, days_ago=18)
    assert "bring them to the desk" in act(screen, "first", item)
    come(screen, card)
    act(screen, "scan", item)
    assert [offer.kind for offer in screen.choices] == ["renew"]
    assert rows(served, "SELECT count(*) FROM loan WHERE returned_at IS NULL AND claimed_on IS NULL") == [(1,)]


def test_a_book_from_the_shelf_scanned_before_the_card_is_explained(served: Installation, screen: Kiosk) -> None:
    assert "scan your card first" in act(screen, "first", a_copy(served))


def test_what_cannot_be_kept_longer_yet_says_from_when_and_offers_no_button_for_it(
    served: Installation, screen: Kiosk
) -> None:
    reader, card = a_reader(served)
    item = a_copy(served)
    a_loan(served, reader, item)
    come(screen, card)
    assert "It can be renewed from 24 March 2026." in act(screen, "scan", item)
    assert [offer.kind for offer in screen.choices] == ["return"]


def test_a_book_the_reader_has_is_kept_longer_or_given_back(served: Installation, screen: Kiosk) -> None:
    reader, card = a_reader(served)
    item = a_copy(served, a_title(served, "Dune"))
    a_loan(served, reader, item, days_ago=18)
    come(screen, card)
    assert "You have" in act(screen, "scan", item)
    assert [offer.kind for offer in screen.choices] == ["renew", "return"]
    assert "renewed" in act(screen, "renew", item)
    assert screen.choices == []
    act(screen, "scan", item)
    assert "book drop" in act(screen, "return", item)
    assert "into the book drop" in screen.done[0]


def test_a_refusal_says_every_reason_and_what_to_do(served: Installation, screen: Kiosk) -> None:
    set_rule(served, max_loans=1)
    reader, card = a_reader(served)
    a_loan(served, reader, a_copy(served, a_title(served, "The <Late> One")), days_ago=40)
    come(screen, card)
    said = act(screen, "scan", a_copy(served))
    assert said.count("<li>") == 2
    assert "The &lt;Late&gt; One" in said
    assert "no book of this library" in act(screen, "scan", "31000000")
    assert "until" in act(screen, "renew-all")
    calmly = act(screen, "renew-all")
    assert "It can be renewed from 24 March 2026." in calmly
    assert "not renewed" not in calmly
