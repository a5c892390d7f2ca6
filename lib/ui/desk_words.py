"""What the desk says: short, and with what comes next. HTML of our own; what people typed is escaped."""

from collections.abc import Iterable
from datetime import date

from lib.billing.paid import PaymentReceipt
from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import IssueReceipt
from lib.circulation.decision import Reason
from lib.circulation.queries import LoanRow
from lib.circulation.renewals import RenewOutcome, RenewReceipt
from lib.circulation.returns import ReturnReceipt
from lib.desk.counter import DeskCopy
from lib.desk.undo import DeskActRow
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.reason_list import staff_words
from lib.ui.words import clock, count, day, money, plain, weekday

KINDS = {"issue": "Lent", "return": "Taken back", "renew": "Renewed", "cancel-hold": "Hold cancelled"}
LINE, SHORTEST = 29, 8  # signs beside the time on a line of the last acts; of a title there
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
    lines = [esc(staff_words(reason)) for reason in reasons]
    return lines[0] if len(lines) == 1 else "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def title_link(title_id: int, title: str) -> str:
    """A title that opens its page."""
    return anchor(href("title", id=title_id), named(title))


def person_link(member_id: int, name: str) -> str:
    """A name that opens the record."""
    return anchor(href("member", id=member_id), f"<b><bdi>{esc(name)}</bdi></b>")


def noted(copy_note: str) -> str:
    """What is noted about a copy, to be looked after now."""
    return f"<br><b>Note on the copy:</b> <bdi>{esc(copy_note)}</bdi>" if copy_note else ""


def issued_words(done: IssueReceipt, copy_note: str = "") -> str:
    """After an issue; a hold that was collected with it needs no more care."""
    held = "Their hold is collected." if done.hold_id else ""
    lent = f"Lent: {named(done.title)}. Due back on <b>{esc(weekday(done.due_on))}</b>."
    return " ".join(filter(None, (lent, held, esc(done.note)))) + noted(copy_note)


def paid_words(done: PaymentReceipt, owed_minor: int, back_minor: int = 0) -> str:
    """After a payment: what to give back of what was given, how much was taken, the receipt's number, what is left."""
    back = f"<b>Give back {esc(money(back_minor))}.</b> " if back_minor else ""
    left = f"{money(owed_minor)} is still owed." if owed_minor > 0 else "Nothing is owed any more."
    return f"{back}Taken: <b>{esc(money(done.amount_minor))}</b>, receipt {esc(done.number)}. {esc(left)}"


def waived_words(waived_minor: int, owed_minor: int) -> str:
    """After a waiver: how much is forgiven, what is left."""
    left = f"{money(owed_minor)} is still owed." if owed_minor > 0 else "Nothing is owed any more."
    return f"Waived: <b>{esc(money(waived_minor))}</b>. {esc(left)}"


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


def returned_words(done: ReturnReceipt, copy: DeskCopy, card: str = "") -> str:
    """After a return: from whom, how late, what it costs, and where to put the copy; first of all who waits for it.
    `copy` is as it was before; `card`: how the card of who waits ends."""
    held, place = "", PLACES.get(CopyStatus(done.copy_status), "")
    if done.hold is not None:
        waits = _put_aside(done.hold.account_id, done.hold.name, card, done.hold.shelf_until)
        held, place = f"{waits}: <b>put it on the hold shelf.</b><br>", ""
    elif copy.aside is not None:
        waits = _put_aside(copy.aside.member_id, copy.aside.member, copy.aside.card, copy.aside.until)
        held, place = f"{waits}: <b>it belongs on the hold shelf.</b><br>", ""
    if copy.status == CopyStatus.LOST or (copy.loan_id is None and done.loan_id is not None):
        return held + " ".join(filter(None, (_found(done), place))) + noted(copy.note)
    if done.loan_id is None:
        told = "It was not on loan." if copy.aside is not None else done.note
        return held + " ".join(filter(None, (f"{named(done.title)}:", esc(told), place))) + noted(copy.note)
    charge = f"Damage: <b>{esc(money(done.charge_minor))}</b>." if done.charge_minor else ""
    late = f"{count(done.days_late, 'day', 'days')} late." if done.days_late else ""
    parts = (f"{_back_from(done)}{named(done.title)}.", late, _fine(done), charge, esc(done.note), place)
    return held + " ".join(filter(None, parts)) + noted(copy.note)


