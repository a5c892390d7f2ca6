"""A reason as data: what stands against something, the facts behind it and the cheapest way out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ReasonKind(StrEnum):
    """Impossible for anybody; blocked until a librarian overrides; or only worth knowing."""

    IMPOSSIBLE = "impossible"
    BLOCKED = "blocked"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `facts` holds the numbers, dates and titles behind it and, as `rule`, what it comes from;
    `way_out_action` names the act that would help, where there is one."""

    code: str
    text: str
    kind: ReasonKind
    facts: dict[str, Any]
    way_out: str = ""
    way_out_action: str | None = None


def told(reason: Reason) -> dict[str, Any]:
    """A reason as a refusal carries it among its facts."""
    return {
        "code": reason.code, "text": reason.text, "kind": reason.kind.value, "facts": reason.facts,
        "way_out": reason.way_out, "way_out_action": reason.way_out_action,
    }  # fmt: skip
