"""Refusals: what a use case says no with. Types that carry facts; no screen words, no HTTP.

Four kinds, mapped once by each door: NotFound, Forbidden, RuleBroken, Invalid.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lib.kit.reasons import Reason, ReasonKind


class Refusal(Exception):
    """A reasoned no. `message` is a template over the facts given to the constructor."""

    message: ClassVar[str] = "This cannot be done."

    def __init__(self, **facts: Any) -> None:
        self.facts: Mapping[str, Any] = facts
        super().__init__(self.message.format_map(facts))

    @property
    def code(self) -> str:
        """A stable name for programs: LoanLimitReached → loan-limit-reached."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.facts))


def _rebuild(kind: type[Refusal], facts: dict[str, Any]) -> Refusal:
    return kind(**facts)


class NotFound(Refusal):
    """What was asked for is not there, or is not for this actor to know of."""

    message = "There is no such {thing}."

    def __init__(self, thing: str = "thing", **facts: Any) -> None:
        super().__init__(thing=thing, **facts)


class Forbidden(Refusal):
    """The actor may not do this."""

    message = "You are not allowed to do this."


class NotSignedIn(Forbidden):
    """Nobody is signed in, or no longer."""

    message = "Please sign in first."


class RuleBroken(Refusal):
    """A rule of the library stands against it.

    `rule` names it; `way_out` says what helps, a template over the facts as `message` is; `way_out_action` names the
    act that would, where there is one. A fact of that name goes before the type's own action.
    """

    rule: ClassVar[str] = ""
    way_out: ClassVar[str] = ""
    way_out_action: ClassVar[str | None] = None

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.text = self.message.format_map(facts)
        self.way = self.way_out.format_map(facts)
        self.args = (" ".join(filter(None, (self.text, self.way))),)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not, as data: one reason of this type, or those of a decision; none where no rule is named."""
        if not self.rule:
            return ()
        facts = {name: value for name, value in self.facts.items() if name not in _WAYS}
        action = self.facts.get("way_out_action", self.way_out_action)
        return (Reason(self.code, self.text, ReasonKind.IMPOSSIBLE, {"rule": self.rule} | facts, self.way, action),)


_WAYS = frozenset({"way_out", "way_out_action"})


class StaleEdit(RuleBroken):
    """Somebody saved in between. Facts: thing, changed_by, changed_at."""

    message = "This {thing} was changed by {changed_by} meanwhile. Look at the new state, then save again."


class TooManyAttempts(RuleBroken):
    """A limit on attempts is reached. Facts: retry_after_s."""

    message = "Too many attempts. Try again in {wait}."

    def __init__(self, retry_after_s: int, **facts: Any) -> None:
        minutes = -(-retry_after_s // 60)
        wait = f"{retry_after_s} seconds" if retry_after_s < 90 else f"{minutes} minutes"
        super().__init__(**facts | {"retry_after_s": retry_after_s, "wait": wait})


class Busy(RuleBroken):
    """The database did not answer in time; nothing was changed."""

    message = "The library is very busy. Nothing was changed; please try again."


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that is not as it should be: which, what is wrong, and how to mend it."""

    field: str
    text: str


class Invalid(Refusal):
    """Input is not as it should be; lists every fault, not the first."""

    message = "{summary}"

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(summary=" ".join(fault.text for fault in faults) or "The input is not valid.")

    def __reduce__(self) -> tuple[Any, ...]:
        return Invalid, self.faults
