"""The kiosk without a browser: a device of a terminal, card and PIN, scans, and that nothing of a reader stays."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import text, update
from streamlit.testing.v1 import AppTest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.accounts.passwords import hash_password
from lib.accounts.sessions import redeem_ticket, session_of_token
from lib.accounts.terminals import TerminalKind, make_terminal, open_kiosk, revoke_terminal
from lib.kit.clock import SetClock
from lib.ui import doorway
from lib.ui.kiosk_state import Kiosk
from tests.builders import a_copy, a_loan, a_member, a_title, an_admin
from tests.circulation.money_steps import choose
from tests.circulation.steps import rows, set_rule
from tests.ui.conftest import at_page, shown
from tests.ui.on_screen import button

PIN = "4711"
PAGE = "public/kiosk.py"
_HASH = hash_password(PIN)
_numbers = count(1)


@pytest.fixture
def device(served: Installation) -> int:
    """A tablet that was set up once: its session."""
    _, secret = make_terminal(served, an_admin(served), kind=TerminalKind.KIOSK, login="hall", name="Hall")
    ticket = open_kiosk(served, login="hall", secret=secret, address="192.0.2.7", device="Tablet")
    redeemed = redeem_ticket(served, ticket)
    assert redeemed is not None
    found = session_of_token(served, redeemed.token)
    assert found is not None
    return found


@pytest.fixture
def screen(served: Installation, device: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """What the screen's component talks to, with the device's session behind it."""
    monkeypatch.setattr(doorway, "session_id", lambda: device)  # Streamlit's handshake, which is not here
    yield Kiosk()
    st.session_state.clear()


def a_reader(library: Installation, **given: Any) -> tuple[Actor, str]:
    actor = a_member(library, **given)
    with begin_work(library, SYSTEM) as uow:
        card = uow.connection.execute(
            update(Account).where(Account.id == actor.account_id).values(pin_hash=_HASH).returning(Account.card_number)
        ).scalar_one()
    return actor, str(card)


def act(screen: Kiosk, kind: str, code: str = "", secret: str = "", seq: str = "") -> str:
    """Does what a touch or a scan does; returns what the screen says."""
    screen.take({"kind": kind, "code": code, "secret": secret, "seq": seq or f"t-{next(_numbers)}"})
    return screen.answer.html if screen.answer else ""


def come(screen: Kiosk, card: str, pin: str = PIN) -> None:
    act(screen, "first", card)
    assert screen.step == "pin"
    act(screen, "come", card, pin)


def visits(library: Installation) -> list[tuple[Any, ...]]:
    return rows(library, "SELECT account_id FROM kiosk_visit")


def test_to_everybody_else_it_says_how_a_device_becomes_a_kiosk(
    served: Installation, session_of: Callable[[Role], int]
) -> None:
    assert "Set up a self-service tablet" in shown(at_page(None, PAGE))
    assert "Sign out first" in shown(at_page(session_of(Role.ADMIN), PAGE))


def test_a_wrong_secret_makes_no_kiosk(served: Installation) -> None:
    at = at_page(None, PAGE)
    at.text_input[0].set_value("hall")
    at.text_input[1].set_value("wrong")
    button(at, "Make this device a kiosk").click().run()
    assert "do not go together" in shown(at)


def test_the_device_shows_the_kiosk_and_nothing_else(served: Installation, device: int) -> None:
    for page in (PAGE, "public/catalogue.py", "public/sign_in.py"):
        at: AppTest = at_page(device, page)
        assert not at.exception
        assert at.title[0].value == served_name(served)
        assert not at.sidebar.children or "Sign out" not in shown(at)


def served_name(library: Installation) -> str:
    with begin_work(library, SYSTEM) as uow:
        return uow.library.name


def test_card_pin_scan_scan_done(served: Installation, screen: Kiosk) -> None:
    reader, card = a_reader(served)
    first, second = a_copy(served, a_title(served, "Dune")), a_copy(served, a_title(served, "Emma"))
    come(screen, card)
    assert visits(served) == [(reader.account_id,)]
    assert "Dune" in act(screen, "scan", first)
    assert "31 March 2026" in act(screen, "scan", second)
    assert len(screen.done) == 2
    act(screen, "leave")
    assert asdict(screen) == asdict(Kiosk()) | {
        "answered": screen.answered, "answer": {"html": "You are signed out. Thank you!", "tone": "good"}
    }  # fmt: skip
    act(screen, "leave")  # as the screen says once the words stood there long enough
    assert screen.answer is None
    assert visits(served) == []
    assert rows(served, "SELECT channel FROM loan") == [("self_check",), ("self_check",)]


def test_a_touch_counts_once(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served)
    item = a_copy(served)
    come(screen, card)
    act(screen, "scan", item, seq="same")
    act(screen, "scan", item, seq="same")
    assert len(screen.done) == 1


def test_neither_card_nor_pin_nor_name_stays_in_the_screens_memory(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served, name="Ada Lovelace")
    come(screen, card, "9021")
    assert "do not go together" in (screen.answer.html if screen.answer else "")
    come(screen, card)
    act(screen, "scan", a_copy(served))
    kept = repr(screen)
    for secret in (card, PIN, "9021", "Ada", "Lovelace"):
        assert secret not in kept


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


def test_the_own_card_again_is_done_and_another_card_begins_another_visit(served: Installation, screen: Kiosk) -> None:
    (_, card), (other, other_card) = a_reader(served), a_reader(served)
    come(screen, card)
    act(screen, "scan", card)
    assert (screen.step, visits(served)) == ("card", [])
    come(screen, card)
    act(screen, "scan", a_copy(served))
    act(screen, "scan", other_card)
    assert (screen.step, screen.done, screen.answer, visits(served)) == ("pin", [], None, [])
    act(screen, "come", other_card, PIN)
    assert visits(served) == [(other.account_id,)]


def test_who_walked_away_is_signed_out_whether_or_not_the_screen_says_so(
    served: Installation, screen: Kiosk, clock: SetClock
) -> None:
    _, card = a_reader(served)
    item = a_copy(served)
    come(screen, card)
    clock.forward(timedelta(seconds=71))
    act(screen, "scan", item)
    assert rows(served, "SELECT count(*) FROM loan") == [(0,)]
    come(screen, card)
    for _ in range(3):
        clock.forward(timedelta(seconds=60))
        act(screen, "stay")
    act(screen, "scan", a_copy(served))
    assert rows(served, "SELECT count(*) FROM loan") == [(1,)]


def test_a_revoked_device_does_nothing_any_more(served: Installation, screen: Kiosk, device: int) -> None:
    _, card = a_reader(served)
    come(screen, card)
    with begin_work(served, an_admin(served)) as uow:
        terminal = uow.connection.execute(text("SELECT id FROM terminal")).scalar_one()
        revoke_terminal(uow, terminal)
    act(screen, "scan", a_copy(served))
    assert rows(served, "SELECT count(*) FROM loan") == [(0,)]
    assert screen.answer is None
    assert "Set up a self-service tablet" in shown(at_page(device, PAGE))


def test_what_no_screen_sends_does_nothing(served: Installation, screen: Kiosk) -> None:
    for kind in ("", "pay", "__class__", "scan", "renew", "return", "stay", "renew-all"):
        act(screen, kind, "nonsense", "x")
    screen.take({"kind": "leave", "code": "", "secret": "", "seq": ""})
    assert visits(served) == []
