"""What the desk says: short, and with what comes next. HTML of our own; what people typed is escaped."""

from collections.abc import Iterable

from lib.billing.paid import PaymentReceipt
from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import IssueReceipt
from lib.circulation.decision import Reason
from lib.circulation.renewals import RenewOutcome, RenewReceipt
from lib.circulation.returns import ReturnReceipt
from lib.desk.counter import DeskCopy
from lib.desk.undo import DeskActRow
from lib.ui.linked import esc
from lib.ui.words import count, day, money, plain, weekday

KINDS = {"issue": "Lent", "return": "Taken back", "renew": "Renewed", "cancel-hold": "Hold cancelled"}
PLACES = {
    CopyStatus.AVAILABLE: "Put it back on its shelf.",
    CopyStatus.IN_REPAIR: "Put it with the repairs.",
    CopyStatus.ON_HOLD_SHELF: "Put it on the hold shelf.",
}
STATES = {
    CopyStatus.AVAILABLE: "is in", CopyStatus.ON_LOAN: "is on loan", CopyStatus.IN_REPAIR: "is in repair",
    CopyStatus.ON_HOLD_SHELF: "is on the hold shelf", CopyStatus.ON_ORDER: "is still on order",
    CopyStatus.LOST: "is marked as lost", CopyStatus.WITHDRAWN: "was withdrawn",
}  # fmt: skip


def named(title: str) -> str:
    """A title, large enough to be found in the sentence."""
    return f"<b><bdi>{esc(title)}</bdi></b>"


def reasons_html(reasons: Iterable[Reason]) -> str:
    """All the reasons, each with its way out: one as a sentence, several as a list."""
    lines = [" ".join(filter(None, (esc(reason.text), esc(reason.way_out)))) for reason in reasons]
    return lines[0] if len(lines) == 1 else "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def issued_words(done: IssueReceipt) -> str:
    """After an issue; a hold that was collected with it needs no more care."""
    held = "Their hold is collected." if done.hold_id else ""
    lent = f"Lent: {named(done.title)}. Due back on <b>{esc(weekday(done.due_on))}</b>."
    return " ".join(filter(None, (lent, held, esc(done.note))))


def paid_words(done: PaymentReceipt, owed_minor: int) -> str:
    """After a payment: how much, the receipt's number, what is left."""
    left = f"{money(owed_minor)} is still owed." if owed_minor > 0 else "Nothing is owed any more."
    return f"Taken: <b>{esc(money(done.amount_minor))}</b>, receipt {esc(done.number)}. {esc(left)}"


def renewed_words(done: RenewReceipt, title: str = "") -> str:
    """After a renewal."""
    what = f"{named(title)}: renewed" if title else "Renewed"
    left = count(done.renewals_left, "renewal", "renewals")
    return f"{what}, due on <b>{esc(weekday(done.due_on))}</b>. {left} left."


def all_renewed_words(found: Iterable[RenewOutcome]) -> str:
    """After renewing everything: a line a loan."""
    lines = [
        renewed_words(one.receipt, one.title)
        if one.receipt
        else f"{named(one.title)}: not renewed. {esc(' '.join(reason.text for reason in one.reasons))}"
        for one in found
    ]
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" if lines else "There is nothing to renew."


def returned_words(done: ReturnReceipt, card: str = "") -> str:
    """After a return: from whom, how late, what it costs, and where to put the copy; first of all who waits for it.
    `card`: how the card of who waits ends."""
    place = PLACES.get(CopyStatus(done.copy_status), "")
    if done.hold is not None:
        ends = f", card ends {esc(card)}" if card else ""
        who = f"<b>Hold for <bdi>{esc(done.hold.name)}</bdi></b>{ends}, until {esc(weekday(done.hold.shelf_until))}"
        place = ""
        held = f"{who}: <b>put it on the hold shelf.</b><br>"
    else:
        held = ""
    if done.loan_id is None:
        return held + " ".join(filter(None, (f"{named(done.title)}:", esc(done.note), place)))
    back = f"{esc(money(done.given_back_minor))} for the loss is taken back." if done.given_back_minor else ""
    charge = f"Damage: <b>{esc(money(done.charge_minor))}</b>." if done.charge_minor else ""
    late = f"{count(done.days_late, 'day', 'days')} late." if done.days_late else ""
    fine = f"Fine: <b>{esc(money(done.fine_minor))}</b>." if done.fine_minor else ""
    who = f"Back from <bdi>{esc(done.member_name)}</bdi>: " if done.member_name else "Back: "
    parts = (f"{who}{named(done.title)}.", late, fine, charge, back, esc(done.note), place)
    return held + " ".join(filter(None, parts))


def copy_words(copy: DeskCopy, member_id: int | None) -> str:
    """A copy that was scanned and could not simply be lent."""
    title = named(copy.title)
    due = f", due {esc(day(copy.due_on))}" if copy.due_on else ""
    if copy.member_id is not None and copy.member_id == member_id:
        return f"They have {title} already{due}. Renew it?"
    if copy.member_id is not None:
        return f"{title} is on loan to <bdi>{esc(copy.member)}</bdi>{due}."
    place = esc(" ".join(filter(None, (copy.location, copy.shelf))))
    return f"{title} {STATES[CopyStatus(copy.status)]} ({place}). To lend it, scan the member’s card first."


def act_words(act: DeskActRow) -> str:
    """One of the last acts, as Markdown in two short lines."""
    who = f" · {plain(act.member)}" if act.member else ""
    what = f": **{plain(act.title)}**" if act.title else ""
    text = f"{KINDS.get(act.kind) or plain(act.what.capitalize())}{what}{who}"
    return f"~~{text}~~ undone" if act.undone else text
