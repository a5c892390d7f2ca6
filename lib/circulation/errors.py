"""The refusals of lending: each carries its reasons."""

from typing import Any

from lib.circulation.decision import Decision
from lib.kit.errors import NotFound, RuleBroken, StaleEdit
from lib.kit.reasons import Reason, ReasonKind, told


class _Refused(RuleBroken):
    """Says every reason in one message; `reasons` has them apart."""

    message = "{summary}"

    def __init__(self, **facts: Any) -> None:
        facts.setdefault("summary", " ".join(reason["text"] for reason in facts["reasons"]))
        super().__init__(**facts)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons, as the decision gave them."""
        return tuple(Reason(**given | {"kind": ReasonKind(given["kind"])}) for given in self.facts["reasons"])


class CannotLend(_Refused):
    """The copy may not go to this member. Facts: reasons, can_override."""


class CannotRenew(_Refused):
    """The loan may not be renewed. Facts: reasons, can_override."""


class CannotHold(_Refused):
    """The member may not wait for this title. Facts: reasons, can_override."""


class CannotClose(_Refused):
    """The account may not be closed yet. Facts: reasons, can_override (never)."""


def refuse(kind: type[_Refused], decision: Decision) -> _Refused:
    """A refusal with the reasons of a decision."""
    return kind(reasons=[told(reason) for reason in decision.against], can_override=decision.needs_override)


class NoSuchCopy(NotFound):
    """Facts: barcode."""

    message = "No copy has the barcode “{barcode}”."

    def __init__(self, barcode: str, **facts: Any) -> None:
        super().__init__(**{"thing": "copy", "barcode": barcode} | facts)


class SelfIssueOff(RuleBroken):
    """The library issues at the desk only."""

    rule = "self_issue"
    message = "Borrowing by oneself is switched off here."
    way_out = "Please bring the book to the desk."


class IssueInFuture(RuleBroken):
    """Facts: issued_at."""

    rule = "time of the issue"
    message = "An issue cannot lie in the future."
    way_out = "Give the time at which it was lent."


class IssueBeforeReturn(RuleBroken):
    """Facts: returned_at."""

    rule = "time of the issue"
    message = "This copy came back from another loan after the time at which this issue was recorded."
    way_out = "If the book is out all the same, issue it as of now."


class ReturnInFuture(RuleBroken):
    """Facts: returned_at."""

    rule = "time of the return"
    message = "A return cannot lie in the future."
    way_out = "Give the day on which it came back."


class ReturnBeforeIssue(RuleBroken):
    """Facts: issued_at."""

    rule = "time of the return"
    message = "A return cannot lie before the issue."
    way_out = "Give a day on or after the issue."


class ReturnOvertaken(RuleBroken):
    """Two desks took the same copy back at once."""

    rule = "one open loan of a copy"
    message = "Another desk has just taken this copy back."
    way_out = "Nothing is left to do: scan it again to see where it goes."


class AlreadyUndone(RuleBroken):
    """The act was taken back before."""

    rule = "undo"
    message = "This was undone already."
    way_out = "If it was right after all, do it anew."


class UndoTooLate(RuleBroken):
    """Facts: minutes."""

    rule = "undo_minutes"
    message = "This can be undone for {minutes} minutes only."
    way_out = "Issue or return the copy anew instead."


class UndoOvertaken(RuleBroken):
    """Something happened since. Facts: what."""

    rule = "undo"
    message = "This cannot be undone any more: {what}."
    way_out = "Undo what came after it first, or do the opposite by hand."


class HoldIsOver(RuleBroken):
    """Facts: state."""

    rule = "states of a hold"
    message = "This hold is {state} already."
    way_out = "Place a new one, if it is still wanted."


class HoldIsReady(RuleBroken):
    """Facts: title, hold_id."""

    rule = "hold shelf"
    message = "A copy of “{title}” lies on the hold shelf for this hold already."
    way_out = "Collect it, or cancel the hold."
    way_out_action = "cancel-hold"


class HoldNotReady(RuleBroken):
    """Facts: title."""

    rule = "hold shelf"
    message = "No copy of “{title}” lies on the hold shelf for this reservation (any more)."
    way_out = "Look at the hold shelf anew."


class CopyOnHoldShelf(RuleBroken):
    """Facts: barcode, title_id."""

    rule = "hold shelf"
    message = "Copy {barcode} lies on the hold shelf for a reader."
    way_out = "Cancel that hold, or wait until it is collected."
    way_out_action = "see-queue"


class CopyIsWaitedFor(RuleBroken):
    """Facts: barcode, count, title_id."""

    rule = "holds"
    message = "Holds that only copy {barcode} can serve: {count}."
    way_out = "Cancel them first, with a reason."
    way_out_action = "see-queue"


class TitleIsWaitedFor(RuleBroken):
    """Facts: count (live holds), title_id."""

    rule = "holds"
    message = "Live holds on this title: {count}."
    way_out = "Cancel them first, with a reason: each reader is told."
    way_out_action = "see-queue"


class CopyIsOut(RuleBroken):
    """Facts: barcode, due_on, on (the day in words)."""

    rule = "one open loan of a copy"
    message = "Copy {barcode} is on loan until {on}."
    way_out = "Return it first."
    way_out_action = "return-first"


class TitleIsOut(RuleBroken):
    """Facts: count (copies on loan), title_id."""

    rule = "one open loan of a copy"
    message = "{count} of its copies are on loan."
    way_out = "Wait for their return first."
    way_out_action = "see-queue"


class HasHistory(RuleBroken):
    """Facts: thing, instead."""

    rule = "history"
    message = "This {thing} has been lent or held, so it cannot be deleted without a trace."
    way_out = "{instead}"


class NeverOpen(RuleBroken):
    """The calendar would have no open day."""

    rule = "calendar"
    message = "With this, the library would not open on a single day of the coming year."
    way_out = "Leave at least one day open."


class AlreadyClosed(RuleBroken):
    """Facts: what."""

    rule = "calendar"
    message = "There is an entry for {what} already."
    way_out = "Take that entry out first, or choose another day."


class LineExists(RuleBroken):
    """The policy has a line for this pair."""

    rule = "lending policy"
    message = "There is a line for this membership type and kind of item already."
    way_out = "Edit that one."


class LastLine(RuleBroken):
    """The any × any line cannot go."""

    rule = "lending policy"
    message = "The line for any membership type and any kind of item must stay."
    way_out = "Change its values instead."


class ExceptionStands(RuleBroken):
    """The member has an exception of this name already. Facts: name, until, on (the day in words)."""

    rule = "exceptions"
    message = "This member has an exception for this until {on}."
    way_out = "End that one first."


class DayHasChange(RuleBroken):
    """Another change of the policy holds from that day. Facts: day, on (the day in words)."""

    rule = "lending policy"
    message = "Another change holds from {on}."
    way_out = "Choose another day, or take that change back first."


class PolicyMoved(StaleEdit):
    """Lines or plans were changed since. Facts: thing, changed_by, changed_at, who and on (both in words)."""

    rule = "lending policy"
    message = "The policy, or what is planned for it, has changed since this page was opened: last by {who} on {on}."
    way_out = "Look at the new state, then save again."

    @property
    def code(self) -> str:
        """For programs, it is an edit on an old state like every other."""
        return "stale-edit"


class ChangeTakenBack(RuleBroken):
    """The planned change was taken back before. Facts: holds_from, at, on (the day of that, in words)."""

    rule = "lending policy"
    message = "This change was taken back already, on {on}."
    way_out = "Nothing is left to do."


class ChangeArrived(RuleBroken):
    """The planned change holds already, or held."""

    rule = "lending policy"
    message = "Only a change whose day is still to come can be taken back."
    way_out = "Edit the lines themselves instead."


class AlreadyClaimed(RuleBroken):
    """Facts: claimed_on, loan_id, on (the day in words)."""

    rule = "claim"
    message = "It was noted already that this copy was returned on {on}, as the member says."
    way_out = "If it is with them after all, clear the claim."
    way_out_action = "clear-claim"


class NotClaimed(RuleBroken):
    """Nobody says that this copy was returned."""

    rule = "claim"
    message = "Nobody says that this copy was returned."
    way_out = "Nothing is left to clear."


class ForOneself(RuleBroken):
    """Facts: what."""

    rule = "four eyes"
    message = "Nobody decides about their own {what}."
    way_out = "Please ask a colleague."


class NotInRepair(RuleBroken):
    """Facts: barcode, status."""

    rule = "repair"
    message = "Copy {barcode} is not in repair: it is {status}."
    way_out = "Scan it at the desk to see what it needs."


class NotMissed(RuleBroken):
    """Facts: barcode, status, title_id, way_out."""

    rule = "copy"
    message = "Nobody expects copy {barcode} on a shelf: it is {status}."
    way_out = "{way_out}"


class StillDamaged(RuleBroken):
    """Facts: barcode."""

    rule = "repair"
    message = "Copy {barcode} is still damaged."
    way_out = "Mend it first, or withdraw it."


class NobodyToCharge(RuleBroken):
    """Facts: barcode."""

    rule = "damage"
    message = "Copy {barcode} was not on loan, so nobody can be charged for how it looks."
    way_out = "Add the charge on the record of whoever did it."
