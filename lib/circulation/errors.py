"""The refusals of lending: each carries its reasons."""

from typing import Any

from lib.circulation.decision import Decision, Reason, ReasonKind
from lib.kit.errors import NotFound, RuleBroken


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


def _plain(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code, "text": reason.text, "kind": reason.kind.value, "facts": reason.facts,
        "way_out": reason.way_out, "way_out_action": reason.way_out_action,
    }  # fmt: skip


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
    return kind(reasons=[_plain(reason) for reason in decision.against], can_override=decision.needs_override)


class NoSuchCopy(NotFound):
    """Facts: barcode."""

    message = "No copy has the barcode “{barcode}”."

    def __init__(self, barcode: str, **facts: Any) -> None:
        super().__init__(**{"thing": "copy", "barcode": barcode} | facts)


class SelfIssueOff(RuleBroken):
    """The library issues at the desk only."""

    message = "Borrowing by oneself is switched off here. Please bring the book to the desk."


class IssueInFuture(RuleBroken):
    """Facts: issued_at."""

    message = "An issue cannot lie in the future."


class IssueBeforeReturn(RuleBroken):
    """Facts: returned_at."""

    message = "This copy came back from another loan after the time at which this issue was recorded."


class ReturnInFuture(RuleBroken):
    """Facts: returned_at."""

    message = "A return cannot lie in the future."


class ReturnBeforeIssue(RuleBroken):
    """Facts: issued_at."""

    message = "A return cannot lie before the issue."


class ReturnOvertaken(RuleBroken):
    """Two desks took the same copy back at once."""

    message = "Another desk has just taken this copy back."


class AlreadyUndone(RuleBroken):
    """The act was taken back before."""

    message = "This was undone already."


class UndoTooLate(RuleBroken):
    """Facts: minutes."""

    message = "This can be undone for {minutes} minutes only. Issue or return the copy anew instead."


class UndoOvertaken(RuleBroken):
    """Something happened since. Facts: what."""

    message = "This cannot be undone any more: {what}."


class HoldIsOver(RuleBroken):
    """Facts: state."""

    message = "This hold is {state} already."


class HoldIsReady(RuleBroken):
    """Facts: title."""

    message = "A copy of “{title}” lies on the hold shelf for this hold already. Collect it, or cancel the hold."


class HoldNotReady(RuleBroken):
    """Facts: title."""

    message = "No copy of “{title}” lies on the hold shelf for this reservation (any more)."


class CopyOnHoldShelf(RuleBroken):
    """Facts: barcode."""

    message = "Copy {barcode} lies on the hold shelf for a reader. Cancel that hold, or wait until it is collected."


class CopyIsWaitedFor(RuleBroken):
    """Facts: barcode, count."""

    message = "Holds that only copy {barcode} can serve: {count}. Cancel them first, with a reason."


class TitleIsWaitedFor(RuleBroken):
    """Facts: count (live holds)."""

    message = "Live holds on this title: {count}. Cancel them first, with a reason: each reader is told."


class CopyIsOut(RuleBroken):
    """Facts: barcode, due_on."""

    message = "Copy {barcode} is on loan until {due_on}. Return it first."


class TitleIsOut(RuleBroken):
    """Facts: count (copies on loan)."""

    message = "{count} of its copies are on loan. Wait for their return first."


class HasHistory(RuleBroken):
    """Facts: thing, instead."""

    message = "This {thing} has been lent or held, so it cannot be deleted without a trace. {instead}"


class NeverOpen(RuleBroken):
    """The calendar would have no open day."""

    message = "With this, the library would not open on a single day of the coming year."


class AlreadyClosed(RuleBroken):
    """Facts: what."""

    message = "There is an entry for {what} already."


class LineExists(RuleBroken):
    """The policy has a line for this pair."""

    message = "There is a line for this membership type and kind of item already. Edit that one."


class LastLine(RuleBroken):
    """The any × any line cannot go."""

    message = "The line for any membership type and any kind of item must stay."


class ExceptionStands(RuleBroken):
    """The member has an exception of this name already. Facts: name, until."""

    message = "This member has an exception for this until {until}. End that one first."


class DayHasChange(RuleBroken):
    """Another change of the policy holds from that day. Facts: day."""

    message = "Another change holds from {day:%d %B %Y}. Choose another day, or take that change back first."


class ChangeArrived(RuleBroken):
    """The planned change holds already, or was taken back before."""

    message = "Only a change whose day is still to come can be taken back. Edit the lines themselves instead."


class AlreadyClaimed(RuleBroken):
    """Facts: claimed_on."""

    message = "It was noted already that this copy was returned on {claimed_on:%d %B %Y}, as the member says."


class NotClaimed(RuleBroken):
    """Nobody says that this copy was returned."""

    message = "Nobody says that this copy was returned."


class ForOneself(RuleBroken):
    """Facts: what."""

    message = "Nobody decides about their own {what}. Please ask a colleague."


class NotInRepair(RuleBroken):
    """Facts: barcode, status."""

    message = "Copy {barcode} is not in repair: it is {status}."


class NotMissed(RuleBroken):
    """Facts: barcode, status."""

    message = "Nobody expects copy {barcode} on a shelf: it is {status}."


class StillDamaged(RuleBroken):
    """Facts: barcode."""

    message = "Copy {barcode} is still damaged: mend it first, or withdraw it."


class NobodyToCharge(RuleBroken):
    """Facts: barcode."""

    message = "Copy {barcode} was not on loan, so nobody can be charged for how it looks."
