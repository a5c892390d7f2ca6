"""The one engine of lending, as tables a librarian can read: a situation, and every reason it gives."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lib.circulation.calendar import OpenDays
from lib.circulation.decision import Decision, ReasonKind, decide_issue, titles_of
from lib.circulation.hold_policy import Claim
from lib.circulation.policy import Line, effective_rule
from lib.circulation.renewal_decision import Times, decide_renewal
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import Borrower, Exempt, Item, OpenLoan, Queue, Terms, except_for, owed

TODAY = date(2026, 3, 10)
ENDS = date(2027, 1, 1)
RULE = effective_rule([Line(None, None, {})], None, None)
TERMS = Terms(TODAY, OpenDays(), CirculationSettings(), RULE, "EUR", "en-GB")
READER = Borrower(1, "Ada", "active", None, None, None, ENDS)
COPY = Item(10, "B10", 100, "Dune", 5, "available", 1500, "Main", "B-12")
BOOK, FILM = 5, 6


def a_loan(number: int = 1, *, due: int = 7, kind: int = BOOK, title: int = 0, **more: Any) -> OpenLoan:
    """A loan due in so many days; 10 cents a day, 1 day of grace, at most 5.00."""
    day = TODAY + timedelta(days=due)
    return OpenLoan(number, title or number, f"Title {number}", kind, day, 10, 1, 500, **{"fine_settled": 0} | more)


def told(decision: Decision) -> dict[str, str]:
    return {reason.code: reason.kind.value for reason in decision.reasons}


def five() -> tuple[OpenLoan, ...]:
    return tuple(a_loan(number) for number in range(1, 6))


ISSUE = [
    # who (what is the matter with them), which copy, what is said
    ("an ordinary reader", {}, {}, {}),
    ("suspended", {"status": "suspended", "status_reason": "Damage", "suspended_until": TODAY},
     {}, {"member-suspended": "impossible"}),
    ("the suspension ended yesterday",
     {"status": "suspended", "status_reason": "Damage", "suspended_until": TODAY - timedelta(days=1)}, {}, {}),
    ("waits for approval", {"status": "pending"}, {}, {"member-not-active": "impossible"}),
    ("disabled", {"status": "disabled"}, {}, {"member-not-active": "impossible"}),
    ("membership ended yesterday", {"membership_ends_on": TODAY - timedelta(days=1)}, {},
     {"membership-expired": "impossible"}),
    ("membership ends today", {"membership_ends_on": TODAY}, {}, {"due-capped": "note"}),
    ("membership ends on the due day", {"membership_ends_on": TODAY + timedelta(days=21)}, {}, {}),
    ("never ending membership", {"membership_ends_on": None}, {}, {}),
    ("four loans of five", {"loans": five()[:4]}, {}, {}),
    ("five loans of five", {"loans": five()}, {}, {"limit-reached": "blocked"}),
    ("owes exactly the block", {"balance_minor": 500}, {}, {}),
    ("owes a cent more", {"balance_minor": 501}, {}, {"owes-too-much": "blocked"}),
    ("the library owes them", {"balance_minor": -100}, {}, {}),
    ("a loan due today", {"loans": (a_loan(due=0),)}, {}, {}),
    ("a loan due yesterday", {"loans": (a_loan(due=-1),)}, {}, {"has-overdue": "blocked"}),
    ("one they say they returned", {"loans": (a_loan(due=-9, claimed_on=TODAY - timedelta(days=9)),)}, {}, {}),
    ("another copy of it at home", {"loans": (a_loan(title=100),)}, {}, {"same-title": "blocked"}),
    ("everything at once", {"loans": (*five(), a_loan(9, due=-3)), "balance_minor": 900}, {},
     {"limit-reached": "blocked", "owes-too-much": "blocked", "has-overdue": "blocked"}),
    ("withdrawn copy", {}, {"status": "withdrawn"}, {"copy-withdrawn": "impossible"}),
    ("lost copy", {}, {"status": "lost"}, {"copy-lost": "impossible"}),
    ("copy in repair", {}, {"status": "in_repair"}, {"copy-in-repair": "impossible"}),
    ("copy on order", {}, {"status": "on_order"}, {"copy-on-order": "impossible"}),
    ("somebody else has it", {}, {"status": "on_loan", "loan_id": 7, "loan_account_id": 2, "loan_due_on": TODAY},
     {"copy-on-loan": "impossible"}),
    ("they have this very copy", {}, {"status": "on_loan", "loan_id": 7, "loan_account_id": 1, "loan_due_on": TODAY},
     {"already-theirs": "impossible"}),
    ("on the hold shelf for somebody else", {}, {"status": "on_hold_shelf", "queue": Queue(shelf_id=3, shelf_for=2)},
     {"on-hold-shelf": "blocked"}),
    ("on the hold shelf for them", {},
     {"status": "on_hold_shelf", "queue": Queue(own_id=3, own_ready=True, shelf_id=3, shelf_for=1)}, {}),
    ("a walk-in where others wait", {}, {"queue": Queue(waiting=2)}, {"others-wait": "note"}),
    ("one of those who wait", {}, {"queue": Queue(own_id=4, waiting=2)}, {}),
    ("impossible and blocked", {"loans": five()}, {"status": "lost"},
     {"copy-lost": "impossible", "limit-reached": "blocked"}),
]  # fmt: skip


@pytest.mark.parametrize(("who", "copy", "says"), [row[1:] for row in ISSUE], ids=[row[0] for row in ISSUE])
def test_an_issue_is_answered_with_every_reason(
    who: dict[str, Any], copy: dict[str, Any], says: dict[str, str]
) -> None:
    decision = decide_issue(replace(READER, **who), replace(COPY, **copy), TERMS)
    assert told(decision) == says
    against = {kind for kind in says.values() if kind != "note"}
    assert decision.may == (not against)
    assert decision.needs_override == (against == {"blocked"})
    assert (decision.due_on is None) == ("impossible" in against)
    assert all(reason.facts["rule"] for reason in decision.reasons), "each reason names its rule"
    assert all(reason.way_out for reason in decision.against), "each reason against names a way out"
    order = [list(ReasonKind).index(reason.kind) for reason in decision.reasons]
    assert order == sorted(order), "what nobody can change is said first"


NEW = TODAY + timedelta(days=28)
RENEWAL = [
    # what is the matter, with the reader, with the queue, renewals made (of two), due in days; what is said, new date
    ("nothing", {}, {}, 0, 7, {}, NEW),
    ("renewed once", {}, {}, 1, 7, {}, NEW),
    ("renewed twice", {}, {}, 2, 7, {"renewals-used": "blocked"}, NEW),
    ("due today: counted from today", {}, {}, 0, 0, {}, TODAY + timedelta(days=21)),
    ("overdue: counted from today", {}, {}, 0, -5, {}, TODAY + timedelta(days=21)),
    ("somebody waits, no other copy in", {}, {"claims": [None]}, 0, 7, {"waited-for": "impossible"}, None),
    ("somebody waits, another copy serves them", {}, {"claims": [None], "free": [8]}, 0, 7, {}, NEW),
    ("two wait for one other copy", {}, {"claims": [None, None], "free": [8]}, 0, 7,
     {"waited-for": "impossible"}, None),
    ("somebody waits for this very copy", {}, {"claims": [COPY.id], "free": [8, 9]}, 0, 7,
     {"waited-for": "impossible"}, None),
    ("somebody waits, the only other copy is wanted by name", {}, {"claims": [None, 8], "free": [8]}, 0, 7,
     {"waited-for": "impossible"}, None),
    ("somebody waits for another copy, which is out", {}, {"claims": [9], "free": [8]}, 0, 7, {}, NEW),
    ("owes too much", {"balance_minor": 501}, {}, 0, 7, {"owes-too-much": "blocked"}, NEW),
    ("membership ended", {"membership_ends_on": TODAY - timedelta(days=1)}, {}, 0, 7,
     {"membership-expired": "impossible", "not-later": "impossible"}, None),
    ("membership ends before the new date", {"membership_ends_on": TODAY + timedelta(days=10)}, {}, 0, 7, {},
     TODAY + timedelta(days=10)),
    ("membership ends on the old due day", {"membership_ends_on": TODAY + timedelta(days=7)}, {}, 0, 7,
     {"not-later": "impossible"}, None),
    ("suspended", {"status": "suspended", "status_reason": "x"}, {}, 0, 7, {"member-suspended": "impossible"}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "queue", "renewed", "due", "says", "until"), [row[1:] for row in RENEWAL], ids=[row[0] for row in RENEWAL]
)
def test_a_renewal_is_answered_with_every_reason(
    who: dict[str, Any], queue: dict[str, list[Any]], renewed: int, due: int, says: dict[str, str], until: date | None
) -> None:
    loan = a_loan(due=due)
    claims = tuple(Claim(number, copy) for number, copy in enumerate(queue.get("claims", ())))
    item = replace(COPY, status="on_loan", queue=Queue(claims=claims, free=tuple(queue.get("free", ()))))
    decision = decide_renewal(replace(READER, loans=(loan,), **who), item, loan, Times(renewed, 2, 21), TERMS)
    assert (told(decision), decision.due_on) == (says, until)
    assert all(reason.way_out and reason.facts["rule"] for reason in decision.against)


def test_a_lost_copy_is_not_renewed() -> None:
    loan = a_loan()
    decision = decide_renewal(
        replace(READER, loans=(loan,)), replace(COPY, status="lost"), loan, Times(0, 2, 21), TERMS
    )
    assert told(decision) == {"copy-lost": "impossible"}


OWED = [
    # ledger says, loans (due in days, settled, already accrued), owed
    (0, [], 0),
    (250, [], 250),
    (-80, [], -80),
    (0, [(-1, 0, 0)], 0),  # within the grace
    (0, [(-2, 0, 0)], 20),  # past it every day counts
    (20, [(-2, 0, 20)], 20),  # the ledger has it already
    (10, [(-2, 0, 10)], 20),  # yesterday's amount is in the ledger, today's is not yet
    (0, [(-90, 0, 0)], 500),  # the cap
    (0, [(-90, 480, 0)], 20),  # the cap is over all fines of the loan
    (0, [(5, 480, 0)], 0),  # settled at a renewal and paid
    (0, [(-2, 0, 0), (-3, 0, 0)], 50),
]


@pytest.mark.parametrize(("balance", "loans", "amount"), OWED)
def test_what_is_owed_is_the_ledger_and_what_it_does_not_hold_yet(
    balance: int, loans: list[tuple[int, int, int]], amount: int
) -> None:
    found = tuple(
        a_loan(number, due=due, fine_settled=settled, accrued_minor=accrued)
        for number, (due, settled, accrued) in enumerate(loans, 1)
    )
    assert owed(replace(READER, balance_minor=balance, loans=found), TERMS) == amount


def test_the_fine_of_a_claimed_return_stands_still() -> None:
    claimed = a_loan(due=-9, claimed_on=TODAY - timedelta(days=6))
    assert claimed.fine_on(TODAY, OpenDays()) == claimed.fine_on(TODAY + timedelta(days=90), OpenDays()) == 30


EXCEPTIONS = [
    # the value, as it holds for this member, what the decision then says to five loans and 7.00 owed
    ((), {"limit-reached", "owes-too-much"}),
    (("max_loans", 6), {"owes-too-much"}),
    (("max_loans", 5), {"limit-reached", "owes-too-much"}),
    (("debt_block", 700), {"limit-reached"}),
    (("debt_block", 699), {"limit-reached", "owes-too-much"}),
]


@pytest.mark.parametrize(("exempt", "says"), EXCEPTIONS)
def test_an_exception_counts_instead_of_the_rule(exempt: tuple[Any, ...], says: set[str]) -> None:
    terms = except_for(TERMS, [Exempt(*exempt, TODAY)] if exempt else [])
    decision = decide_issue(replace(READER, loans=five(), balance_minor=700), COPY, terms)
    assert set(told(decision)) == says


def test_an_exception_is_named_as_the_line_it_comes_from_and_counts_every_kind() -> None:
    by_kind = replace(TERMS, rule=replace(RULE, max_loans=1, per_kind=frozenset({"max_loans"})))
    films = replace(READER, loans=(a_loan(1, kind=FILM), a_loan(2, kind=FILM)))
    assert told(decide_issue(films, COPY, by_kind)) == {}, "two films do not use up the one book"
    held = except_for(by_kind, [Exempt("max_loans", 2, date(2026, 5, 3))])
    (reason,) = decide_issue(films, COPY, held).reasons
    assert (reason.code, reason.facts["line"], reason.facts["open"]) == (
        "limit-reached", "exception until 3 May 2026", 2,
    )  # fmt: skip


TITLES = [
    (["Dune"], "“Dune”"),
    (["Dune", "Emma"], "“Dune”, “Emma”"),
    (["Dune", "Emma", "Ulysses"], "“Dune”, “Emma”, “Ulysses”"),
    (["Dune", "Emma", "Ulysses", "Momo"], "“Dune”, “Emma”, “Ulysses” or 1 more"),
]


@pytest.mark.parametrize(("names", "words"), TITLES)
def test_titles_are_named_up_to_three(names: list[str], words: str) -> None:
    assert titles_of([replace(a_loan(number), title=name) for number, name in enumerate(names, 1)]) == words