def _put_aside(member_id: int, name: str, card: str, until: date) -> str:
    ends = f", card ends {esc(card)}" if card else ""
    return f"<b>Hold for {person_link(member_id, name)}</b>{ends}, until {esc(weekday(until))}"


def _back_from(done: ReturnReceipt) -> str:
    known = done.member_name and done.member_id is not None
    return f"Back from {person_link(done.member_id or 0, done.member_name)}: " if known else "Back: "


def _fine(done: ReturnReceipt) -> str:
    return f"Fine: <b>{esc(money(done.fine_minor))}</b>." if done.fine_minor else ""


def _found(done: ReturnReceipt) -> str:
    """A lost copy that turned up: who had it, and what is no longer owed for it."""
    had = done.member_name and done.member_id is not None
    whose = f", last had by {person_link(done.member_id or 0, done.member_name)}" if had else ""
    back = f"{esc(money(done.given_back_minor))} for the loss is no longer owed." if done.given_back_minor else ""
    more = done.note.removeprefix("It was not on loan.").strip()
    more = "" if more.startswith("It was marked as lost") else esc(more)
    return " ".join(filter(None, (f"{named(done.title)} was lost{whose}, and is found.", back, _fine(done), more)))


def copy_words(copy: DeskCopy, member_id: int | None) -> str:
    """A copy that was scanned and could not simply be lent."""
    title = title_link(copy.title_id, copy.title)
    due = f", due {esc(day(copy.due_on))}" if copy.due_on else ""
    if copy.member_id is not None and copy.member_id == member_id:
        return f"They have {title} already{due}. Renew it?" + noted(copy.note)
    if copy.member_id is not None:
        return f"{title} is on loan to {person_link(copy.member_id, copy.member)}{due}." + noted(copy.note)
    if copy.aside is not None:
        waits = _put_aside(copy.aside.member_id, copy.aside.member, copy.aside.card, copy.aside.until)
        return f"{title} is on the hold shelf. {waits}." + noted(copy.note)
    place = esc(" ".join(filter(None, (copy.location, copy.shelf))))
    state = STATES[CopyStatus(copy.status)]
    return f"{title} {state} ({place}). To lend it, scan the member’s card first." + noted(copy.note)


def chosen_words(loan: LoanRow, number: int) -> str:
    """A loan that was chosen by its number."""
    return f"{number}: {title_link(loan.title_id, loan.title)}, due {esc(weekday(loan.due_on))}. What about it?"


def card_words(name: str, member_id: int) -> str:
    """A card that was scanned while copies are taken back."""
    who = person_link(member_id, name)
    return (
        f"This is the card of {who}. <b>You are still taking back:</b> copies you scan come back. Alt+1 lends to them."
    )


def act_line(act: DeskActRow) -> str:
    """What an act was, and for whom, in plain words: "Lent Emma · Ada Lovelace"."""
    what = KINDS.get(act.kind) or act.what.capitalize()
    return " · ".join(filter(None, (f"{what} {act.title}".strip(), act.member)))


def act_words(act: DeskActRow) -> str:
    """One of the last acts with its time of day, as Markdown: on one line beside the desk, for which a long title is
    cut."""
    verb = "Back" if act.kind == "return" else KINDS.get(act.kind) or act.what.capitalize()
    undone = " undone" if act.undone else ""
    room = max(SHORTEST, LINE - len(verb + act.member + undone))
    title = act.title if len(act.title) <= room else act.title[: room - 1].rstrip() + "…"
    what = f"{plain(verb)} **{plain(title)}**" if title else plain(verb)
    text = f"{what} · {plain(act.member)}" if act.member else what
    return f":small[{clock(act.at)} " + (f"~~{text}~~{undone}]" if act.undone else f"{text}]")
