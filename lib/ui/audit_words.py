"""What the audit trail calls its acts, and its facts, when people read it."""

from collections.abc import Mapping
from datetime import date

from lib.ui.words import day, money

PHRASES = {
    "account.block": "Blocked an account", "account.print-card": "Printed a card",
    "account.read": "Looked at a member", "account.verify-email": "Confirmed an e-mail address",
    "author.merge": "Merged authors", "author.rename": "Renamed an author", "charge.add": "Charged by hand",
    "charge.set-off": "Set a credit off against what was owed",
    "charge.waive": "Waived", "closure.change": "Changed the opening days",
    "closure.take-back": "Took a change of the opening days back", "copy.found": "Copy handed in without a loan",
    "copy.list-lost": "Listed lost copies", "copy.mend": "Ended a repair", "copy.missed": "Missed a copy",
    "copy.reinstate": "Brought a copy back",
    "copy.withdraw": "Withdrew a copy", "exception.add": "Made an exception for a member",
    "exception.end": "Ended an exception", "fine.accrue": "Brought running fines up to date",
    "history.erase": "Erased a history", "history.expire": "Cut old history", "hold.cancel": "Cancelled a hold",
    "hold.cancel-all": "Cancelled every hold of a title", "hold.displace": "Sent a reader back to the queue",
    "hold.expire": "Ended a hold that nobody collected", "hold.move": "Moved a hold in its queue",
    "hold.place": "Placed a hold", "hold.place-for": "Placed a hold for a member", "hold.resume": "Resumed a hold",
    "hold.suspend": "Paused a hold", "integrity.repair": "Repaired data", "loan.borrow": "Borrowed by oneself",
    "loan.claim": "Noted as said to be returned", "loan.clear-claim": "Ended the search for a copy",
    "loan.export-overdue": "Saved the list of overdue loans", "loan.issue": "Lent",
    "loan.list-overdue": "Listed overdue loans",
    "loan.list-soon-lost": "Listed loans that soon count as lost", "loan.lost": "Declared lost",
    "loan.renew": "Renewed", "loan.renew-all": "Renewed everything", "loan.renew-override": "Renewed against a rule",
    "loan.return": "Returned", "loan.self-issue": "Borrowed by oneself", "loan.self-renew": "Renewed by oneself",
    "member.add": "Added a member", "member.edit": "Edited a member", "member.renew": "Renewed a membership",
    "offline.replay": "Caught up on the offline desk", "payment.refund": "Gave money back",
    "payment.reverse": "Took a payment back", "payment.take": "Took money",
    "policy.cancel-plan": "Dropped planned rules", "policy.fold": "Rules of a planned day took effect",
    "policy.plan": "Planned rules", "policy.save": "Changed a rule",
    "session.end": "Signed out", "session.end-others": "Ended other sessions", "session.start": "Signed in",
    "settings.change": "Changed settings", "staff.appoint": "Gave a role", "staff.create": "Added staff",
    "till.close": "Closed the till", "title.add": "Added a title", "title.edit": "Edited a title",
}  # fmt: skip


def act_phrase(action: str) -> str:
    """An act as people say it: "loan.self-issue" is "Borrowed by oneself"; what has no words of its own is taken
    apart: "terminal.rotate" becomes "Terminal: rotate"."""
    thing, _, verb = action.partition(".")
    return PHRASES.get(action) or f"{thing.replace('-', ' ').capitalize()}: {verb.replace('-', ' ')}"


def facts_words(facts: Mapping[str, object]) -> str:
    """The facts of a row: "amount: €3.50; due on: 4 May 2026"."""
    return "; ".join(f"{_name(name)}: {_words(name, value)}" for name, value in facts.items() if _says(value))


def _says(value: object) -> bool:
    return value not in (None, "", [], {})


def _name(name: str) -> str:
    return name.removesuffix("_minor").replace("_", " ")


def _words(name: str, value: object) -> str:
    """A fact as people read it, at most 160 characters."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{_name(str(part))} {_words(str(part), of)}" for part, of in value.items() if _says(of))
    elif isinstance(value, list):
        text = ", ".join(_words(name, part) for part in value)
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, int) and name.endswith("_minor"):
        text = money(value)
    else:
        text = _day(str(value))
    return text if len(text) <= 160 else f"{text[:157]}…"


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text)) if len(text) == len("2026-05-04") else text
    except ValueError:
        return text
