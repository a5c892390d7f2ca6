"""Reasons in a reader's words: those of a decision speak to whoever stands behind the desk.

Every sentence says what stands in the way and what the reader can do about it, here or at the desk.
"""

import re

from lib.circulation.decision import Reason

_DESK = "Please ask at the desk."
_HAND_IN = "Please give it to the desk."
# What a reader is told in place of the staff's way out; "{text}" is the decision's own sentence.
_SAID = {
    "member-suspended": f"{{text}} The staff know why. {_DESK}",
    "member-not-active": f"{{text}} {_DESK}",
    "membership-expired": "{text} Renew it at the desk.",
    "copy-withdrawn": f"This copy is not lent any more. {_HAND_IN}",
    "copy-lost": f"This copy was missing. {_HAND_IN}",
    "copy-in-repair": f"This copy is to be repaired. {_HAND_IN}",
    "copy-on-order": f"This copy is not ready to be lent yet. {_HAND_IN}",
    "already-theirs": "{text}",
    "same-title": "{text} Bring that one back first.",
    "copy-on-loan": f"This copy is still on loan to another reader. {_HAND_IN}",
    "on-hold-shelf": f"This copy is kept for another reader. {_HAND_IN}",
    "owes-too-much": "{text} {way_out}",
    "renewals-used": "{text} {bring}",
    "renew-later": "{text}",
    "claimed-returned": "{text} If it is still with you, please tell the desk.",
    "not-later": "{text} Your membership ends then: renew it at the desk.",
}
_QUOTED = re.compile("(“[^”]*”)")
_YOURS = (
    ("to this member already", "to you already"), ("This member has", "You have"), ("This member waits", "You wait"),
    ("This member said that they returned it", "You said that you brought it back"), ("this member", "you"),
    ("The membership", "Your membership"), ("the membership", "your membership"),
    ("then place a hold to have it again", "then reserve it to have it again"),
    ("place a hold", "reserve it"), ("Place a hold", "Reserve it"), ("Cancel that hold", "Cancel that reservation"),
    (" holds", " reservations"),
)  # fmt: skip
_STAFF_WAYS = ("Change the lending policy", "Reactivate", "Approve", "Mark it", "override")


def reader_words(reason: Reason) -> str:
    """One reason, with the way out, as the reader at a machine is told."""
    pattern = _SAID.get(reason.code, "{text} {way_out}")
    way_out = reason.way_out
    if not way_out or any(word in way_out for word in _STAFF_WAYS):
        way_out = _DESK
    bring = "It was due: please bring it back." if reason.facts.get("overdue") else "Bring it back by its due date."
    return pattern.format(text=_yours(reason.text), way_out=_yours(way_out), bring=bring).strip()


def reasons_words(reasons: tuple[Reason, ...]) -> str:
    """Every reason, one after the other."""
    return " ".join(reader_words(reason) for reason in reasons)


def is_early(reasons: tuple[Reason, ...]) -> bool:
    """Whether nothing stands against a renewal but that there is time: no refusal, but a day to come back."""
    return [reason.code for reason in reasons] == ["renew-later"]


def _yours(text: str) -> str:
    """What is said of the member, said to them, in a reader's words; titles stay as they are."""
    parts = _QUOTED.split(text)
    for place in range(0, len(parts), 2):
        for theirs, yours in _YOURS:
            parts[place] = parts[place].replace(theirs, yours)
    return "".join(parts)
