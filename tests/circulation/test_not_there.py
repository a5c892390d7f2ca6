"""A copy that is not where it ought to stand: missed, its reader waiting again, found later, and undone."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.errors import NoSuchCopy, NotMissed
from lib.circulation.hold_shelf import pull_list
from lib.circulation.not_there import NotThereReceipt, not_there
from lib.desk.undo import undo
from lib.kit.errors import Forbidden
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, hold, queue, set_lending, sound, states
from tests.circulation.steps import hand_in, rows


def _missed(library: Installation, barcode: str) -> NotThereReceipt:
    with begin_work(library, a_librarian(library)) as uow:
        return not_there(uow, barcode=barcode)


def _status(library: Installation, barcode: str) -> str:
    return str(rows(library, f"SELECT status FROM copy WHERE barcode = '{barcode}'")[0][0])


def test_a_copy_that_is_not_on_its_shelf_leaves_the_pull_list(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    title = a_title(library)
    barcode = a_copy(library, title)
    reader = a_member(library)
    hold(library, reader, title)
    done = _missed(library, barcode)
    assert (done.was, done.hold_id, _status(library, barcode)) == ("available", None, "lost")
    with begin_reading(library, a_librarian(library)) as uow:
        assert pull_list(uow).rows == ()
    assert queue(library, title) == [(reader.account_id, 1)]
    sound(library)


def test_whoever_it_was_kept_for_waits_again_first_and_is_told(library: Installation) -> None:
    title, (barcode, _) = a_lent_title(library, copies=2)
    first, second = a_member(library), a_member(library)
    ready = hold(library, first, title).hold_id
    hold(library, second, title)
    came_back(library, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notice SET status = 'sent', sent_at = created_at WHERE kind = 'hold-ready'")
    assert _missed(library, barcode).hold_id == ready
    assert queue(library, title) == [(first.account_id, 1), (second.account_id, 2)]
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-delayed'") == [(1,)]
    sound(library)
    hand_in(library, a_librarian(library), barcode)
    assert states(library) == ["ready", "waiting"], "found again, it goes to the same reader"
    sound(library)


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_undone_as_other_acts(library: Installation, kept: bool) -> None:
    title, (barcode,) = a_lent_title(library)
    if kept:
        hold(library, a_member(library), title)
    came_back(library, barcode)
    before = _status(library, barcode), states(library)
    desk = a_librarian(library)
    with begin_work(library, desk) as uow:
        act = not_there(uow, barcode=barcode).act_id
    with begin_work(library, desk) as uow:
        said = undo(uow, act)
    assert (_status(library, barcode), states(library)) == before
    assert ("on the hold shelf again" if kept else "available again") in said
    sound(library)


def test_what_ought_to_be_elsewhere_is_not_missed(library: Installation) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode)
    with pytest.raises(NotMissed, match="on loan"):
        _missed(library, barcode)
    with pytest.raises(NoSuchCopy):
        _missed(library, "NOWHERE")
    with pytest.raises(Forbidden), begin_work(library, a_member(library)) as uow:
        not_there(uow, barcode=barcode)


def test_pressed_twice_it_is_missed_once(library: Installation) -> None:
    barcode = a_copy(library)
    desk, made = a_librarian(library), []
    for _ in range(2):
        with begin_work(library, desk) as uow:
            made.append(not_there(uow, barcode=barcode, key="k1"))
    assert made[0] == made[1]
    assert rows(library, "SELECT count(*) FROM desk_act WHERE kind = 'inspect'") == [(1,)]


@pytest.mark.parametrize(
    ("status", "way_out", "action"),
    [
        ("on_loan", "note that on their loan", "see-queue"), ("in_repair", "copies in repair", "see-repairs"),
        ("lost", "scan it when it turns up", "see-missing"), ("on_order", "Wait until it has come", None),
        ("withdrawn", "nobody looks for it", None),
    ],
)  # fmt: skip
def test_where_nobody_expects_it_the_refusal_says_what_to_do_instead(
    sqlite_library: Installation, status: str, way_out: str, action: str | None
) -> None:
    title = a_title(sqlite_library)
    barcode = a_copy(sqlite_library, title)
    gone_at = "'2026-03-01'" if status == "withdrawn" else "NULL"
    with sqlite_library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE copy SET status = '{status}', withdrawn_at = {gone_at}")
    with pytest.raises(NotMissed, match="Nobody expects copy") as refused:
        _missed(sqlite_library, barcode)
    (reason,) = refused.value.reasons
    assert (reason.facts["rule"], reason.facts["barcode"], reason.way_out_action) == ("copy", barcode, action)
    assert reason.facts["title_id"] == title
    assert way_out in reason.way_out
