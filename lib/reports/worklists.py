"""Work that waits: copies that are not where readers can have them, loans that are overdue, and all of it in counts."""

from dataclasses import dataclass

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.queries import registrations
from lib.accounts.standing import blocked_cards
from lib.catalogue.models import CopyStatus
from lib.circulation.claims import claims
from lib.circulation.hold_shelf import pull_list, to_take_off
from lib.circulation.repairs import repair_queue
from lib.circulation.unserved import unserved_count
from lib.desk.offline_tasks import offline_task_count
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.reports.overdue import overdue_count

_COPIES = Statement(
    "SELECT c.id, c.barcode, c.title_id, t.title, c.condition, c.note, p.name, c.shelf FROM copy c"
    " JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " WHERE c.status = :status ORDER BY c.id DESC LIMIT :size OFFSET :skip"
)
_COPY_COUNTS = Statement("SELECT status, count(*) FROM copy WHERE status IN (:*states) GROUP BY status")


@dataclass(frozen=True, slots=True)
class WaitingCopy:
    """A copy out of circulation, and where it belongs."""

    id: int
    barcode: str
    title_id: int
    title: str
    condition: str
    note: str
    location: str
    shelf: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """How much of each kind of work waits. `to_pull`: copies to fetch for holds; `to_clear`: copies that lie on the
    hold shelf for nobody; `claimed`: copies that readers say they returned; `offline`: tasks of the offline desk;
    `blocked`: cards that a machine blocked; `in_vain`: holds that no copy can serve."""

    to_pull: int
    to_clear: int
    registrations: int
    claimed: int
    overdue: int
    offline: int
    repairs: int
    blocked: int = 0
    in_vain: int = 0


def inbox(uow: UnitOfWork) -> Inbox:
    """All that waits for staff, in counts; what the actor may not see counts as none."""
    uow.require(Permission.CIRCULATE)
    people = registrations(uow, size=1).total if uow.actor.may(Permission.APPROVE_MEMBERS) else 0
    return Inbox(
        pull_list(uow, size=1).total, to_take_off(uow, size=1).total, people, claims(uow, size=1).total,
        overdue_count(uow), offline_task_count(uow), repair_queue(uow, size=1).total,
        blocked_cards(uow) if uow.actor.may(Permission.READ_MEMBERS) else 0, unserved_count(uow),
    )  # fmt: skip


def copies_waiting(uow: UnitOfWork, status: CopyStatus, *, page: int = 1, size: int = 25) -> Page[WaitingCopy]:
    """The copies with a status, the newest first."""
    uow.require(Permission.EDIT_CATALOGUE)
    number, size = clamp(page, size)
    total = waiting_counts(uow, (status,))[status]
    rows = _COPIES.rows(uow.connection, status=status.value, size=size, skip=(number - 1) * size)
    return Page(tuple(WaitingCopy(*row) for row in rows), total, number, size)


def waiting_counts(uow: UnitOfWork, states: tuple[CopyStatus, ...]) -> dict[CopyStatus, int]:
    """How many copies have each of these statuses."""
    uow.require(Permission.EDIT_CATALOGUE)
    found = dict.fromkeys(states, 0)
    rows = _COPY_COUNTS.rows(uow.connection, states=[state.value for state in states])
    return found | {CopyStatus(status): count for status, count in rows}
