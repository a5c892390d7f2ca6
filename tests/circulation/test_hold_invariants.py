"""The integrity check finds each way in which a queue or the hold shelf could be broken."""

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.ops.integrity import findings
from tests.builders import a_member
from tests.circulation.hold_steps import a_lent_title, came_back, hold, sound

DROPPED = (
    "uq_hold_place", "uq_hold_member_title", "uq_hold_shelf_copy",
    "ck_hold_waiting_has_place", "ck_hold_ready_has_copy", "ck_hold_ended_has_time", "ck_hold_only_waiting_suspended",
)  # fmt: skip
BREAKS = {
    "queue-counts-from-one": "UPDATE hold SET position = 5 WHERE position = 2",
    "only-waiting-holds-have-places": "UPDATE hold SET position = NULL WHERE position = 2",
    "one-live-hold-per-member-and-title": (
        "UPDATE hold SET account_id = (SELECT min(account_id) FROM hold WHERE state = 'waiting')"
    ),
    "live-hold-has-member": "UPDATE hold SET account_id = NULL WHERE state = 'ready'",
    "ready-hold-has-copy": "UPDATE hold SET shelf_copy_id = NULL WHERE state = 'ready'",
    "shelved-copy-has-ready-hold": (
        "UPDATE hold SET state = 'expired', ended_at = placed_at WHERE state = 'ready'"
    ),
    "ready-hold-has-copy-shelved": "UPDATE copy SET status = 'available' WHERE status = 'on_hold_shelf'",
    "one-ready-hold-per-copy": (
        "UPDATE hold SET state = 'ready', position = NULL, ready_at = placed_at, shelf_until = '2026-03-20',"
        " shelf_copy_id = (SELECT shelf_copy_id FROM hold WHERE state = 'ready') WHERE position = 2"
    ),
    "hold-of-its-copys-title": "UPDATE hold SET copy_id = (SELECT max(id) FROM copy) WHERE position = 1",
    "ended-hold-says-when": "UPDATE hold SET state = 'cancelled', position = NULL WHERE position = 2",
    "only-waiting-holds-are-suspended": "UPDATE hold SET suspended_until = '2026-03-20' WHERE state = 'ready'",
    "holds-within-limit": "UPDATE hold SET max_holds = 0",
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_it_finds_what_must_never_be(library: Installation, name: str) -> None:
    title, (barcode,) = a_lent_title(library)
    for _ in range(3):
        hold(library, a_member(library), title)
    came_back(library, barcode)
    a_lent_title(library)
    sound(library)
    with library.engine.begin() as connection:
        if library.is_sqlite:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for protection in DROPPED:
            if protection.startswith("uq_"):
                connection.execute(text(f"DROP INDEX {protection}"))
            elif not library.is_sqlite:
                connection.execute(text(f"ALTER TABLE hold DROP CONSTRAINT {protection}"))
        connection.execute(text(BREAKS[name]))
    with begin_reading(library, SYSTEM) as uow:
        assert name in [finding.name for finding in findings(uow)]
