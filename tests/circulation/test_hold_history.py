"""Ended holds are forgotten as loans are."""

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.circulation.borrowing import borrow
from lib.circulation.history import erase_history
from lib.circulation.jobs import settle_history
from tests.builders import a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, cancelled, forward, hold, set_lending, sound, states
from tests.circulation.steps import rows


def test_erasing_forgets_ended_holds_to_the_day_and_leaves_live_ones(library: Installation) -> None:
    reader = a_member(library)
    ended, live = a_lent_title(library)[0], a_lent_title(library)[0]
    cancelled(library, reader, hold(library, reader, ended).hold_id)
    hold(library, reader, live)
    with begin_work(library, reader) as uow:
        erase_history(uow)
    assert rows(library, "SELECT state, account_id, placed_by FROM hold ORDER BY id") == [
        ("cancelled", None, None), ("waiting", reader.account_id, reader.account_id),
    ]  # fmt: skip
    kept = rows(library, "SELECT placed_at, ended_at FROM hold WHERE account_id IS NULL")[0]
    assert all(str(moment).startswith("2026-03-10 00:00:00") for moment in kept)
    assert rows(library, "SELECT account_id, hold_id FROM desk_act WHERE kind = 'cancel-hold'") == [(None, None)]
    sound(library)


def test_who_keeps_no_history_is_forgotten_the_night_after_the_next_day(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader, keeper = a_member(library, keep_history=False), a_member(library)
    for who in (reader, keeper):
        cancelled(library, a_librarian(library), hold(library, who, title).hold_id, reason="The copy is lost")
    with begin_work(library, SYSTEM) as uow:
        settle_history(uow)
    assert rows(library, "SELECT count(*) FROM hold WHERE account_id IS NULL") == [(0,)]
    forward(library, days=1, minutes=1)
    with begin_work(library, SYSTEM) as uow:
        settle_history(uow)
    assert rows(library, "SELECT account_id FROM hold ORDER BY id") == [(None,), (keeper.account_id,)]


def test_own_acts_on_holds_name_no_title_in_the_audit_trail(library: Installation) -> None:
    """Also where they give a copy to the next, or collect what waited."""
    set_lending(library, hold_on_shelf=True)
    title, (barcode,) = a_lent_title(library)
    first, second = a_member(library), a_member(library)
    one = hold(library, first, title).hold_id
    hold(library, second, title)
    came_back(library, barcode)
    cancelled(library, first, one)
    other, (copy,) = a_lent_title(library)
    came_back(library, copy)
    hold(library, first, other)
    with begin_work(library, first) as uow:
        borrow(uow, title_id=other)
    assert states(library) == ["cancelled", "ready", "collected"]
    own = rows(library, f"SELECT subject_kind, facts FROM audit WHERE actor_id = {first.account_id}")
    assert len(own) >= 5
    assert {row[0] for row in own} == {"account"}
    assert all("title" not in str(row[1]) and "copy" not in str(row[1]) for row in own)
