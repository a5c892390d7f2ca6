"""Reasons in a reader's words: those of a decision speak to whoever stands behind the desk.

Every sentence says what stands in the way and what the reader can do about it, here or at the desk.
"""

from lib.circulation.decision import Reason

_DESK = "Please ask at the desk."
_HAND_IN = "Please give it to the desk."
# What a reader is told in place of the staff's way out; "{text}" is the decision's own sentence.
_SAID = {
    "member-suspended": f"{{text}} {_DESK}",
    "member-not-active": f"{{text}} {_DESK}",
    "membership-expired": "{text} Renew it at the desk.",
    "copy-withdrawn": f"This copy is not lent any more. {_HAND_IN}",
    "copy-lost": f"This copy was missing. {_HAND_IN}",
    "copy-in-repair": f"This copy is to be repaired. {_HAND_IN}",
    "copy-on-order": f"This copy is not ready to be lent yet. {_HAND_IN}",
    "already-theirs": "You have this already. Renew it if you want to keep it longer.",
    "copy-on-loan": "This copy is still on loan to another reader. Return it first, or ask at the desk.",
    "on-hold-shelf": f"This copy is kept for another reader. {_HAND_IN}",
    "owes-too-much": "{text} {way_out}",
    "renewals-used": "{text} Bring it back by its due date.",
    "not-later": "{text} Your membership ends then: renew it at the desk.",
}
_STAFF_WAYS = ("Change the lending policy", "Reactivate", "Approve", "Mark it", "override")


def reader_words(reason: Reason) -> str:
    """One reason, with the way out, as the reader at a machine is told."""
    pattern = _SAID.get(reason.code, "{text} {way_out}")
    way_out = reason.way_out
    if not way_out or any(word in way_out for word in _STAFF_WAYS):
        way_out = _DESK
    said = pattern.format(text=_yours(reason.text), way_out=way_out)
    return said.strip()


def reasons_words(reasons: tuple[Reason, ...]) -> str:
    """Every reason, one after the other."""
    return " ".join(reader_words(reason) for reason in reasons)


def _yours(text: str) -> str:
    """What is said of the member, said to them."""
    for theirs, yours in (
        ("to this member already", "to you already"), ("This member has", "You have"),
        ("This member waits", "You wait"), ("this member", "you"),
        ("The membership", "Your membership"), ("the membership", "your membership"),
    ):  # fmt: skip
        text = text.replace(theirs, yours)
    return text
