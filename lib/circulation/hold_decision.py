"""Whether a member may place a hold: every reason at once, as for a loan."""

from dataclasses import dataclass
from datetime import date

from lib.catalogue.models import CopyStatus
from lib.circulation.decision import (
    Decision,
    Reason,
    ReasonKind,
    blocking_reasons,
    conclude,
    limit_text,
    not_counted,
    not_lent,
)
from lib.circulation.hold_policy import Claim, share_out
from lib.circulation.situation import Borrower, Terms

# A copy that is here, or will be: who waits for it does not wait in vain.
SERVES = frozenset(
    {CopyStatus.AVAILABLE, CopyStatus.ON_LOAN, CopyStatus.ON_HOLD_SHELF, CopyStatus.IN_REPAIR, CopyStatus.ON_ORDER}
)

_ABOUT_LOANS = frozenset({"limit-reached", "has-overdue"})  # who waits borrows later


@dataclass(frozen=True, slots=True)
class LiveHold:
    """A hold that the member has already."""

    id: int
    title_id: int
    title: str
    kind_id: int
    ready: bool
    shelf_until: date | None


@dataclass(frozen=True, slots=True)
class WantedCopy:
    """A copy that could serve the hold. `shelf`: the location and where exactly it stands."""

    id: int
    barcode: str
    status: str
    location: str
    shelf: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `copies`: all of the title that are not withdrawn; `copy_id`: this one only.
    `claims`: the holds of others that may be served now, in their order."""

    title_id: int
    title: str
    kind_id: int
    archived: bool
    copies: tuple[WantedCopy, ...]
    holds: tuple[LiveHold, ...]
    copy_id: int | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def fitting(self) -> tuple[WantedCopy, ...]:
        """The copies that would do."""
        return tuple(copy for copy in self.copies if self.copy_id in (None, copy.id))


def decide_hold(borrower: Borrower, wish: Wish, terms: Terms) -> Decision:
    """Whether this member may wait for this title, or for this copy of it."""
    reasons = [found for found in blocking_reasons(borrower, terms) if found.code not in _ABOUT_LOANS]
    rules = (_held, _on_shelf, _on_loan_to_them, _not_lent, _limit)
    reasons += [found for found in (gone_reason(wish), *(rule(borrower, wish, terms) for rule in rules)) if found]
    return conclude(reasons, None)


def gone_reason(wish: Wish) -> Reason | None:
    """That nothing could ever serve the wish."""
    facts = {"rule": "copy", "copies": len(wish.copies)}
    if wish.archived:
        text = "This title has left the collection."
        return Reason("title-archived", text, ReasonKind.IMPOSSIBLE, facts, "Look for another edition.")
    if any(copy.status in SERVES for copy in wish.fitting):
        return None
    if wish.copy_id is not None:
        text, way_out = "This copy does not come back: it is lost or withdrawn.", "Wait for any copy of the title."
        return Reason("copy-gone", text, ReasonKind.IMPOSSIBLE, facts, way_out, "hold-any-copy")
    text = "The library has no copy of this title that could come back."
    return Reason("no-copies", text, ReasonKind.IMPOSSIBLE, facts, "Ask the library to get one.")


def _held(_borrower: Borrower, wish: Wish, terms: Terms) -> Reason | None:
    held = next((hold for hold in wish.holds if hold.title_id == wish.title_id), None)
    if held is None:
        return None
    facts = {"rule": "one hold of a title", "hold_id": held.id, "ready": held.ready}
    if held.ready and held.shelf_until:
        text = f"A copy of “{wish.title}” lies on the hold shelf for this member already."
        way_out = f"Collect it by {terms.day(held.shelf_until)}."
        return Reason("already-held", text, ReasonKind.IMPOSSIBLE, facts, way_out, "collect")
    text = f"This member waits for “{wish.title}” already."
    return Reason("already-held", text, ReasonKind.IMPOSSIBLE, facts, "Cancel that hold first.", "cancel-hold")


def _on_shelf(_borrower: Borrower, wish: Wish, terms: Terms) -> Reason | None:
    if terms.settings.hold_on_shelf or wish.archived:
        return None
    there = [copy for copy in wish.fitting if copy.status == CopyStatus.AVAILABLE]
    if there and not terms.settings.self_issue_past_holds:
        on_shelf = [copy.id for copy in wish.copies if copy.status == CopyStatus.AVAILABLE]
        theirs = set(share_out(wish.claims, on_shelf).values())  # who waits already is to get these
        there = [copy for copy in there if copy.id not in theirs]
    if not there:
        return None
    first = there[0]
    facts = {
        "rule": "hold_on_shelf", "copies": len(there), "barcode": first.barcode, "location": first.location,
        "shelf": first.shelf,
    }  # fmt: skip
    place = ", ".join(filter(None, (first.location, first.shelf)))
    way_out = f"Borrow it: {place}." if place else "Borrow it."
    return Reason("on-shelf", "It is on the shelf: borrow it.", ReasonKind.IMPOSSIBLE, facts, way_out, "borrow")


def _on_loan_to_them(borrower: Borrower, wish: Wish, terms: Terms) -> Reason | None:
    loan = next((loan for loan in borrower.loans if loan.title_id == wish.title_id), None)
    if loan is None:
        return None
    text = f"A copy of “{wish.title}” is on loan to this member until {terms.day(loan.due_on)}."
    facts = {"rule": "one copy of a title", "loan_id": loan.id, "due_on": loan.due_on}
    return Reason("same-title", text, ReasonKind.BLOCKED, facts, "Renew that loan.", "renew")


def _not_lent(_borrower: Borrower, _wish: Wish, terms: Terms) -> Reason | None:
    """Nobody waits for what they may not take home afterwards."""
    if terms.rule.max_loans:
        return None
    facts = {"rule": "max_loans", "line": terms.rule.lines.get("max_loans"), "limit": 0}
    return Reason("not-lent", not_lent(terms), ReasonKind.BLOCKED, facts, "Use it in the library.")


def _limit(_borrower: Borrower, wish: Wish, terms: Terms) -> Reason | None:
    rule = terms.rule
    counted = [hold for hold in wish.holds if rule.counts("max_holds", wish.kind_id, hold.kind_id)]
    if len(counted) < rule.max_holds:
        return None
    facts = {
        "rule": "max_holds", "line": rule.lines.get("max_holds"), "limit": rule.max_holds, "live": len(counted),
        "titles": [hold.title for hold in counted[:20]],
    } | not_counted(terms, "max_holds", len(wish.holds) - len(counted))  # fmt: skip
    if not rule.max_holds:
        text = "Items of this kind are not reserved." if "max_holds" in rule.per_kind else "Nothing is reserved."
        return Reason("hold-limit-reached", text, ReasonKind.BLOCKED, facts, "Look for it on the shelf.")
    names = ", ".join(f"“{hold.title}”" for hold in counted[:3])
    return Reason(
        "hold-limit-reached", limit_text(terms, "max_holds", "holds", facts), ReasonKind.BLOCKED, facts,
        f"Collect or cancel one of {names}.", "cancel-hold",
    )  # fmt: skip
