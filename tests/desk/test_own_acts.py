"""Readers take back what they did a moment ago: a loan from a title's page, a reservation that they cancelled."""

from datetime import timedelta

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.borrowing import borrow
from lib.circulation.errors import UndoOvertaken, UndoTooLate
from lib.desk.own_acts import AsMuchAsAllowed, OwnAct, own_acts, undo_own, undone_words
from lib.kit.clock import SetClock
from lib.kit.errors import NotFound
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, cancelled, hold, set_lending, sound
from tests.circulation.steps import hand_in, issue, rows, set_rule


def _acts(library: Installation, who: Actor) -> tuple[OwnAct, ...]:
    with begin_reading(library, who) as uow:
        return own_acts(uow)


def _take_back(library: Installation, who: Actor, act_id: int) -> str:
    with begin_work(library, who) as uow:
        return undone_words(undo_own(uow, act_id), uow.words)


def _borrowed(library: Installation, who: Actor, title: int) -> int:
    with begin_work(library, who) as uow:
        return borrow(uow, title_id=title).act_id


def test_a_loan_made_from_the_page_is_taken_back_as_if_it_had_never_been(
    library: Installation, clock: SetClock
) -> None:
    reader, title = a_member(library), a_title(library, "Emma")
    a_copy(library, title)
    act = _borrowed(library, reader, title)
    clock.forward(timedelta(minutes=9))
    (seen,) = _acts(library, reader)
    assert (seen.act_id, seen.kind, seen.title_id, seen.title) == (act, "issue", title, "Emma")
    assert seen.until - clock.now() == timedelta(minutes=1)
    assert _take_back(library, reader, act) == "“Emma” is not on loan to you any more."
    assert rows(library, "SELECT status FROM copy") == [("available",)]
    assert rows(library, "SELECT loan_count FROM title") == [(0,)]
    assert _acts(library, reader) == ()
    sound(library)


def test_after_ten_minutes_the_copy_is_brought_back_instead(library: Installation, clock: SetClock) -> None:
    reader, title = a_member(library), a_title(library)
    a_copy(library, title)
    act = _borrowed(library, reader, title)
    clock.forward(timedelta(minutes=11))
    assert _acts(library, reader) == ()
    with pytest.raises(UndoTooLate):
        _take_back(library, reader, act)


def test_only_ones_own_doings_are_taken_back(library: Installation) -> None:
    desk, reader, title = a_librarian(library), a_member(library), a_title(library)
    barcode = a_copy(library)
    lent = issue(library, desk, barcode, reader).act_id
    a_copy(library, title)
    theirs = _borrowed(library, a_member(library), title)
    for act in (lent, theirs, 10**9):
        with pytest.raises(NotFound):
            _take_back(library, reader, act)
    assert _acts(library, reader) == ()


def test_what_was_lent_by_oneself_and_came_back_since_is_not_taken_back(library: Installation) -> None:
    desk, reader, title = a_librarian(library), a_member(library), a_title(library)
    barcode = a_copy(library, title)
    act = _borrowed(library, reader, title)
    hand_in(library, desk, barcode)
    assert _acts(library, reader) == ()
    with pytest.raises(UndoOvertaken):
        _take_back(library, reader, act)


def test_a_cancelled_reservation_stands_where_it_stood(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Emma")
    first, behind = a_member(library), a_member(library)
    again = ["is reserved for you again, at place 1 of the queue.",
             "lies on the hold shelf for you again, until 17 March 2026."]  # fmt: skip
    mine = hold(library, first, title).hold_id
    hold(library, behind, title)
    for ready in (False, True):
        if ready:
            came_back(library, barcode)
        done = cancelled(library, first, mine)
        before = ("ready", None) if ready else ("waiting", 1)
        (seen,) = _acts(library, first)
        assert (seen.kind, seen.title_id) == ("cancel-hold", title)
        assert _take_back(library, first, done.act_id) == f"“Emma” {again[ready]}"
        assert rows(library, f"SELECT state, position FROM hold WHERE id = {mine}") == [before]
        sound(library)
    assert rows(library, "SELECT count(*) FROM audit WHERE subject_kind = 'hold' AND action <> 'hold.ready'") == [(0,)]


def test_a_reservation_comes_back_only_where_there_is_room_for_it(library: Installation) -> None:
    set_rule(library, max_holds=1)
    reader = a_member(library)
    done = cancelled(library, reader, hold(library, reader, a_lent_title(library)[0]).hold_id)
    hold(library, reader, a_lent_title(library)[0])
    with pytest.raises(AsMuchAsAllowed):
        _take_back(library, reader, done.act_id)
    sound(library)


def test_a_loan_that_fulfilled_a_reservation_is_taken_back_with_it(library: Installation) -> None:
    set_rule(library, max_holds=1)
    reader, title = a_member(library), a_title(library, "Emma")
    a_copy(library, title)
    set_lending(library, hold_on_shelf=True)
    number = hold(library, reader, title).hold_id
    act = _borrowed(library, reader, title)
    assert rows(library, f"SELECT state FROM hold WHERE id = {number}") == [("collected",)]
    other = hold(library, reader, a_lent_title(library)[0]).hold_id
    with pytest.raises(AsMuchAsAllowed):
        _take_back(library, reader, act)
    cancelled(library, reader, other)
    told = _take_back(library, reader, act)
    assert told == "“Emma” is not on loan to you any more. It is reserved for you again, at place 1 of the queue."
    assert rows(library, f"SELECT state, position FROM hold WHERE id = {number}") == [("waiting", 1)]
    sound(library)
