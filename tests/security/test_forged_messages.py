"""Messages that no screen of ours would send: pages asked for by their hash, widgets of somebody else's screen."""

import pytest
from sqlalchemy import select

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.permissions import GRANTS, Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Account, AccountStatus
from lib.accounts.sign_in import sign_in
from lib.ui.navigation import ENTRIES
from tests.builders import a_member
from tests.live_server import PASSWORD, LiveServer, somebody
from tests.security.conftest import CookieOf
from tests.streamlit_client import Screen

FOR_STAFF = [entry for entry in ENTRIES if entry.permission and entry.permission not in GRANTS[Role.MEMBER]]


def _status(library: Installation, account_id: int | None) -> AccountStatus | None:
    with begin_reading(library, SYSTEM) as uow:
        return uow.connection.scalar(select(Account.status).where(Account.id == account_id))


@pytest.mark.parametrize("by", ["name", "hash"])
def test_a_member_who_asks_for_a_page_of_staff_is_turned_away(server: LiveServer, cookie_of: CookieOf, by: str) -> None:
    with Screen(server.url, cookie_of("admin")) as admin:
        pages = admin.run("").pages
    with Screen(server.url, cookie_of("member")) as screen:
        for entry in FOR_STAFF:
            asked = {"page_hash": pages[entry.url_path]} if by == "hash" else {"page": entry.url_path}
            assert "This page is not for you" in screen.run(**asked).text(), entry.url_path


def test_a_button_of_staff_pressed_by_a_member_does_nothing(
    server: LiveServer, cookie_of: CookieOf, attacked_library: Installation
) -> None:
    waiting = a_member(attacked_library, status=AccountStatus.PENDING, card_number=None)
    with Screen(server.url, cookie_of("admin")) as admin:
        approve = admin.run("registrations").widgets["Approve"]
        page = admin.page
    with Screen(server.url, cookie_of("member")) as screen:
        for asked in ({"page": "registrations"}, {"page_hash": page}, {"page": "my-library"}, {"page": ""}):
            screen.run(**asked, pressed=approve)
    assert _status(attacked_library, waiting.account_id) is AccountStatus.PENDING
    with Screen(server.url, cookie_of("admin")) as admin:  # the same message from one who may
        admin.run("registrations")
        admin.run("registrations", pressed=approve)
    assert _status(attacked_library, waiting.account_id) is AccountStatus.ACTIVE


def test_an_open_screen_of_staff_loses_its_buttons_with_the_role(
    server: LiveServer, attacked_library: Installation
) -> None:
    helper = somebody(attacked_library, Role.LIBRARIAN, "helper")
    waiting = a_member(attacked_library, status=AccountStatus.PENDING, card_number=None)
    done = sign_in(attacked_library, login="helper", password=PASSWORD, address="192.0.2.1", device="test")
    cookie = server.exchange(done.ticket).headers["set-cookie"].split(";")[0]
    with Screen(server.url, cookie) as screen:
        approve = screen.run("registrations").widgets["Approve"]
        with begin_work(attacked_library, SYSTEM) as uow:
            uow.connection.execute(Account.__table__.update().where(Account.id == helper).values(role=Role.MEMBER))
        told = screen.run("registrations", pressed=approve).text()
    assert "This page is not for you" in told
    assert _status(attacked_library, waiting.account_id) is AccountStatus.PENDING
