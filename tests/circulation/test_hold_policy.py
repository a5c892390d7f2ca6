"""Rules of holds on plain values, and the table of moves walked through the database: every arrow, every non-arrow."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.models import Account
from lib.circulation.capture import end_hold, fulfil, offer_copy
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_policy import (
    HOLD_MOVES,
    LIVE,
    TAKEN_BACK,
    Claim,
    is_suspended,
    may_move,
    may_return,
    share_out,
    sources,
)
from lib.circulation.hold_queries import queue_of
from lib.circulation.hold_queue import QueuedHold, find_hold, make_ready, put_back_at
from tests.builders import a_charge, a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, copy_id_of, hold, sound, states
from tests.circulation.test_share_out import READERS

S = HoldState


def _make(library: Installation, state: HoldState) -> tuple[int, int]:
    """A hold in a state, and its title's copy."""
    title, (barcode,) = a_lent_title(library)
    number, copy_id = hold(library, a_member(library), title).hold_id, copy_id_of(library, barcode)
    if state is not S.WAITING:
        came_back(library, barcode)
    if state not in LIVE:
        with begin_work(library, a_librarian(library)) as uow:
            found = find_hold(uow, number)
            assert found is not None
            end_hold(uow, found, state)
    return number, copy_id


def _ready(uow: UnitOfWork, found: QueuedHold, copy_id: int) -> Any:
    return make_ready(uow, found, copy_id=copy_id, until=date(2026, 3, 20))


ACTS: dict[HoldState, Callable[[UnitOfWork, QueuedHold, int], Any]] = {
    S.READY: _ready,
    S.COLLECTED: lambda uow, found, copy_id: fulfil(uow, hold_id=found.id, copy_id=copy_id),
    S.CANCELLED: lambda uow, found, _copy: end_hold(uow, found, S.CANCELLED),
    S.EXPIRED: lambda uow, found, _copy: end_hold(uow, found, S.EXPIRED),
}


@pytest.mark.parametrize("old", HoldState)
@pytest.mark.parametrize("new", ACTS)
def test_a_hold_moves_along_the_arrows_and_no_other_way(library: Installation, old: HoldState, new: HoldState) -> None:
    number, copy_id = _make(library, old)
    with begin_work(library, a_librarian(library)) as uow:
        found = find_hold(uow, number)
        assert found is not None
        ACTS[new](uow, found, copy_id)
    assert states(library) == [(new if may_move(old, new) else old).value]


@pytest.mark.parametrize("old", HoldState)
def test_a_hold_waits_again_only_where_something_is_taken_back(library: Installation, old: HoldState) -> None:
    number, _ = _make(library, old)
    if may_return(old, S.WAITING):
        with begin_work(library, a_librarian(library)) as uow:
            assert put_back_at(uow, number, 1) == 1
        assert states(library) == ["waiting"]
    else:
        with pytest.raises(AssertionError), begin_work(library, a_librarian(library)) as uow:
            put_back_at(uow, number, 1)
        assert states(library) == [old.value]


def test_the_table_says_what_the_rules_of_the_library_say() -> None:
    arrows = {(old.value, new.value) for old in HoldState for new in HOLD_MOVES[old]}
    assert arrows == {
        ("waiting", "ready"), ("ready", "collected"), ("waiting", "cancelled"), ("ready", "cancelled"),
        ("ready", "expired"), ("waiting", "collected"),
    }  # fmt: skip
    assert set(HOLD_MOVES) == set(TAKEN_BACK) == set(HoldState)
    assert all(new in LIVE for moves in TAKEN_BACK.values() for new in moves)
    assert sources(S.CANCELLED) == ["ready", "waiting"]


def test_a_suspension_is_over_the_day_after_its_last() -> None:
    day = date(2026, 3, 10)
    assert [is_suspended(until, day) for until in (None, day - timedelta(days=1), day, day + timedelta(days=1))] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(("given_values", "why"), READERS)
def test_a_copy_is_kept_for_nobody_who_may_not_borrow_and_the_desk_sees_why(
    library: Installation, given_values: dict[str, Any], why: str
) -> None:
    """They keep their place, and get the next copy once they may borrow again."""
    title, (barcode,) = a_lent_title(library)
    desk, first, second = a_librarian(library), a_member(library), a_member(library)
    numbers = [hold(library, reader, title).hold_id for reader in (first, second)]
    with begin_work(library, desk) as uow:
        uow.connection.execute(update(Account).where(Account.id == first.account_id).values(note="", **given_values))
    with begin_reading(library, desk) as uow:
        assert [row.passed_over for row in queue_of(uow, title).rows] == [why, ""]
    offer = came_back(library, barcode)
    assert offer is not None
    assert offer.hold_id == numbers[bool(why)]
    sound(library)


def test_what_a_reader_owes_keeps_no_copy_from_them(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    reader = a_member(library)
    hold(library, reader, title)
    with begin_work(library, a_librarian(library)) as uow:
        a_charge(uow, reader, 5000)
    offer = came_back(library, barcode)
    assert offer is not None
    assert offer.account_id == reader.account_id


CLAIMS = st.lists(st.none() | st.integers(1, 5), max_size=8)


@given(CLAIMS, st.sets(st.integers(1, 5)))
def test_copies_are_shared_out_once_each_to_whom_they_can_serve(wanted: list[int | None], copies: set[int]) -> None:
    claims = [Claim(place, copy_id) for place, copy_id in enumerate(wanted)]
    given_out = share_out(claims, sorted(copies))
    assert len(set(given_out.values())) == len(given_out)
    for place, copy_id in given_out.items():
        assert copy_id in copies
        assert wanted[place] in (None, copy_id)
    left = copies - set(given_out.values())
    assert not any(place not in given_out and (copy_id is None or copy_id in left)
                   for place, copy_id in enumerate(wanted) if left)  # fmt: skip


def test_the_queue_holds_its_places_through_any_history(library: Installation) -> None:
    """Many holds, ended and brought back here and there."""
    title, (barcode,) = a_lent_title(library)
    ids = [hold(library, a_member(library), title).hold_id for _ in range(6)]
    with begin_work(library, a_librarian(library)) as uow:
        for number in (ids[0], ids[3], ids[5]):
            found = find_hold(uow, number)
            assert found is not None
            end_hold(uow, found, S.CANCELLED)
        assert put_back_at(uow, ids[3], 2) == 2
        assert put_back_at(uow, ids[0], 99) == 5
        assert offer_copy(uow, copy_id=copy_id_of(library, barcode), title_id=title) is None
    sound(library)
