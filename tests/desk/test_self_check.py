"""What a machine may do for a member: the desk's decisions without its overrides, and nothing by another door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_work
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.circulation.checkout import check_out
from lib.circulation.claims import claims, clear_claim
from lib.circulation.decision import Reason, ReasonKind
from lib.circulation.errors import NoSuchCopy
from lib.circulation.holds import place_hold
from lib.circulation.models import Channel
from lib.circulation.money import owes
from lib.circulation.returns import check_in
from lib.desk.self_check import (
    item_summary,
    member_of_card,
    patron_summary,
    self_cancel_hold,
    self_check_out,
    self_hold,
    self_pay,
    self_renew,
    self_renew_all,
)
from lib.desk.self_check_words import reader_words
from lib.desk.self_returns import NoReturnsHere, self_cancel, self_return
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from lib.reports.worklists import inbox
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.money_steps import choose
from tests.circulation.steps import rows
from tests.sip2.serving import broken

ACTS: list[Callable[[UnitOfWork], Any]] = [
    lambda uow: self_check_out(uow, barcode="x", member_id=1),
    lambda uow: self_return(uow, barcode="x"),
    lambda uow: self_cancel(uow, barcode="x", member_id=1),
    lambda uow: self_renew(uow, barcode="x", member_id=1),
    lambda uow: self_renew_all(uow, member_id=1),
    lambda uow: self_hold(uow, member_id=1, title_id=1),
    lambda uow: self_cancel_hold(uow, member_id=1, title_id=1),
    lambda uow: self_pay(uow, member_id=1, amount_minor=1, method="cash"),  # type: ignore[arg-type]
    lambda uow: patron_summary(uow, 1),
    lambda uow: item_summary(uow, "x"),
    lambda uow: member_of_card(uow, "x"),
]


@pytest.mark.parametrize("act", ACTS)
def test_only_a_terminal_serves_itself(sqlite_library: Installation, act: Callable[[UnitOfWork], Any]) -> None:
    for actor in (a_member(sqlite_library), a_librarian(sqlite_library), an_admin(sqlite_library)):
        with begin_work(sqlite_library, actor) as uow, pytest.raises(Forbidden):
            act(uow)


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.SELF_CHECK])
def test_a_terminal_uses_no_other_door(sqlite_library: Installation, channel: Channel) -> None:
    terminal, reader, item = (
        a_member(sqlite_library, role=Role.TERMINAL),
        a_member(sqlite_library),
        a_copy(sqlite_library),
    )
    with begin_work(sqlite_library, terminal) as uow:
        with pytest.raises(Forbidden):
            check_out(uow, barcode=item, member_id=reader.account_id or 0, channel=channel)
        with pytest.raises(Forbidden):
            check_in(uow, barcode=item, channel=channel)


def test_a_terminal_renews_for_the_member_before_it_alone(library: Installation) -> None:
    terminal, reader, other = a_member(library, role=Role.TERMINAL), a_member(library), a_member(library)
    item = a_copy(library)
    a_loan(library, other, item)
    with begin_work(library, terminal) as uow, pytest.raises(NotFound):
        self_renew(uow, barcode=item, member_id=reader.account_id or 0)


def test_a_return_says_nothing_of_whose_it_was(library: Installation) -> None:
    terminal, item = a_member(library, role=Role.TERMINAL), a_copy(library)
    a_loan(library, a_member(library, name="Ada Lovelace"), item)
    with begin_work(library, terminal) as uow:
        done = self_return(uow, barcode=item)
    assert "Ada" not in repr(done)


@pytest.mark.parametrize(
    ("code", "text", "way_out", "said"),
    [
        ("limit-reached", "The limit of 5 loans is reached.", "Return one of “Dune”.",
         "The limit of 5 loans is reached. Return one of “Dune”."),
        ("limit-reached", "Nothing is lent to this type of member.", "Use it in the library.",
         "Nothing is lent to this type of member. Use it in the library."),
        ("membership-expired", "The membership ended on 3 May 2026.", "Renew the membership.",
         "Your membership ended on 3 May 2026. Renew it at the desk."),
        ("copy-on-loan", "This copy is on loan to somebody else.", "Return it first, then issue it.",
         "This copy is still on loan to another reader. Please give it to the desk."),
        ("quite-new", "Something {new}.", "", "Something {new}. Please ask at the desk."),
    ],
)  # fmt: skip
def test_reasons_speak_to_the_reader_with_a_way_out(code: str, text: str, way_out: str, said: str) -> None:
    assert reader_words(Reason(code, text, ReasonKind.BLOCKED, {}, way_out)) == said


def test_a_machine_cancels_only_what_it_lent_a_moment_ago(library: Installation, clock: SetClock) -> None:
    terminal, reader, other = a_member(library, role=Role.TERMINAL), a_member(library), a_member(library)
    old, kept, fresh = a_copy(library), a_copy(library), a_copy(library)
    a_loan(library, reader, old)
    member_id = reader.account_id or 0
    with begin_work(library, terminal) as uow:
        self_check_out(uow, barcode=kept, member_id=member_id)
    clock.forward(timedelta(minutes=10))
    with begin_work(library, terminal) as uow:
        self_check_out(uow, barcode=fresh, member_id=member_id)
        for barcode, whose in ((old, member_id), (kept, member_id), (fresh, other.account_id or 0), ("x", member_id)):
            with pytest.raises(NotFound):
                self_cancel(uow, barcode=barcode, member_id=whose)
        assert self_cancel(uow, barcode=fresh, member_id=member_id).barcode == fresh


def a_machine(library: Installation, *, bin_: bool = False) -> Actor:
    """A tablet, or a machine with a return bin; as it is signed in."""
    kind = TerminalKind.SIP2 if bin_ else TerminalKind.KIOSK
    number, _ = make_terminal(
        library, an_admin(library), kind=kind, login=f"hall-{int(bin_)}", name="Hall", takes_returns=bin_
    )
    (row,) = rows(library, f"SELECT account_id FROM terminal WHERE id = {number}")
    return Actor(row[0], Role.TERMINAL, "Hall")


def test_what_is_typed_at_a_tablet_ends_no_loan_before_staff_have_the_book_in_hand(library: Installation) -> None:
    reader, item = a_member(library, name="Ada Lovelace"), a_copy(library)
    loan = a_loan(library, reader, item, days_ago=41)
    with begin_work(library, a_machine(library)) as uow:
        told = self_return(uow, barcode=item)
        again = self_return(uow, barcode=item)
    assert (told.returned, again.returned, told.on_loan) == (False, False, True)
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL AND claimed_on IS NOT NULL") == [(1,)]
    with begin_work(library, a_librarian(library)) as uow:
        (row,) = claims(uow).rows
        assert (row.loan_id, row.dropped_at, row.member) == (loan, "Hall", "Ada Lovelace")
        assert inbox(uow).claimed == 1
        done = check_in(uow, barcode=item)
        assert claims(uow).rows == ()
    assert done.loan_id == loan
    assert broken(library) == []


def test_the_fine_stands_still_from_the_drop_and_runs_on_when_nothing_lay_in_it(
    library: Installation, clock: SetClock
) -> None:
    reader, item = a_member(library), a_copy(library)
    loan = a_loan(library, reader, item, days_ago=41)
    with begin_work(library, a_machine(library)) as uow:
        self_return(uow, barcode=item)
    clock.forward(timedelta(days=5))
    with begin_work(library, a_librarian(library)) as uow:
        assert owes(uow, reader.account_id or 0) == 200
        clear_claim(uow, loan_id=loan)
        assert owes(uow, reader.account_id or 0) == 250
    assert broken(library) == []


def test_a_machine_with_a_bin_returns_at_once_and_a_library_may_trust_its_tablets(library: Installation) -> None:
    first, second = a_copy(library), a_copy(library)
    for item in (first, second):
        a_loan(library, a_member(library), item)
    with begin_work(library, a_machine(library, bin_=True)) as uow:
        assert self_return(uow, barcode=first).returned
    choose(library, kiosk_returns="at_once")
    with begin_work(library, a_machine(library)) as uow:
        assert self_return(uow, barcode=second).returned
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(0,)]


def test_a_library_may_take_returns_at_the_desk_alone(library: Installation) -> None:
    choose(library, kiosk_returns="off")
    first, second = a_copy(library), a_copy(library)
    a_loan(library, a_member(library), first)
    with begin_work(library, a_machine(library)) as uow, pytest.raises(NoReturnsHere, match="desk"):
        self_return(uow, barcode=first)
    with begin_work(library, a_machine(library, bin_=True)) as uow:
        assert self_return(uow, barcode=second).returned
        with pytest.raises(NoSuchCopy):
            self_return(uow, barcode="31000000")


def test_a_machine_never_learns_who_waits_for_what_it_took_back(library: Installation) -> None:
    item = a_copy(library)
    a_loan(library, a_member(library), item)
    (row,) = rows(library, f"SELECT title_id FROM copy WHERE barcode = '{item}'")
    with begin_work(library, a_member(library, name="Grace Hopper")) as uow:
        place_hold(uow, title_id=row[0])
    with begin_work(library, a_machine(library, bin_=True)) as uow:
        told = self_return(uow, barcode=item, key="k")
        again = self_return(uow, barcode=item, key="k")
    assert told == again
    assert told.copy_status == "on_hold_shelf"
    assert "Grace" not in repr(told)
