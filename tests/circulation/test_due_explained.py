"""Why is this due then? The steps of the date, in sentences, for those whom it concerns."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Account
from lib.circulation.due_explained import DueExplained, explain_due
from lib.circulation.models import Channel, ClosureKind, Loan
from lib.circulation.rules import save_line
from lib.circulation.side_models import MemberException
from lib.closures.opening_days import add_closure
from lib.kit.clock import SetClock
from lib.kit.errors import NotFound, NotSignedIn
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.steps import issue, renewed, undone
from tests.closures.steps import choose

TODAY = date(2026, 3, 10)


def _explain(library: Installation, actor: Actor, loan_id: int) -> DueExplained:
    with begin_reading(library, actor) as uow:
        return explain_due(uow, loan_id)


def _close(library: Installation, **entry: object) -> None:
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, **entry)  # type: ignore[arg-type]


def test_a_plain_loan_is_its_days_after_the_day_of_issue(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = issue(library, desk, a_copy(library), reader)
    found = _explain(library, reader, loan.loan_id)
    assert found.sentences == (
        "It was lent on 10 March 2026 for 21 days, by the line “any × any” of the lending policy.",
        "That leads to Tuesday, 31 March 2026.",
        "So it is due on Tuesday, 31 March 2026.",
    )
    assert (found.due_on, found.moved, found.facts["start"], found.facts["days"]) == (loan.due_on, False, TODAY, 21)


def test_a_closed_day_moves_it_and_the_membership_cuts_it(library: Installation) -> None:
    desk = a_librarian(library)
    _close(library, kind=ClosureKind.WEEKLY, weekday=1)
    rolled = _explain(library, desk, issue(library, desk, a_copy(library), a_member(library)).loan_id)
    assert rolled.sentences[2:] == (
        "The library is closed then, so it moves to the next open day, Wednesday, 1 April 2026.",
        "So it is due on Wednesday, 1 April 2026.",
    )
    leaving = a_member(library, membership_ends_on=date(2026, 3, 17))
    cut = _explain(library, desk, issue(library, desk, a_copy(library), leaving).loan_id)
    assert cut.sentences[3:] == (
        "The membership ends on 17 March 2026, so the loan ends on the last open day until then,"
        " Monday, 16 March 2026.",
        "So it is due on Monday, 16 March 2026.",
    )
    sooner = a_member(library, membership_ends_on=date(2026, 3, 18))
    assert _explain(library, desk, issue(library, desk, a_copy(library), sooner).loan_id).sentences[3] == (
        "The membership ends before, on 18 March 2026, and the loan ends with it."
    )


def test_only_open_days_count_where_the_library_says_so(library: Installation) -> None:
    desk = a_librarian(library)
    _close(library, kind=ClosureKind.WEEKLY, weekday=6)
    choose(library, "circulation", closed_day_mode="skip")
    found = _explain(library, desk, issue(library, desk, a_copy(library), a_member(library)).loan_id)
    assert found.sentences[1] == (
        "Counting only the days on which the library is open, that leads to Friday, 3 April 2026."
    )
    assert not found.moved


def test_a_renewal_counts_from_the_due_date_and_an_overdue_one_from_its_day(
    library: Installation, clock: SetClock
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = issue(library, desk, a_copy(library), reader)
    clock.forward(timedelta(days=5))
    renewed(library, desk, loan.loan_id)
    assert _explain(library, reader, loan.loan_id).sentences[0] == (
        "It was renewed on 15 March 2026 for 21 days, by the line “any × any” of the lending policy, counted from"
        " 31 March 2026, when it was due then."
    )
    clock.forward(timedelta(days=40))
    receipt = renewed(library, desk, loan.loan_id)
    found = _explain(library, reader, loan.loan_id)
    assert found.sentences[0].startswith("It was renewed for the second time on 24 April 2026 for 21 days")
    assert found.sentences[0].endswith("counted from that day, because it was overdue.")
    assert not found.moved
    undone(library, desk, receipt.act_id)
    assert _explain(library, reader, loan.loan_id).facts["start"] == date(2026, 3, 31)


def test_a_loan_made_under_other_rules_keeps_them(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = issue(library, desk, a_copy(library), reader)
    with begin_work(library, an_admin(library)) as uow:
        save_line(uow, None, 1, {"loan_days": 3})
    found = _explain(library, reader, loan.loan_id)
    assert found.sentences[0].endswith("for 21 days, by the rules of the day it was lent.")
    assert not found.moved


def test_an_exception_for_the_member_is_named(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, loan_days=60, due_on=TODAY + timedelta(days=60))
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(
            insert(MemberException).values(
                account_id=reader.account_id, name="loan_days", amount=60, until=date(2026, 12, 31),
                reason="Writes a thesis", made_at=uow.now, made_by=None,
            )
        )  # fmt: skip
    assert _explain(library, reader, loan).sentences[0] == (
        "It was lent on 10 March 2026 for 60 days, by an exception for this member until 31 December 2026."
    )


def test_a_date_that_was_moved_says_so(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader)
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(update(Loan).where(Loan.id == loan).values(due_on=date(2026, 4, 3)))
    found = _explain(library, reader, loan)
    assert found.moved
    assert found.sentences[-1].startswith("It is due on Friday, 3 April 2026 all the same")
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(update(Loan).where(Loan.id == loan).values(channel=Channel.IMPORT, renewals=2))
    found = _explain(library, reader, loan)
    assert "It was renewed 2 times." in found.sentences[0]
    assert found.sentences[-1].startswith("It came from another system, which had set the date")


def test_members_ask_about_their_own_loans_only_and_guests_about_none(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, loan_days=1, due_on=TODAY + timedelta(days=1))
    assert "for 1 day," in _explain(library, reader, loan).sentences[0]
    for somebody, number in ((a_member(library), loan), (reader, 10**6)):
        with pytest.raises(NotFound):
            _explain(library, somebody, number)
    with pytest.raises(NotSignedIn):
        _explain(library, GUEST, loan)
    assert _explain(library, a_librarian(library), loan).loan_id == loan


def test_a_loan_that_was_taken_back_has_no_due_date(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = issue(library, desk, a_copy(library), reader)
    undone(library, desk, loan.act_id)
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(update(Account).values(membership_ends_on=None))
    with pytest.raises(NotFound):
        _explain(library, desk, loan.loan_id)
