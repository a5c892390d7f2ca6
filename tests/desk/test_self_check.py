"""What a machine may do for a member: the desk's decisions without its overrides, and nothing by another door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_work
from lib.circulation.checkout import check_out
from lib.circulation.decision import Reason, ReasonKind
from lib.circulation.models import Channel
from lib.circulation.returns import check_in
from lib.desk.self_check import (
    item_summary,
    member_of_card,
    patron_summary,
    self_cancel,
    self_cancel_hold,
    self_check_out,
    self_hold,
    self_pay,
    self_renew,
    self_renew_all,
    self_return,
)
from lib.desk.self_check_words import reader_words
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin

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
    assert (done.member_id, done.member_name) == (None, "")
    assert "Ada" not in repr(done)


@pytest.mark.parametrize(
    ("code", "text", "way_out", "said"),
    [
        ("limit-reached", "The limit of 5 loans is reached.", "Return one of “Dune”.",
         "The limit of 5 loans is reached. Return one of “Dune”."),
        ("limit-reached", "The limit of 0 loans is reached.", "Change the lending policy.",
         "The limit of 0 loans is reached. Please ask at the desk."),
        ("membership-expired", "The membership ended on 3 May 2026.", "Renew the membership.",
         "Your membership ended on 3 May 2026. Renew it at the desk."),
        ("copy-on-loan", "This copy is on loan to somebody else.", "Return it first, then issue it.",
         "This copy is still on loan to another reader. Return it first, or ask at the desk."),
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
