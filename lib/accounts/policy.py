"""Rules about accounts on plain values: state moves, who may sign in, days of membership."""

import calendar
from datetime import date

from lib.access.permissions import Role
from lib.accounts.models import AccountStatus as S

MOVES: dict[S, frozenset[S]] = {
    S.UNVERIFIED: frozenset({S.PENDING, S.ACTIVE, S.REJECTED, S.CLOSED}),
    S.PENDING: frozenset({S.ACTIVE, S.REJECTED, S.CLOSED}),
    S.ACTIVE: frozenset({S.SUSPENDED, S.DISABLED, S.CLOSED}),
    S.SUSPENDED: frozenset({S.ACTIVE, S.DISABLED, S.CLOSED}),
    S.DISABLED: frozenset({S.ACTIVE, S.CLOSED}),
    S.REJECTED: frozenset({S.ACTIVE, S.CLOSED}),
    S.CLOSED: frozenset(),
}
MAY_SIGN_IN = frozenset({S.ACTIVE, S.SUSPENDED})
STAFF = frozenset({Role.LIBRARIAN, Role.ADMIN})
DEMO_EMAILS = frozenset({"admin@demo.example", "librarian@demo.example", "member@demo.example"})
SIGN_IN_REFUSALS: dict[str, str] = {
    "unverified": "Please confirm your e-mail address first: open the link in the mail we sent you.",
    "pending": "Your registration waits for the library's approval. You get a mail as soon as it is decided.",
    "rejected": "Your registration was not accepted. Please ask at the desk.",
    "disabled": "This account is closed to sign-in. Please ask at the desk.",
    "closed": "This account was closed.",
    "demo": "Demo accounts cannot sign in to a library that is in use.",
}


def may_move(was: S, wanted: S) -> bool:
    """Whether an account may go from one standing to another."""
    return wanted in MOVES[was]


def sign_in_refusal(status: S, email_key: str | None, *, production: bool) -> str | None:
    """Why an account may not sign in (a key of SIGN_IN_REFUSALS), or None when it may."""
    if production and email_key in DEMO_EMAILS:
        return "demo"
    return None if status in MAY_SIGN_IN else status.value


def standing_on(status: S, suspended_until: date | None, today: date) -> S:
    """The standing that counts today: a suspension is over once its last day has passed."""
    if status is S.SUSPENDED and suspended_until is not None and suspended_until < today:
        return S.ACTIVE
    return status


def membership_end(start: date, months: int | None) -> date | None:
    """The last day of a membership of so many months; the end of the month where a day is missing."""
    if months is None:
        return None
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def keeps_signed_in(role: Role, keep: bool) -> bool:
    """“Keep me signed in” is for members; staff sign in each day."""
    return keep and role not in STAFF
