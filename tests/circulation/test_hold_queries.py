"""What a member, and a guest, is told of holds in short."""

import pytest

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_queries import hold_on, holds_in_short, usual_wait
from lib.kit.errors import Forbidden
from tests.builders import a_member
from tests.circulation.hold_steps import a_lent_title, came_back, hold


def test_a_member_sees_their_hold_on_a_title_and_what_lies_ready_in_short(library: Installation) -> None:
    me, first = a_member(library), a_member(library)
    emma, (barcode,) = a_lent_title(library, "Emma")
    dune, _ = a_lent_title(library, "Dune")
    hold(library, first, dune)
    hold(library, me, emma)
    hold(library, me, dune)
    came_back(library, barcode)
    with begin_reading(library, me) as uow:
        mine, ready = hold_on(uow, me.account_id or 0, dune), hold_on(uow, me.account_id or 0, emma)
        short, none = holds_in_short(uow, me.account_id or 0), hold_on(uow, me.account_id or 0, 999_999)
    assert mine is not None
    assert ready is not None
    assert (mine.position, mine.queue_length, ready.state, none) == (2, 2, HoldState.READY, None)
    assert ([row.title for row in short.ready], short.waiting) == (["Emma"], 1)
    assert short.ready[0].copy_barcode == barcode
    with begin_reading(library, first) as uow, pytest.raises(Forbidden):
        hold_on(uow, me.account_id or 0, dune)
    with begin_reading(library, first) as uow, pytest.raises(Forbidden):
        holds_in_short(uow, me.account_id or 0)


def test_guests_hear_how_long_one_would_wait_and_never_who_waits(library: Installation) -> None:
    title_id, _ = a_lent_title(library)
    with begin_reading(library, GUEST) as uow:
        alone, lost = usual_wait(uow, title_id), usual_wait(uow, 999_999)
    hold(library, a_member(library), title_id)
    with begin_reading(library, GUEST) as uow:
        behind = usual_wait(uow, title_id)
    assert alone is not None
    assert behind is not None
    assert behind.high_days > alone.high_days
    assert lost is None
