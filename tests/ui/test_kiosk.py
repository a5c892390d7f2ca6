"""The kiosk without a browser: a device of a terminal, card and PIN, scans, and that nothing of a reader stays."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from streamlit.testing.v1 import AppTest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.accounts.terminals import revoke_terminal
from lib.kit.clock import SetClock
from lib.ui.kiosk_state import Kiosk
from tests.builders import a_copy, a_loan, a_title, an_admin
from tests.circulation.money_steps import choose
from tests.circulation.steps import rows
from tests.ui.conftest import at_page, shown
from tests.ui.kiosk_steps import PAGE, PIN, a_reader, act, come, visits
from tests.ui.on_screen import button


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
    assert visits(served) == []
    said = screen.answer.html if screen.answer else ""
    assert said.startswith("You are signed out. Thank you!")
    assert said.index("Dune") < said.index("Emma")
    assert said.count("due Tuesday, 31 March 2026") == 2
    kept = asdict(screen) | {"answer": None}
    assert kept == asdict(Kiosk()) | {"answered": screen.answered, "parting": True}
    act(screen, "walked-away")  # as the screen says once the words stood there long enough
    assert asdict(screen) == asdict(Kiosk()) | {"answered": screen.answered}
    assert rows(served, "SELECT channel FROM loan") == [("self_check",), ("self_check",)]


def test_who_walks_away_leaves_no_summary_for_the_next(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served)
    come(screen, card)
    act(screen, "scan", a_copy(served))
    act(screen, "walked-away")
    assert asdict(screen) == asdict(Kiosk()) | {"answered": screen.answered}
    assert visits(served) == []


def test_who_did_nothing_is_thanked_and_no_more(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served)
    come(screen, card)
    assert act(screen, "leave") == "You are signed out. Thank you!"
    assert not screen.parting


def test_what_is_no_card_asks_for_no_pin(served: Installation, screen: Kiosk) -> None:
    a_reader(served)
    for publishers in ("9780306406157", "978-0-306-40615-7", "0306406152", "9771144875007", "977114487500703"):
        assert "the publisher's barcode" in act(screen, "first", publishers)
        assert screen.step == "card"
    for other in ("31000000", "5012345678900", "https://example.org/p/1", "Dune", "x", "’; --"):
        assert "no card of ours" in act(screen, "first", other)
        assert screen.step == "card"


def test_a_card_that_nobody_has_is_asked_for_its_pin_as_everybodys_is(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served)
    a_reader(served, card_number="B-1044")
    asked = []
    for code in (card, "2900000000001", "B-1044", "B-9999"):
        act(screen, "first", code)
        asked.append((screen.step, screen.answer))
        wrong = act(screen, "come", code, "9021")
        assert "do not go together" in wrong
    assert asked == [("pin", None)] * 4


@pytest.mark.parametrize(("status", "said"), [("disabled", "closed to sign-in"), ("unverified", "confirm your e-mail")])
def test_whom_nobody_lets_in_hears_why_and_what_is_possible(
    served: Installation, screen: Kiosk, status: str, said: str
) -> None:
    reader, card = a_reader(served)
    with begin_work(served, SYSTEM) as uow:
        uow.connection.execute(update(Account).where(Account.id == reader.account_id).values(status=status))
    come(screen, card)
    assert said in (screen.answer.html if screen.answer else "")
    assert "Books can be brought back" in (screen.answer.html if screen.answer else "")
    assert (screen.step, visits(served)) == ("card", [])


def test_after_too_many_wrong_pins_the_first_screen_comes_back(served: Installation, screen: Kiosk) -> None:
    _, card = a_reader(served)
    act(screen, "first", card)
    for _ in range(5):
        assert "do not go together" in act(screen, "come", card, "9021")
        assert screen.step == "pin"
    assert "minutes" in act(screen, "come", card, PIN)
    assert (screen.step, visits(served)) == ("card", [])


def test_what_is_scanned_after_the_time_is_over_is_neither_lent_nor_brought_back(
    served: Installation, screen: Kiosk, clock: SetClock
) -> None:
    choose(served, kiosk_returns="at_once")
    reader, card = a_reader(served)
    item = a_copy(served)
    a_loan(served, reader, item, days_ago=18)
    for kind in ("scan", "renew", "return", "renew-all"):
        come(screen, card)
        clock.forward(timedelta(seconds=71))
        assert "nothing was done" in act(screen, kind, item)
        assert (screen.step, screen.busy) == ("card", False)
    assert rows(served, "SELECT count(*) FROM loan WHERE returned_at IS NULL AND renewals = 0") == [(1,)]


def test_a_page_that_is_loaded_anew_begins_with_nobody_there(served: Installation, screen: Kiosk, device: int) -> None:
    _, card = a_reader(served, name="Ada Lovelace")
    come(screen, card)
    at = at_page(device, PAGE)
    assert not at.exception
    assert visits(served) == []


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
