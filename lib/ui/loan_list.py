"""What a member has at home: due dates first, coloured by how urgent they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lib.circulation.decision import Reason
from lib.circulation.queries import KindLimit, LoanRow
from lib.circulation.renewals import RenewOutcome
from lib.desk.self_check_words import is_early, reasons_words
from lib.ui.cover import cover_html
from lib.ui.linked import anchor, esc, listed
from lib.ui.navigation import href
from lib.ui.words import count, day, due, money, number, plain

SOON_DAYS = 3
# What stands against any renewal is said once on a page, not under every loan.
OF_THE_READER = frozenset({"owes-too-much", "member-suspended", "member-not-active", "membership-expired"})


@dataclass(frozen=True, slots=True)
class Urgency:
    """How pressing a due date is: late, soon or in (classes of linked.css)."""

    look: str
    badge: str


def urgency(due_on: date, today: date) -> Urgency:
    """Late after the due day, soon within three days, otherwise nothing to worry about."""
    left = (due_on - today).days
    if left < 0:
        return Urgency("late", "red")
    return Urgency("soon", "orange") if left <= SOON_DAYS else Urgency("in", "green")


def loan_html(loan: LoanRow, today: date) -> str:
    """One loan: cover, due date, title, authors, fine so far, renewals left or why there are none."""
    address = href("title", id=loan.title_id)
    title = anchor(address, f'<span class="name" dir="auto">{esc(loan.title)}</span>')
    small = filter(None, (_fine(loan), _renewals(loan)))
    return (
        f'<div class="loan">{anchor(address, cover_html(loan.title_id), more=_ASIDE)}<div>'
        f'<p class="when {urgency(loan.due_on, today).look}">{esc(_capital(due(loan.due_on, today)))}</p>{title}'
        f'<p class="soft"><bdi>{esc(loan.authors)}</bdi></p>'
        f'{"".join(f"""<p class="small soft">{esc(text)}</p>""" for text in small)}</div></div>'
    )


def kind_words(apart: Iterable[KindLimit]) -> list[str]:
    """Loans of kinds with a limit of their own, as Markdown: "Film: 1 of 2"."""
    return [f"{plain(one.kind)}: {number(one.open_loans)} of {number(one.max_loans)}" for one in apart]


def against_any_renewal(loans: Iterable[LoanRow]) -> tuple[Reason, ...]:
    """What stands against renewing anything, because of the reader; each reason once."""
    found = {reason.code: reason for loan in loans for reason in loan.why_not if reason.code in OF_THE_READER}
    return tuple(found.values())


def due_html(loans: tuple[LoanRow, ...], today: date) -> str:
    """Loans as tiles, for the home page."""
    return listed((loan_html(loan, today) for loan in loans), "due")


_ASIDE = 'tabindex="-1" aria-hidden="true"'


def _fine(loan: LoanRow) -> str:
    return f"{money(loan.fine_minor)} so far" if loan.fine_minor else ""


def _renewals(loan: LoanRow) -> str:
    left = f"{count(loan.renewals_left, 'renewal', 'renewals')} left"
    if loan.may_renew:
        return left
    if is_early(loan.why_not):
        return f"{left}. {reasons_words(loan.why_not)}"
    return reasons_words(tuple(reason for reason in loan.why_not if reason.code not in OF_THE_READER))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def outcome_text(outcomes: tuple[RenewOutcome, ...]) -> str:
    """What came of renewing everything, a line a loan, as Markdown."""
    lines = [_outcome(outcome) for outcome in outcomes]
    return "\n".join(f"- {line}" for line in lines)


def _outcome(outcome: RenewOutcome) -> str:
    title = f"“{plain(outcome.title)}”"
    if outcome.receipt:
        return f"{title}: yours until {day(outcome.receipt.due_on)}."
    if is_early(outcome.reasons):
        return f"{title}: {plain(reasons_words(outcome.reasons))}"
    return f"{title}: not renewed. " + plain(reasons_words(outcome.reasons))
