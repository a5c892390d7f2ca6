"""What a kiosk says, in large type and few words. HTML of our own; what people typed is escaped."""

from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import IssueReceipt
from lib.circulation.decision import Reason
from lib.circulation.renewals import RenewOutcome, RenewReceipt
from lib.desk.code_shapes import CodeShape
from lib.desk.self_check import PatronSummary, SelfRenewal
from lib.desk.self_check_words import is_early, reader_words
from lib.desk.self_returns import SelfReturn
from lib.ui.desk_words import named
from lib.ui.linked import esc
from lib.ui.words import count, money, weekday


def lent(done: IssueReceipt) -> str:
    """After a loan."""
    return f'{named(done.title)}<span class="due">Bring it back by {esc(weekday(done.due_on))}.</span>'


def lent_line(done: IssueReceipt) -> str:
    return f"<span>{named(done.title)}</span><span>due {esc(weekday(done.due_on))}</span>"


def renewed(done: SelfRenewal) -> str:
    """After a renewal."""
    left = done.receipt.renewals_left
    more = f" It can be renewed {'once' if left == 1 else f'{left} times'} more." if left else ""
    return (
        f'{named(done.title)}: renewed.<span class="due">Bring it back by {esc(weekday(done.receipt.due_on))}.</span>'
        f"{esc(more)}"
    )


def renewed_line(title: str, receipt: RenewReceipt) -> str:
    return f"<span>{named(title)}</span><span>renewed, due {esc(weekday(receipt.due_on))}</span>"


def returned(done: SelfReturn) -> tuple[str, str]:
    """After a return, and how it turned out: a copy that belongs on no shelf goes to the desk."""
    if not done.on_loan and done.copy_status == CopyStatus.AVAILABLE:
        return f"{named(done.title)} is not on loan. To borrow it, scan your card first.", "ask"
    if not done.returned and done.on_loan:
        drop = "Please put it into the book drop."
        later = "The loan ends when the library has checked it in."
        return f'{named(done.title)}: thank you.<span class="due">{drop}</span>{later}', "good"
    if done.copy_status == CopyStatus.AVAILABLE:
        return f"{named(done.title)}: returned. Thank you!", "good"
    if done.copy_status == CopyStatus.ON_HOLD_SHELF:
        words = "Thank you! Somebody waits for it: please give it to the desk."
        return f"{named(done.title)}: returned. {words}", "good"
    return f"{named(done.title)}: thank you. Please give it to the desk.", "ask"


def returned_line(done: SelfReturn) -> str:
    """For the list of what was done; "" where nothing was."""
    if not done.on_loan:
        return ""
    return f"<span>{named(done.title)}</span><span>{'returned' if done.returned else 'into the book drop'}</span>"


def has_it(title: str, why_not_longer: tuple[Reason, ...] = (), *, asks: bool = True) -> str:
    """A copy that the reader has already, and why they cannot keep it longer, where they cannot."""
    why = esc(" ".join(reader_words(reason) for reason in why_not_longer))
    return " ".join(filter(None, (f"You have {named(title)} already.", why, "What would you like to do?" * asks)))


def refused(reasons: tuple[Reason, ...], title: str = "") -> str:
    """What it is about, and all the reasons, each with what the reader can do."""
    lines = [esc(reader_words(reason)) for reason in reasons]
    told = lines[0] if len(lines) == 1 else "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    return f"<div>{named(title)}</div>{told}" if title else told


def of_another(title: str) -> str:
    """A copy that another reader has; never who."""
    return f"{named(title)} is on loan to another reader. Do you bring it back?"


def blocked(reasons: tuple[Reason, ...]) -> str:
    """Right after the PIN: why nothing is lent to this reader now, and what they may do all the same."""
    still = "You can still bring books back, and keep longer what may be renewed."
    return f'<div class="due">You cannot borrow just now.</div>{refused(reasons)}<div>{still}</div>'


def closed(why: str) -> str:
    """Card and PIN were looked at, but nobody is let in."""
    return f"{esc(why)} Books can be brought back all the same: no card is needed."


def nobody_here() -> str:
    """An act for somebody who was signed out meanwhile."""
    return "You were signed out, and nothing was done with that. Scan your card again, please."


def farewell(done: list[str]) -> str:
    """After a visit: what was done, newest last; not who did it."""
    lines = "".join(f"<li>{line}</li>" for line in reversed(done))
    return "You are signed out. Thank you!" + (f'<ul class="did">{lines}</ul>' if lines else "")


_PUBLISHERS = "That is the publisher's barcode."


def no_card(shape: CodeShape) -> str:
    """A first scan that is no copy of ours, and does not look like a card."""
    what = _PUBLISHERS if shape is CodeShape.PUBLISHER else "This is no card of ours."
    return f"{what} Scan your library card, or the library's own label on the book."


def nothing_known(shape: CodeShape) -> str:
    """A scan that is neither a copy nor a card."""
    what = _PUBLISHERS if shape is CodeShape.PUBLISHER else "That is no book of this library."
    return f"{what} Scan the library's own label, please."


def all_renewed(found: tuple[RenewOutcome, ...]) -> tuple[str, str]:
    """After renewing everything: a line a loan, and how it turned out."""
    if not found:
        return "You have nothing on loan.", "ask"
    good = all(one.receipt for one in found)
    return "<ul>" + "".join(f"<li>{_outcome(one)}</li>" for one in found) + "</ul>", "good" if good else "ask"


def _outcome(one: RenewOutcome) -> str:
    if one.receipt:
        return f"{named(one.title)}: until {esc(weekday(one.receipt.due_on))}."
    if is_early(one.reasons):
        return f"{named(one.title)}: {esc(reader_words(one.reasons[0]))}"
    return f"{named(one.title)}: not renewed. {esc(' '.join(reader_words(reason) for reason in one.reasons))}"


def facts_html(found: PatronSummary) -> str:
    """Where the reader stands, in one line: loans, what lies ready, what is owed."""
    ready = [hold for hold in found.holds if hold.ready]
    parts = ["No borrowing just now"] if found.blocks else []
    parts += [f"{count(len(found.loans), 'loan', 'loans')}" if found.loans else "Nothing on loan"]
    if late := sum(1 for loan in found.loans if loan.overdue):
        parts.append(f"{late} overdue")
    if ready:
        lies = "reservation lies" if len(ready) == 1 else "reservations lie"
        parts.append(f"{len(ready)} {lies} ready for you: {', '.join(hold.title for hold in ready[:3])}")
    if found.owed_minor > 0:
        parts.append(f"{money(found.owed_minor)} to pay at the desk")
    return f"<p>{esc(' · '.join(parts))}</p>"
