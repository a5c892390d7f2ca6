"""The gate: who is let in, and how a no or a fault is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.accounts.sessions import sign_out
from lib.kit.clock import SetClock
from tests.ui.conftest import a_page, shown, sit_down

SessionOf = Callable[[Role], int]
MEMBERS_PAGE = """
import streamlit as st
from lib.access.permissions import Permission
from lib.ui import navigation
from lib.ui.doorway import enter, turn_away, visitor
if "ready" not in st.session_state:
    st.session_state.ready = True
st.navigation(list(navigation.pages_for(visitor().actor, lambda: None).values()), position="hidden")
me = enter(Permission.%s)
st.write("inside as", me.actor.name)
"""


def page(permission: str) -> str:
    return MEMBERS_PAGE % permission


def test_a_member_is_let_in(session_of: SessionOf) -> None:
    at = a_page(page("USE_ACCOUNT"), session_of(Role.MEMBER)).run()
    assert "inside as Member" in shown(at)


def test_a_guest_is_asked_to_sign_in_and_nothing_after_it_runs(served: Installation) -> None:
    at = a_page(page("USE_ACCOUNT")).run()
    assert "Please sign in" in shown(at)
    assert "inside" not in shown(at)


def test_a_member_is_told_that_a_staff_page_is_not_for_them(session_of: SessionOf) -> None:
    at = a_page(page("CIRCULATE"), session_of(Role.MEMBER)).run()
    assert "This page is not for you" in shown(at)
    assert "inside" not in shown(at)


def test_a_session_that_ended_is_a_guest_on_the_next_run(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    at = a_page(page("USE_ACCOUNT"), session).run()
    sign_out(served, session)
    assert "Please sign in" in shown(at.run())


def test_a_role_that_was_taken_away_counts_on_the_next_run(session_of: SessionOf, served: Installation) -> None:
    at = a_page(page("CIRCULATE"), session_of(Role.LIBRARIAN)).run()
    assert "inside" in shown(at)
    with begin_work(served, SYSTEM) as uow:
        uow.connection.execute(update(Account).where(Account.username == "librarian").values(role="member"))
    assert "This page is not for you" in shown(at.run())


def test_a_disabled_account_is_out_on_the_next_run(session_of: SessionOf, served: Installation) -> None:
    at = a_page(page("USE_ACCOUNT"), session_of(Role.MEMBER)).run()
    with begin_work(served, SYSTEM) as uow:
        uow.connection.execute(update(Account).values(status="disabled"))
    assert "Please sign in" in shown(at.run())


def test_staff_are_signed_out_when_idle(session_of: SessionOf, clock: SetClock) -> None:
    at = a_page(page("CIRCULATE"), session_of(Role.LIBRARIAN)).run()
    clock.forward(timedelta(minutes=31))
    assert "Please sign in" in shown(at.run())


@pytest.mark.parametrize("sid", ["", "abc", "-1", "1 OR 1=1", "9" * 30, "٣", "1.0", "0", "\x00"])
def test_an_identity_that_makes_no_sense_is_a_guest(session_of: SessionOf, sid: str) -> None:
    session_of(Role.ADMIN)
    at = a_page(page("USE_ACCOUNT"))
    at.user = {"sid": sid}
    assert "Please sign in" in shown(at.run())


def test_identity_is_not_kept_in_the_sessions_state(session_of: SessionOf) -> None:
    at = a_page(page("USE_ACCOUNT"), session_of(Role.MEMBER)).run()
    assert "inside" in shown(at)
    assert "Please sign in" in shown(sit_down(at, None).run())


REFUSED = """
import streamlit as st
from lib.kit.errors import Fault, Invalid, NotFound, RuleBroken
from lib.ui.doorway import showing_refusals
from lib.circulation.errors import CannotLend
class TooMany(RuleBroken):
    rule, message, way_out = "max_loans", "The limit of {limit} loans is reached.", "Return one of *them*."
with showing_refusals(**{labels}):
    {raising}
