"""What the audit trail calls its acts, and its facts, when people read it."""

from collections.abc import Mapping
from datetime import date

from lib.ui.words import day, money

PHRASES = {
    "account.approve": "Approved a registration", "account.close": "Closed an account",
    "account.disable": "Disabled an account", "account.drop-unconfirmed": "Dropped unconfirmed registrations",
    "account.reactivate": "Reactivated an account", "account.register": "Registered",
    "account.reject": "Rejected a registration", "account.suspend": "Suspended a membership",
    "api-key.create": "Made an API key", "api-key.revoke": "Revoked an API key",
    "account.block": "Blocked an account", "account.print-card": "Printed a card",
    "account.read": "Looked at a member", "account.verify-email": "Confirmed an e-mail address",
    "author.merge": "Merged authors", "author.rename": "Renamed an author", "charge.add": "Charged by hand",
    "charge.set-off": "Set a credit off against what was owed",
    "charge.waive": "Waived", "closure.change": "Changed the opening days",
    "closure.take-back": "Took a change of the opening days back", "copy.found": "Copy handed in without a loan",
    "copy.add": "Added a copy", "copy.delete": "Deleted a copy", "copy.edit": "Edited a copy",
    "copy.import": "Imported copies", "copy.list-lost": "Listed lost copies",
    "copy.mend": "Ended a repair", "copy.missed": "Missed a copy",
    "copy.reinstate": "Brought a copy back",
    "copy.withdraw": "Withdrew a copy", "email.change": "Changed an e-mail address",
    "email.request-change": "Asked to change an e-mail address", "exception.add": "Made an exception for a member",
    "exception.end": "Ended an exception", "fine.accrue": "Brought running fines up to date",
    "history.keep": "Chose whether to keep a history", "history.settle": "Forgot settled loans",
    "history.erase": "Erased a history", "history.expire": "Cut old history", "hold.cancel": "Cancelled a hold",
    "hold.cancel-all": "Cancelled every hold of a title", "hold.displace": "Sent a reader back to the queue",
    "hold.extend": "Gave a hold another last day", "hold.print-new-slips": "Printed the new slips",
    "hold.print-slips": "Printed slips", "hold.undisplace": "Gave a reader their place back",
    "hold.expire": "Ended a hold that nobody collected", "hold.move": "Moved a hold in its queue",
    "hold.place": "Placed a hold", "hold.place-for": "Placed a hold for a member", "hold.resume": "Resumed a hold",
    "hold.suspend": "Paused a hold", "import.finish": "Finished an import",
    "import.start": "Began an import", "integrity.repair": "Repaired data", "loan.borrow": "Borrowed by oneself",
    "kind.add": "Added a kind of item", "kind.delete": "Deleted a kind of item",
    "kind.edit": "Edited a kind of item", "kiosk.visit": "Came to a self-service tablet",
    "location.save": "Saved a location",
    "loan.claim": "Noted as said to be returned", "loan.clear-claim": "Ended the search for a copy",
    "loan.export-overdue": "Saved the list of overdue loans", "loan.issue": "Lent",
    "loan.list-overdue": "Listed overdue loans",
    "loan.list-soon-lost": "Listed loans that soon count as lost", "loan.lost": "Declared lost",
    "loan.renew": "Renewed", "loan.renew-all": "Renewed everything", "loan.renew-override": "Renewed against a rule",
    "loan.return": "Returned", "loan.self-issue": "Borrowed by oneself", "loan.self-renew": "Renewed by oneself",
    "member.close": "Closed a member's account", "member.disable": "Disabled a member",
    "member.reactivate": "Reactivated a member", "member.role": "Changed a role",
    "member.suspend": "Suspended a member",
    "membership-type.save": "Saved a membership type",
    "member.add": "Added a member", "member.edit": "Edited a member", "member.renew": "Renewed a membership",
    "offline.dismiss": "Dismissed a task of the offline desk", "offline.list": "Looked at the offline desk's tasks",
    "offline.resolve": "Settled a task of the offline desk",
    "offline.try-again": "Tried a task of the offline desk again",
    "password.change": "Changed a password", "password.reset": "Chose a new password",
    "pin.clear": "Took a PIN away", "pin.set": "Set a PIN", "pin.unlock": "Unlocked a PIN",
    "offline.replay": "Caught up on the offline desk", "payment.refund": "Gave money back",
    "payment.reverse": "Took a payment back", "payment.take": "Took money",
    "policy.delete": "Deleted a line of the policy", "profile.edit": "Edited the own profile",
    "policy.cancel-plan": "Dropped planned rules", "policy.fold": "Rules of a planned day took effect",
    "policy.plan": "Planned rules", "policy.save": "Changed a rule",
    "section.add": "Added a section", "section.delete": "Deleted a section", "section.edit": "Edited a section",
    "self-check.cancel-hold": "Cancelled a hold at a machine", "self-check.hold": "Placed a hold at a machine",
    "self-check.renew": "Renewed at a machine", "self-check.renew-all": "Renewed everything at a machine",
    "session.end": "Signed out", "session.end-others": "Ended other sessions", "session.start": "Signed in",
    "settings.change": "Changed settings", "staff.appoint": "Gave a role", "staff.create": "Added staff",
    "terminal.login": "A terminal signed in", "terminal.make": "Made a terminal",
    "terminal.returns": "Changed what a terminal takes back", "terminal.revoke": "Revoked a terminal",
    "terminal.rotate": "Gave a terminal a new secret", "till.list": "Looked at the till's receipts",
    "title.archive": "Archived a title", "title.cover": "Changed a cover", "title.delete": "Deleted a title",
    "title.import": "Imported titles", "title.restore": "Restored a title", "weeding.export": "Saved the weeding list",
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
