"""What a desk writes down without the server, and how it is sent."""

from datetime import UTC, datetime
from uuid import uuid4

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.side_models import OfflineState
from lib.desk.offline import OfflineAct, OfflineOutcome, replay_batch
from lib.desk.offline_tasks import OfflineTask, offline_tasks
from lib.ops.integrity import findings

DONE, OVERRIDDEN, CONFLICT = OfflineState.DONE, OfflineState.OVERRIDDEN, OfflineState.CONFLICT
CARD = "2988800000003"
BUILT = {"every-title-is-indexed", "title-counts-its-loans", "loan-has-audit-row"}
MORNING = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)  # the day before the clock's


def lent(barcode: str, at: datetime = MORNING, *, card: str = CARD, client_id: str = "") -> OfflineAct:
    return OfflineAct(client_id or str(uuid4()), "issue", barcode, card, at, "Front desk")


def brought(barcode: str, at: datetime = MORNING, *, client_id: str = "") -> OfflineAct:
    return OfflineAct(client_id or str(uuid4()), "return", barcode, "", at, "Front desk")


def sent(library: Installation, desk: Actor, *acts: OfflineAct) -> tuple[OfflineOutcome, ...]:
    return replay_batch(library, desk, acts)


def waiting(library: Installation, desk: Actor) -> tuple[OfflineTask, ...]:
    with begin_reading(library, desk) as uow:
        return offline_tasks(uow).rows


def sound(library: Installation) -> None:
    """No invariant is broken but those that rows straight from the builders break."""
    with begin_reading(library, SYSTEM) as uow:
        assert {found.name for found in findings(uow)} <= BUILT
