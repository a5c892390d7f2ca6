"""My library: due dates first, renewals, what stands against borrowing."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.circulation.decision import Reason, ReasonKind
from lib.circulation.renewals import RenewOutcome
from lib.kit.clock import SetClock
from lib.ui.loan_list import outcome_text, urgency
from lib.ui.reason_list import reason_text
from tests.builders import a_charge, a_copy, a_loan, a_title, an_admin
from tests.circulation.hold_steps import a_lent_title, came_back, hold
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, page_links, read, somebody_called

PAGE = "member/my_library.py"
TODAY = date(2026, 3, 10)
SessionOf = Callable[[Role], int]


@pytest.fixture
def mine(served: Installation, session_of: SessionOf) -> Callable[..., int]:
    """Lends the member a copy; returns the session. The first call signs in."""
    session = session_of(Role.MEMBER)

    def lend(title: str = "", days_ago: int = 0, **given: object) -> int:
        if title:
            me = somebody_called(served, "member")
            a_loan(served, me, a_copy(served, a_title(served, title)), days_ago=days_ago, **given)
        return session

    return lend


def test_nothing_at_home_leads_to_the_catalogue(mine: Callable[..., int]) -> None:
    at = at_page(mine(), PAGE)
    assert "You have nothing at home." in read(at)
    assert "Renew everything" not in labels(at)


def test_what_is_due_first_stands_first_with_its_urgency(mine: Callable[..., int]) -> None:
    mine("Later", days_ago=1)
    mine("Tomorrow", days_ago=20)
    at = at_page(mine(), PAGE)
    words = read(at)
    assert words.index("Tomorrow") < words.index("Later")
    assert "Due tomorrow, 11 March 2026" in words
    assert 'class="when soon"' in html_of(at)
    assert "2 titles at home" in words


def test_an_overdue_loan_is_red_costs_and_blocks(mine: Callable[..., int]) -> None:
    at = at_page(mine("Late", days_ago=31), PAGE)
    words = read(at)
    assert 'class="when late"' in html_of(at)
    assert "10 days overdue" in words
    assert "€1.00 so far" in words
    assert "At the moment you cannot borrow" in words
    assert "You owe €1\\.00" in words
    assert "Pay at the desk" in words
    assert ("See what for", "my-money") in page_links(at)


def test_what_is_ready_stands_above_everything_else(mine: Callable[..., int], served: Installation) -> None:
    mine("Late", days_ago=31)
    me = somebody_called(served, "member")
    title_id, (barcode,) = a_lent_title(served, "Emma")
    other, _ = a_lent_title(served, "Dune")
    hold(served, me, title_id)
    hold(served, me, other)
    came_back(served, barcode)
    at = at_page(mine(), PAGE)
    words = read(at)
    assert "Ready for you until Tuesday, 17 March 2026" in words
    assert barcode in words
    assert html_of(at).index("Emma") < html_of(at).index("Late")
    assert ("You wait for 1 title", "my-holds") in page_links(at)


def test_why_it_is_due_then_is_told_step_by_step(mine: Callable[..., int]) -> None:
    at = at_page(mine("Emma", days_ago=18), PAGE)
    at.selectbox(key="why-due").set_value(at.selectbox(key="why-due").options[0]).run()
    words = read(at)
    assert "It was lent on 20 February 2026 for 21 days" in words
    assert "So it is due on Friday, 13 March 2026" in words


def test_one_loan_is_renewed_and_the_page_says_until_when(mine: Callable[..., int]) -> None:
    at = at_page(mine("Emma", days_ago=18), PAGE)
    button(at, "Renew").click().run()
    words = read(at)
    assert "is yours until 3 April 2026" in words
    assert "1 renewal left" in words


def test_everything_is_renewed_at_once_with_an_answer_for_each(mine: Callable[..., int]) -> None:
    mine("Fresh", days_ago=18)
    at = at_page(mine("Used up", days_ago=15, renewals=2), PAGE)
    button(at, "Renew everything").click().run()
    words = read(at)
    assert "“Fresh”: yours until" in words
    assert "“Used up”: not renewed" in words
    assert ["“Fresh”" in at.success[0].value, len(at.success)] == [True, 1]
    assert ["“Used up”" in at.warning[0].value, "“Fresh”" in at.warning[0].value] == [True, False]


def test_what_cannot_be_renewed_says_why_and_has_no_button(mine: Callable[..., int]) -> None:
    at = at_page(mine("Used up", days_ago=2, renewals=2), PAGE)
    assert "Renew" not in labels(at)
    assert "renew" in html_of(at).lower()


def test_titles_are_shown_letter_by_letter(mine: Callable[..., int]) -> None:
    at = at_page(mine("<img src=x> ![a](http://evil.example/b)"), PAGE)
    assert "<img src=x>" not in html_of(at)
    assert not at.exception


@pytest.mark.parametrize(("left", "look"), [(-1, "late"), (0, "soon"), (3, "soon"), (4, "in"), (90, "in")])
def test_urgency_grows_as_the_day_comes_near(left: int, look: str) -> None:
    assert urgency(TODAY + timedelta(days=left), TODAY).look == look


def test_reasons_are_sentences_with_their_way_out() -> None:
    one = Reason("limit", "The limit of *5* is reached.", ReasonKind.BLOCKED, {}, "Return one.")
    two = Reason("debt", "You owe 6.00.", ReasonKind.BLOCKED, {})
    assert reason_text([one]) == "The limit of \\*5\\* is reached\\. Return one\\."
    assert reason_text([one, two]).count("\n- ") == 1
    theirs = Reason("same-title", "It is on loan to this member.", ReasonKind.BLOCKED, {}, "Renew that loan.")
    assert reason_text([theirs], own=True) == "It is on loan to you\\. Bring that one back first\\."
    outcome = RenewOutcome(1, "A_B", None, (two,))
    assert outcome_text((outcome,)) == "- “A\\_B”: not renewed. You owe 6\\.00\\. Please ask at the desk\\."


def test_the_day_moves_on(mine: Callable[..., int], clock: SetClock) -> None:
    session = mine("Emma", days_ago=20)
    assert "Due tomorrow" in read(at_page(session, PAGE))
    clock.forward(timedelta(hours=11))
    assert "Due tomorrow" in read(at_page(session, PAGE))


def test_what_one_owes_is_said_once_and_not_under_every_loan(mine: Callable[..., int], served: Installation) -> None:
    for name in ("Dune", "Emma", "Ulysses"):
        session = mine(name, days_ago=18)
    me = somebody_called(served, "member")
    with begin_work(served, an_admin(served)) as uow:
        a_charge(uow, me, 600)
    at = at_page(session, PAGE)
    assert read(at).count("is owed") == 1
    assert "Renew" not in labels(at)


def test_what_can_be_renewed_later_says_from_when_without_a_warning(mine: Callable[..., int]) -> None:
    mine("Fresh", days_ago=1)
    at = at_page(mine("Emma", days_ago=18), PAGE)
    assert "2 renewals left. It can be renewed from 23 March 2026." in read(at)
    button(at, "Renew everything").click().run()
    assert "“Fresh”: It can be renewed from 23 March 2026" in read(at).replace("\\", "")
    assert "“Fresh”: not renewed" not in read(at)
    assert "“Fresh”" in at.info[0].value
    assert not at.warning
    assert not at.error


def test_a_page_writes_days_and_money_in_one_way_the_readers(mine: Callable[..., int], served: Installation) -> None:
    mine("Late", days_ago=31)
    session = mine("Fresh", days_ago=1)
    me = somebody_called(served, "member")
    with begin_work(served, an_admin(served)) as uow:
        uow.connection.execute(update(Account).where(Account.id == me.account_id).values(language="de"))
        a_charge(uow, me, 600)
    at = at_page(session, PAGE)
    words = read(at).replace("\\", "").replace("\xa0", " ")
    assert "30. März 2026" in words  # of the screen
    assert "7,00 € is owed; borrowing stops above 5,00 €" in words  # of a decision's reason
    assert "€7.00" not in words
    at.selectbox(key="why-due").set_value(at.selectbox(key="why-due").options[0]).run()
    assert "It was lent on 7. Februar 2026 for 21 days" in read(at).replace("\\", "")