st.write("and on it goes")
"""


def refused(raising: str, labels: str = "{}") -> str:
    at = a_page(REFUSED.replace("{raising}", raising).replace("{labels}", labels)).run()
    assert not at.exception
    return shown(at)


def test_a_refusal_is_told_in_its_own_words_and_the_page_goes_on(served: Installation) -> None:
    told = refused("raise NotFound('book')")
    assert "There is no such book" in told
    assert "and on it goes" in told


def test_every_fault_of_a_form_is_told_under_its_label(served: Installation) -> None:
    told = refused("raise Invalid(Fault('a', 'Too short'), Fault('b', 'Too long'))", '{"a": "Name"}')
    assert "- **Name:** Too short" in told
    assert "- Too long" in told


def test_every_reason_comes_with_its_way_out_and_typed_text_stays_plain(served: Installation) -> None:
    told = refused("raise TooMany(limit=5)")
    assert r"The limit of 5 loans is reached\. Return one of \*them\*\." in told
    one = "{'code': 'late', 'text': 'One is late.', 'kind': 'blocked', 'facts': {}, 'way_out': 'Return *it*.'}"
    told = refused(f"raise CannotLend(reasons=[{one}, {one}], can_override=True)")
    assert told.count(r"- One is late\. Return \*it\*\.") == 2


def test_a_fault_shows_an_incident_number_and_no_trace(
    served: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused("raise ValueError('secret /path/to/file.py')")
    assert "Something went wrong" in told
    assert "secret" not in told
    number = told.split("**")[1]
    assert len(number) == 12
    assert number in "".join(capsys.readouterr())


def test_a_rerun_inside_passes_through(served: Installation) -> None:
    at = a_page(
        "import streamlit as st\nfrom lib.ui.doorway import showing_refusals\n"
        "if 'again' not in st.session_state:\n    with showing_refusals():\n        st.session_state.again = 1\n"
        "        st.rerun()\nst.write('second run')\n"
    ).run()
    assert "second run" in shown(at)


def test_what_was_said_survives_a_rerun_and_is_shown_once(served: Installation) -> None:
    at = a_page(
        "import streamlit as st\nfrom lib.ui.doorway import say, show_said\nshow_said()\n"
        "if st.button('do'):\n    say('Done it.')\n    st.rerun()\n"
    ).run()
    assert "Done it." in shown(at.button[0].click().run())
    assert "Done it." not in shown(at.run())


def test_the_key_of_a_form_stays_until_it_is_renewed(served: Installation) -> None:
    at = a_page(
        "import streamlit as st\nfrom lib.ui.doorway import form_key, renew_key\n"
        "st.write(form_key('borrow'))\nif st.button('renew'):\n    renew_key('borrow')\n"
    ).run()
    first = shown(at)
    assert shown(at.run()) == first
    at.button[0].click().run()
    assert shown(at.run()) != first


def test_work_is_done_by_whoever_is_signed_in_at_that_moment(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    at = a_page(
        "import streamlit as st\nfrom lib.access.permissions import Permission\n"
        "from lib.ui.doorway import showing_refusals, work\n"
        "if st.button('act'):\n    with showing_refusals():\n        with work() as uow:\n"
        "            uow.require(Permission.BORROW)\n            name = uow.actor.name\n"
        "        st.write('acted as', name)\n",
        session,
    ).run()
    assert "acted as Member" in shown(at.button[0].click().run())
    sign_out(served, session)
    told = shown(at.button[0].click().run())
    assert "acted" not in told


def test_the_number_of_an_incident_stands_in_the_audit_trail_too(session_of: SessionOf) -> None:
    at = a_page(
        "import streamlit as st\nfrom lib.ui.doorway import run_id, work\n"
        "with work() as uow:\n    inside = uow.request_id\nst.write('same' if inside == run_id() else 'different')\n",
        session_of(Role.MEMBER),
    ).run()
    assert "same" in shown(at)


def test_the_visitor_knows_the_library_and_the_readers_language(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    with begin_work(served, Actor(None, Role.SYSTEM)) as uow:
        uow.connection.execute(update(Account).values(language="de"))
    at = a_page(
        "import streamlit as st\nfrom datetime import date\n"
        "from lib.ui.doorway import enter\nfrom lib.ui.words import day, money\n"
        "found = enter()\nst.write(found.locale, day(date(2026, 5, 3)), money(240))\n",
        session,
    ).run()
    assert "de 3. Mai 2026 2,40" in shown(at)
