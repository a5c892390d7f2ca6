"""What the desk says: short, large, and with what comes next. Returns Markdown, titles escaped."""

from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import IssueReceipt
from lib.circulation.desk import DeskCopy
from lib.circulation.renewals import RenewReceipt
from lib.circulation.returns import ReturnReceipt
from lib.circulation.undo import DeskActRow
from lib.ui.words import count, day, money, plain, weekday

KINDS = {"issue": "Lent", "return": "Taken back", "renew": "Renewed"}
PLACES = {
    CopyStatus.AVAILABLE: "Put it back on its shelf.",
    CopyStatus.IN_REPAIR: "Put it with the repairs.",
    CopyStatus.ON_HOLD_SHELF: "Put it on the hold shelf.",
}


def issued_words(done: IssueReceipt) -> str:
    """After an issue."""
    return f"Lent: **{plain(done.title)}**. Due back on **{weekday(done.due_on)}**."


def renewed_words(done: RenewReceipt, title: str = "") -> str:
    """After a renewal."""
    what = f"**{plain(title)}**: renewed" if title else "Renewed"
    left = count(done.renewals_left, "renewal", "renewals")
    return f"{what}, due on **{weekday(done.due_on)}**. {left} left."


def returned_words(done: ReturnReceipt) -> str:
    """After a return: from whom, how late, what it costs, and where to put the copy."""
    place = PLACES.get(CopyStatus(done.copy_status), "")
    if done.loan_id is None:
        return " ".join(filter(None, (f"**{plain(done.title)}**:", plain(done.note), place)))
    late = f"{count(done.days_late, 'day', 'days')} late." if done.days_late else ""
    fine = f"Fine: **{money(done.fine_minor)}**." if done.fine_minor else ""
    who = f"Back from {plain(done.member_name)}: " if done.member_name else "Back: "
    return " ".join(filter(None, (f"{who}**{plain(done.title)}**.", late, fine, plain(done.note), place)))


def copy_words(copy: DeskCopy, member_id: int | None) -> str:
    """A copy that was scanned and could not simply be lent."""
    title = f"**{plain(copy.title)}**"
    due = f", due {day(copy.due_on)}" if copy.due_on else ""
    if copy.member_id is not None and copy.member_id == member_id:
        return f"They have {title} already{due}. Renew it?"
    if copy.member_id is not None:
        return f"{title} is on loan to {plain(copy.member)}{due}."
    place = " ".join(filter(None, (plain(copy.location), plain(copy.shelf))))
    return f"{title} is {copy.status.replace('_', ' ')} ({place}). To lend it, scan the member's card first."


def act_words(act: DeskActRow) -> str:
    """One of the last acts, as a line."""
    who = f" · {plain(act.member)}" if act.member else ""
    text = f"{KINDS.get(act.kind, act.kind)}: {plain(act.title)}{who}"
    return f"~~{text}~~ undone" if act.undone else text
