"""What waits while nobody stands at the desk: a line of work with counts, each a link."""

from lib.accounts.queries import registrations
from lib.catalogue.models import CopyStatus
from lib.circulation.offline_tasks import offline_task_count
from lib.reports.worklists import overdue_count, waiting_counts
from lib.ui.doorway import reading
from lib.ui.linked import anchor, esc, listed, show_linked
from lib.ui.navigation import href
from lib.ui.words import count


def what_waits() -> None:
    """Registrations, overdue loans and repairs, as sentences; nothing where nothing waits."""
    with reading() as uow:
        people = registrations(uow, size=1).total
        late = overdue_count(uow)
        offline = offline_task_count(uow)
        repairs = waiting_counts(uow, (CopyStatus.IN_REPAIR,))[CopyStatus.IN_REPAIR]
    lines = (
        (people, count(people, "registration waits", "registrations wait"), href("registrations")),
        (late, count(late, "loan is overdue", "loans are overdue"), href("overdue")),
        (offline, count(offline, "act of the offline desk waits", "acts of the offline desk wait"), href("offline")),
        (repairs, count(repairs, "copy is in repair", "copies are in repair"), href("copies", status="in_repair")),
    )
    items = [anchor(address, esc(text), more='class="text"') for number, text, address in lines if number]
    if items:
        show_linked(f"<h3>What waits</h3>{listed(items, 'plain')}", "what-waits")
