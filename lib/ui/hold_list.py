"""A reader's reservations: what lies ready first, then what they wait for, and what became of the others."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from lib.circulation.hold_models import HoldState
from lib.circulation.hold_queries import HoldRow
from lib.kit.clock import day_of
from lib.kit.paging import Page
from lib.ui.cover import cover_html
from lib.ui.hold_words import wait_words
from lib.ui.linked import anchor, esc, listed
from lib.ui.navigation import href
from lib.ui.pager import pager_html
from lib.ui.words import day, number, the_reader, weekday

_ASIDE = 'tabindex="-1" aria-hidden="true"'
_ENDED = {
    HoldState.COLLECTED: "You had it",
    HoldState.CANCELLED: "You cancelled it",
    HoldState.EXPIRED: "Not collected in time",
}


def place_words(hold: HoldRow) -> str:
    """ "2nd of 3 in the queue"; "next in the queue" for the only one or the first."""
    if hold.position is None:
        return ""
    if hold.position == 1:
        return "first in the queue"
    return f"{ordinal(hold.position)} of {number(max(hold.position, hold.queue_length))} in the queue"


def ordinal(value: int) -> str:
    """ "1st", "2nd", "113th"."""
    last = value % 10 if value % 100 not in (11, 12, 13) else 0
    return f"{number(value)}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def standing_words(hold: HoldRow) -> str:
    """Where a live hold stands, in one line."""
    if hold.state is HoldState.READY:
        return f"Ready for you until {weekday(hold.shelf_until)}" if hold.shelf_until else "Ready for you"
    place = place_words(hold)
    if hold.suspended_until:
        return f"Paused until {day(hold.suspended_until)}, {place}"
    return place[:1].upper() + place[1:]


def next_words(hold: HoldRow) -> str:
    """What comes next for a live hold."""
    if hold.state is HoldState.READY:
        return f"Fetch it at the desk. It lies on the hold shelf, barcode {hold.copy_barcode}."
    wait = wait_words(hold.wait)
    if hold.suspended_until:
        later = f" Then a copy should be ready {wait} from today." if wait else ""
        return f"Others go first until then; you keep your place.{later}"
    only = f" Only the copy {hold.copy_barcode} will do." if hold.copy_barcode else ""
    if not wait:
        return f"No copy is to be expected at present.{only}"
    return f"A copy should be ready in {wait}.{only}"


def hold_html(hold: HoldRow) -> str:
    """One live hold: cover, where it stands, title, authors, and what comes next."""
    address = href("title", id=hold.title_id)
    title = anchor(address, f'<span class="name" dir="auto">{esc(hold.title)}</span>')
    look = "in" if hold.state is HoldState.READY else "none"
    return (
        f'<div class="loan">{anchor(address, cover_html(hold.title_id), more=_ASIDE)}<div>'
        f'<p class="when {look}">{esc(standing_words(hold))}</p>{title}'
        f'<p class="soft"><bdi>{esc(hold.authors)}</bdi></p>'
        f'<p class="small soft">{esc(next_words(hold))}</p></div></div>'
    )


def ready_html(holds: Iterable[HoldRow]) -> str:
    """What lies ready, as tiles."""
    return listed(map(hold_html, holds), "ready")


def past_html(past: Page[HoldRow]) -> str:
    """Holds that have ended as a table, with links to its other pages."""
    head = '<tr><th scope="col">Title</th><th scope="col">Ended</th><th scope="col">How</th></tr>'
    table = (
        f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(map(_past, past.rows))}</tbody></table></div>'
    )
    return table + pager_html(past.number, past.pages, lambda page: href("my-holds", page=page if page > 1 else None))


def _past(hold: HoldRow) -> str:
    title = anchor(href("title", id=hold.title_id), f"<bdi>{esc(hold.title)}</bdi>", more='class="text"')
    ended = day_of(hold.ended_at, ZoneInfo(the_reader().zone)) if hold.ended_at else None
    return f"<tr><td>{title}</td><td>{esc(day(ended) if ended else '')}</td><td>{esc(ended_words(hold))}</td></tr>"


def ended_words(hold: HoldRow) -> str:
    """How a hold ended, with the library's reason where it was the library that ended it."""
    if hold.state is HoldState.CANCELLED and hold.end_reason:
        return f"The library cancelled it: {hold.end_reason}"
    return _ENDED.get(hold.state, "")
