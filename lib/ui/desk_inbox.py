"""What waits while nobody stands at the desk: a line of work with counts, each a link."""

from lib.access.permissions import Permission
from lib.reports.worklists import Inbox, inbox
from lib.ui.doorway import reading
from lib.ui.linked import anchor, esc, listed, show_linked
from lib.ui.navigation import href
from lib.ui.words import count


def what_waits() -> None:
    """Everything that waits for staff, as sentences; nothing where nothing waits."""
    with reading() as uow:
        found, may = inbox(uow), uow.actor.may
    lines = [line for line in _lines(found) if line[0] and may(line[3])]
    items = [anchor(address, esc(text), more='class="text"') for _, text, address, _ in lines]
    if items:
        show_linked(f"<h3>What waits</h3>{listed(items, 'plain')}", "what-waits")


def _lines(found: Inbox) -> tuple[tuple[int, str, str, Permission], ...]:
    desk, collection = Permission.CIRCULATE, Permission.EDIT_CATALOGUE
    return (
        (found.to_pull, count(found.to_pull, "copy is to be fetched for a reader", "copies are to be fetched for"
         " readers"), href("pull-list"), desk),
        (found.to_clear, count(found.to_clear, "copy must come off the hold shelf", "copies must come off the hold"
         " shelf"), href("hold-shelf", show="off"), desk),
        (found.registrations, count(found.registrations, "registration waits", "registrations wait"),
         href("registrations"), Permission.APPROVE_MEMBERS),
        (found.blocked, count(found.blocked, "card was blocked by a machine", "cards were blocked by a machine"),
         href("members", status="suspended"), Permission.READ_MEMBERS),
        (found.claimed, count(found.claimed, "copy is to be looked for", "copies are to be looked for"),
         href("missing"), desk),
        (found.in_vain, count(found.in_vain, "reader waits in vain: no copy is left", "readers wait in vain: no copy is"
         " left"), href("missing", part="Waited for in vain"), desk),
        (found.overdue, count(found.overdue, "loan is overdue", "loans are overdue"), href("overdue"),
         Permission.READ_MEMBERS),
        (found.offline, count(found.offline, "act of the offline desk waits", "acts of the offline desk wait"),
         href("offline"), desk),
        (found.repairs, count(found.repairs, "copy is in repair", "copies are in repair"), href("repairs"), collection),
    )  # fmt: skip
