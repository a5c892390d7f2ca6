"""A second key comes while the first one's act is under way: Streamlit ends the run at its next look into the session.
An act is done whole and told, or it is not done and the desk stands as it stood."""

from types import SimpleNamespace

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_work
from lib.billing.models import Charge, ChargeKind, Payment, PaymentMethod
from lib.circulation.money import charge_member
from lib.ui import scan_box
from lib.ui.desk_state import Desk
from lib.ui.kiosk_state import Kiosk
from lib.ui.words import day, money
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.ui.conftest import a_page
from tests.ui.kiosk_steps import PIN, visits
from tests.ui.kiosk_steps import a_reader as a_kiosk_reader
from tests.ui.on_screen import read
from tests.ui.test_desk import Screen, open_loans, screen

__all__ = ["screen"]  # a fixture
CARD = "2999000000018"
KIOSK = """
import streamlit as st
from lib.ui.kiosk_state import the_kiosk
kiosk = the_kiosk()
if act := st.session_state.pop("test.act", None):
    act(kiosk)
st.markdown(kiosk.answer.html if kiosk.answer else "nothing")
"""


def next_key() -> None:
    """What the browser's next press does to the run of this one."""
    run = get_script_run_ctx()
    assert run is not None
    assert run.script_requests is not None
    run.script_requests.request_rerun(RerunData(page_script_hash=run.page_script_hash))


def a_reader(library: Installation) -> Actor:
    return a_member(library, name="Ada Lovelace", sort_name="ada lovelace", card_number=CARD)


def charged(library: Installation) -> list[int]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Charge.balance_minor).order_by(Charge.id)))


def payments(library: Installation) -> list[int]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Payment.amount_minor)))


def charge(uow: UnitOfWork, reader: Actor) -> None:
    charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=240, what="New card")


def test_words_are_made_within_an_act_and_the_act_is_done_and_told(screen: Screen) -> None:
    reader = a_reader(screen.library)
    screen.scan(CARD)

    def act(uow: UnitOfWork) -> str:
        charge(uow, reader)
        next_key()
        return f"Charged: {money(240)} on {day(uow.today)}."

    screen.do(lambda desk: desk.run(act))
    assert charged(screen.library) == [240]
    assert "Charged: €2.40" in read(screen.at)


def test_a_payment_that_a_second_press_cut_short_leaves_the_till_open_for_it(screen: Screen) -> None:
    reader = a_reader(screen.library)
    with begin_work(screen.library, a_librarian(screen.library)) as uow:
        charge(uow, reader)
    screen.scan(CARD)
    screen.press("Take €2.40")
    before = screen.desk.till

    def pay(desk: Desk) -> None:
        next_key()
        desk.pay(PaymentMethod.CASH, 240, 240)

    screen.do(pay)
    assert payments(screen.library) == []
    assert before is not None
    assert screen.desk.till is before
    assert "Nothing is owed any more" in screen.press("Cash")
    assert payments(screen.library) == [240]


def test_a_scan_that_was_cut_short_counts_when_it_is_sent_again(screen: Screen) -> None:
    a_reader(screen.library)
    copy = a_copy(screen.library, a_title(screen.library, "Emma"))
    screen.scan(CARD)

    def scan(desk: Desk) -> None:
        next_key()
        desk.scan(copy, "cut-short")

    screen.do(scan)
    assert open_loans(screen.library) == []
    assert screen.desk.member_id is not None
    screen.do(lambda desk: desk.scan(copy, "cut-short"))
    assert open_loans(screen.library) == [copy]
    assert "Lent" in read(screen.at)


def test_a_scan_at_a_kiosk_that_was_cut_short_counts_when_it_is_sent_again(served: Installation, device: int) -> None:
    reader, card = a_kiosk_reader(served)
    copy = a_copy(served, a_title(served, "Emma"))
    at = a_page(KIOSK, device)

    def press(kind: str, code: str, secret: str = "", *, cut: bool = False) -> str:
        def act(kiosk: Kiosk) -> None:
            if cut:
                next_key()
            kiosk.take({"kind": kind, "code": code, "secret": secret, "seq": f"{kind}-{code}"})

        at.session_state["test.act"] = act
        at.run()
        return read(at)

    press("first", card)
    press("come", card, PIN)
    assert visits(served) == [(reader.account_id,)]
    press("scan", copy, cut=True)
    assert open_loans(served) == []
    assert "Emma" in press("scan", copy)
    assert open_loans(served) == [copy]
    press("scan", copy)  # once too often
    assert len(at.session_state["kiosk"].done) == 1


def test_a_scan_is_answered_only_when_its_act_is_over() -> None:
    st.session_state["tome.scan"] = SimpleNamespace(scan={"code": "2001", "seq": "a-1"})
    heard: list[str] = []

    def cut_short(code: str, seq: str) -> None:
        raise RerunException(RerunData())

    try:
        with pytest.raises(RerunException):
            scan_box._scanned(cut_short)
        for _ in range(2):  # the browser sends it again, and once too often
            scan_box._scanned(lambda code, _: heard.append(code))
        assert heard == ["2001"]
    finally:
        st.session_state.clear()
