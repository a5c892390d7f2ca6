"""Every reason word for word, as reader and librarian see it: what, how grave, the facts, and the way out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lib.circulation.calendar import OpenDays
from lib.circulation.decision import (
    Decision,
    Reason,
    ReasonKind,
    blocking_reasons,
    conclude,
    decide_issue,
    standing_reasons,
    titles_of,
)
from lib.circulation.hold_policy import Claim
from lib.circulation.renewal_decision import Times, decide_renewal
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import Exempt, Queue, except_for
from tests.circulation.reason_steps import BLOCKED, COPY, IMPOSSIBLE, NOTE, READER, RULE, TERMS, TODAY, a_loan, loans

STANDING = [
    # the account, what is said of it, the way out, the act that helps
    ("unverified", "The e-mail address is not confirmed yet.", "Confirm it by the link in the mail.", None),
    ("pending", "The registration waits for approval.", "Approve the registration.", "approve"),
    ("disabled", "The account is disabled.", "Reactivate the account.", "reactivate"),
    ("rejected", "The registration was rejected.", "Register anew.", None),
    ("closed", "The account is closed.", "Register anew.", None),
]


@pytest.mark.parametrize(("status", "text", "way_out", "action"), STANDING)
def test_what_is_said_of_an_account(status: str, text: str, way_out: str, action: str | None) -> None:
    facts = {"rule": "standing", "status": status}
    (reason,) = standing_reasons(replace(READER, status=status), TERMS)
    assert reason == Reason("member-not-active", text, IMPOSSIBLE, facts, way_out, action)


SUSPENDED = [
    # until, why, what is said
    (None, None, "The membership is suspended."),
    (None, "Damage", "The membership is suspended."),
    (date(2026, 5, 3), None, "The membership is suspended until 3 May 2026."),
    (TODAY, "Damage", "The membership is suspended until 10 March 2026."),
]


@pytest.mark.parametrize(("until", "why", "text"), SUSPENDED)
def test_what_is_said_of_a_suspension(until: date | None, why: str | None, text: str) -> None:
    facts = {"rule": "standing", "reason": why, "until": until}
    (reason,) = standing_reasons(replace(READER, status="suspended", status_reason=why, suspended_until=until), TERMS)
    way_out = "Reactivate the account once the reason is gone."
    assert reason == Reason("member-suspended", text, IMPOSSIBLE, facts, way_out, "reactivate")


def test_what_is_said_of_a_membership_that_ended() -> None:
    ended = TODAY - timedelta(days=1)
    assert standing_reasons(replace(READER, membership_ends_on=ended), TERMS) == [
        Reason("membership-expired", "The membership ended on 9 March 2026.", IMPOSSIBLE,
               {"rule": "membership", "ended_on": ended}, "Renew the membership.", "renew-membership")
    ]  # fmt: skip
    assert standing_reasons(replace(READER, membership_ends_on=TODAY), TERMS) == []


COPIES = [
    ("withdrawn", "copy-withdrawn", "This copy was withdrawn from the collection.", "Take another copy.", None),
    ("lost", "copy-lost", "This copy is marked as lost.", "Return it first: it has been found.", "return-first"),
    ("in_repair", "copy-in-repair", "This copy is in repair.", "Take another copy, or end the repair.", None),
    ("on_order", "copy-on-order", "This copy is on order.", "Mark it as arrived, or take another copy.", None),
]


@pytest.mark.parametrize(("status", "code", "text", "way_out", "action"), COPIES)
def test_what_is_said_of_a_copy(status: str, code: str, text: str, way_out: str, action: str | None) -> None:
    facts = {"rule": "copy", "status": status, "barcode": "B10"}
    (reason,) = decide_issue(READER, replace(COPY, status=status), TERMS).reasons
    assert reason == Reason(code, text, IMPOSSIBLE, facts, way_out, action)


LENT = [
    # whose it is, due, what is said
    (1, date(2026, 5, 3), "already-theirs", "This member has this very copy until 3 May 2026.", "Renew the loan.",
     "renew"),
    (1, None, "already-theirs", "This member has this very copy.", "Renew the loan.", "renew"),
    (2, date(2026, 5, 3), "copy-on-loan", "This copy is on loan to somebody else until 3 May 2026.",
     "Return it first, then issue it.", "return-first"),
    (2, None, "copy-on-loan", "This copy is on loan to somebody else.", "Return it first, then issue it.",
     "return-first"),
]  # fmt: skip


@pytest.mark.parametrize(("whose", "due", "code", "text", "way_out", "action"), LENT)
def test_what_is_said_of_a_copy_on_loan(
    whose: int, due: date | None, code: str, text: str, way_out: str, action: str
) -> None:
    item = replace(COPY, status="on_loan", loan_id=7, loan_account_id=whose, loan_due_on=due)
    facts = {"rule": "copy", "loan_id": 7, "due_on": due, "barcode": "B10"}
    assert decide_issue(READER, item, TERMS) == Decision(
        (Reason(code, text, IMPOSSIBLE, facts, way_out, action),), False, False, None
    )


def test_what_is_said_of_the_limit() -> None:
    facts = {"rule": "max_loans", "line": "any × any", "limit": 5, "open": 5, "titles": ["T1", "T2", "T3", "T4", "T5"]}
    text, way_out = "The limit of 5 loans is reached.", "Return one of “T1”, “T2”, “T3” or 2 more."
    assert decide_issue(replace(READER, loans=loans(5)), COPY, TERMS).reasons == (
        Reason("limit-reached", text, BLOCKED, facts, way_out, "return"),
    )


def test_the_limit_of_one_kind_counts_that_kind() -> None:
    terms = replace(TERMS, rule=replace(RULE, max_loans=2, per_kind=frozenset({"max_loans"})))
    mixed = (a_loan(1), a_loan(2, kind=6), a_loan(3))
    (reason,) = decide_issue(replace(READER, loans=mixed), COPY, terms).reasons
    facts = {"rule": "max_loans", "line": "any × any", "limit": 2, "open": 2, "titles": ["T1", "T3"]}
    text, way_out = "The limit of 2 loans of this kind is reached.", "Return one of “T1”, “T3”."
    assert reason == Reason("limit-reached", text, BLOCKED, facts, way_out, "return")
    assert decide_issue(replace(READER, loans=mixed[:2]), COPY, terms).reasons == ()
    (whatever,) = blocking_reasons(replace(READER, loans=mixed[:2]), terms)
    assert whatever.facts["open"] == 2, "without a copy at hand every loan counts"


@pytest.mark.parametrize(
    ("per_kind", "text"),
    [
        (frozenset({"max_loans"}), "Items of this kind are not lent to this type of member."),
        (frozenset({"max_holds"}), "Nothing is lent to this type of member."),
    ],
)
def test_where_nothing_is_lent_no_reader_is_sent_to_the_policy(per_kind: frozenset[str], text: str) -> None:
    terms = replace(TERMS, rule=replace(RULE, max_loans=0, lines={}, per_kind=per_kind))
    facts = {"rule": "max_loans", "line": None, "limit": 0, "open": 0, "titles": []}
    expected = Reason("limit-reached", text, BLOCKED, facts, "Use it in the library.", None)
    assert decide_issue(READER, COPY, terms).reasons == (expected,)


def test_an_exception_by_which_nothing_is_lent_is_not_blamed_on_the_type_of_member() -> None:
    until = date(2026, 5, 3)
    none = except_for(TERMS, [Exempt("max_loans", 0, until)])
    assert decide_issue(READER, COPY, none).reasons[0].text == "Nothing is lent to this member for the time being."
    other = except_for(replace(TERMS, rule=replace(RULE, max_loans=0)), [Exempt("max_holds", 0, until)])
    assert decide_issue(READER, COPY, other).reasons[0].text == "Nothing is lent to this type of member."


def test_the_general_limit_leaves_kinds_with_a_limit_of_their_own_aside_and_says_so() -> None:
    terms = replace(TERMS, rule=replace(RULE, max_loans=2, apart={"max_loans": frozenset({6})}))
    mixed = (a_loan(1), a_loan(2, kind=6), a_loan(3))
    (reason,) = decide_issue(replace(READER, loans=mixed), COPY, terms).reasons
    assert reason.text == "The limit of 2 loans is reached; kinds with a limit of their own do not count."
    assert (reason.facts["open"], reason.facts["titles"], reason.facts["not_counted"]) == (2, ["T1", "T3"], 1)
    assert decide_issue(replace(READER, loans=mixed[:2]), COPY, terms).reasons == ()
    assert [found.code for found in blocking_reasons(replace(READER, loans=mixed), terms)] == ["limit-reached"]
    assert blocking_reasons(replace(READER, loans=mixed[:2]), terms) == []


def test_no_more_than_twenty_titles_are_listed() -> None:
    many = replace(READER, loans=loans(25, due=-3))
    terms = replace(TERMS, rule=replace(RULE, debt_block=10**6))
    limit, overdue = decide_issue(many, COPY, terms).reasons
    assert (len(limit.facts["titles"]), len(overdue.facts["titles"])) == (20, 20)
    assert limit.facts["open"] == len(overdue.facts["loan_ids"]) == 25


def test_what_is_said_of_debt() -> None:
    facts = {"rule": "debt_block", "line": "any × any", "owed_minor": 740, "block_minor": 500}
    text, way_out = "€7.40 is owed; borrowing stops above €5.00.", "Settle €2.40 or more."
    debt = Reason("owes-too-much", text, BLOCKED, facts, way_out, "pay")
    owing = replace(READER, balance_minor=740)
    assert decide_issue(owing, COPY, TERMS) == Decision((debt,), False, True, date(2026, 3, 31))
    loan = a_loan()
    item = replace(COPY, status="on_loan")
    assert decide_renewal(replace(owing, loans=(loan,)), item, loan, Times(0, 2, 21), TERMS) == Decision(
        (debt,), False, True, date(2026, 4, 7)
    )


OVERDUE = [(1, "One loan is overdue.", "Return “T1”, or renew what may be renewed."),
           (2, "2 loans are overdue.", "Return “T1”, “T2”, or renew what may be renewed.")]  # fmt: skip


@pytest.mark.parametrize(("count", "text", "way_out"), OVERDUE)
def test_what_is_said_of_overdue_loans(count: int, text: str, way_out: str) -> None:
    facts = {"rule": "overdue_blocks", "titles": ["T1", "T2"][:count], "loan_ids": [1, 2][:count]}
    reader = replace(READER, loans=(*loans(count, due=-1), a_loan(8), a_loan(9, due=-9, claimed_on=TODAY)))
    late = Reason("has-overdue", text, BLOCKED, facts, way_out, "return")
    assert decide_issue(reader, COPY, TERMS).reasons == (late,)
    for alas in ({"balance_minor": 900}, {"status": "pending"}):  # with which nothing may be renewed
        told = decide_issue(replace(reader, **alas), COPY, TERMS).reasons
        (late,) = (reason for reason in told if reason.code == "has-overdue")
        assert late.way_out == way_out.replace(", or renew what may be renewed", "")
    excused = replace(TERMS, settings=CirculationSettings(overdue_blocks=False))
    assert decide_issue(reader, COPY, excused).reasons == ()


def test_what_is_said_of_another_copy_at_home() -> None:
    facts = {"rule": "one copy of a title", "loan_id": 3, "due_on": date(2026, 3, 17)}
    text = "Another copy of “Dune” is on loan to this member already."
    same = replace(a_loan(3), title_id=100)
    assert decide_issue(replace(READER, loans=(a_loan(2), same)), COPY, TERMS).reasons == (
        Reason("same-title", text, BLOCKED, facts, "Renew that loan, or return that copy.", "renew"),
    )
    theirs = replace(COPY, status="on_loan", loan_id=3, loan_account_id=1)
    codes = [reason.code for reason in decide_issue(replace(READER, loans=(same,)), theirs, TERMS).reasons]
    assert codes == ["already-theirs"], "this very copy is not another one"


def test_what_is_said_of_the_hold_shelf() -> None:
    kept = replace(COPY, status="on_hold_shelf", queue=Queue(shelf_id=4, shelf_for=2, waiting=3))
    facts = {"rule": "hold shelf", "barcode": "B10", "hold_id": 4}
    text = "This copy waits on the hold shelf for somebody else."
    assert decide_issue(READER, kept, TERMS).reasons == (
        Reason("on-hold-shelf", text, BLOCKED, facts, "Take another copy, or place a hold.", "hold"),
    )
    assert decide_issue(READER, replace(kept, queue=Queue(shelf_id=4, shelf_for=1)), TERMS).reasons == ()


WAITING = [(1, "One reader waits for this title."), (2, "2 readers wait for this title.")]


@pytest.mark.parametrize(("waiting", "text"), WAITING)
def test_what_the_desk_is_told_of_those_who_wait(waiting: int, text: str) -> None:
    note = Reason("others-wait", text, NOTE, {"rule": "holds", "waiting": waiting}, "", None)
    decision = decide_issue(READER, replace(COPY, queue=Queue(waiting=waiting)), TERMS)
    assert decision == Decision((note,), True, False, date(2026, 3, 31))
    assert decision.against == ()
    assert decide_issue(READER, replace(COPY, queue=Queue(own_id=3, waiting=waiting)), TERMS).reasons == ()


KEPT = [(1, "One reader waits for this title, and this copy is to go to them."),
        (2, "2 readers wait for this title, and this copy is to go to them.")]  # fmt: skip


@pytest.mark.parametrize(("waiting", "text"), KEPT)
def test_what_is_said_to_who_serves_themselves_where_others_wait(waiting: int, text: str) -> None:
    queue = Queue(waiting=waiting, claims=tuple(Claim(number) for number in range(waiting)))
    item = replace(COPY, queue=queue)
    facts = {"rule": "self_issue_past_holds", "waiting": waiting}
    way_out = "Reserve it: you get a copy when it is your turn."
    kept = Reason("others-wait", text, BLOCKED, facts, way_out, "hold")
    assert decide_issue(READER, item, TERMS, by_themselves=True) == Decision((kept,), False, True, date(2026, 3, 31))


def test_who_serves_themselves_takes_what_nobody_waits_for() -> None:
    free = [
        replace(COPY, queue=Queue(waiting=1, claims=(Claim(1),), free=(8,))),  # another copy serves them
        replace(COPY, queue=Queue(waiting=1, claims=(Claim(1, 8),))),  # they want another copy
        replace(COPY, queue=Queue(own_id=3, own_ready=True, waiting=1, claims=(Claim(1),))),  # which leaves one
    ]
    for item in free:
        assert decide_issue(READER, item, TERMS, by_themselves=True).reasons == ()
    wanted = replace(COPY, queue=Queue(waiting=1, claims=(Claim(1),)))
    trusting = replace(TERMS, settings=CirculationSettings(self_issue_past_holds=True))
    assert decide_issue(READER, wanted, trusting, by_themselves=True).reasons == ()
    out = replace(wanted, status="lost")
    codes = [reason.code for reason in decide_issue(READER, out, TERMS, by_themselves=True).reasons]
    assert codes == ["copy-lost"]


SUNDAYS = OpenDays(frozenset({6}))
CAPPED = [
    # the membership ends on, due, what is said
    (date(2026, 3, 20), date(2026, 3, 20), "The loan ends with the membership on 20 March 2026."),
    (date(2026, 3, 22), date(2026, 3, 21),
     "The loan ends on 21 March 2026: the library is closed from then until the membership ends."),
]  # fmt: skip


@pytest.mark.parametrize(("ends_on", "due", "text"), CAPPED)
def test_what_is_said_of_a_loan_that_ends_with_the_membership(ends_on: date, due: date, text: str) -> None:
    facts = {"rule": "membership_caps_due", "due_on": due, "membership_ends_on": ends_on}
    note = Reason("due-capped", text, NOTE, facts, "Renew the membership first for a full loan.", None)
    reader = replace(READER, membership_ends_on=ends_on)
    assert decide_issue(reader, COPY, replace(TERMS, calendar=SUNDAYS)) == Decision((note,), True, False, due)


def test_what_stands_against_any_loan_whatever_the_copy() -> None:
    reader = replace(READER, loans=loans(6, due=-3), balance_minor=900, status="pending")
    codes = [reason.code for reason in blocking_reasons(reader, TERMS)]
    assert codes == ["member-not-active", "limit-reached", "owes-too-much", "has-overdue"]
    assert blocking_reasons(READER, TERMS) == []


def test_the_gravest_comes_first_and_decides() -> None:
    note, blocked, impossible = (Reason(kind.value, "", kind, {}) for kind in (NOTE, BLOCKED, IMPOSSIBLE))
    assert [kind.value for kind in ReasonKind] == ["impossible", "blocked", "note"]
    assert conclude([], TODAY) == Decision((), True, False, TODAY)
    assert conclude([note], TODAY) == Decision((note,), True, False, TODAY)
    assert conclude([note, blocked], TODAY) == Decision((blocked, note), False, True, TODAY)
    decision = conclude([note, blocked, impossible], TODAY)
    assert decision == Decision((impossible, blocked, note), False, False, None)
    assert decision.against == (impossible, blocked)
    assert (note.way_out, note.way_out_action) == ("", None)


def test_days_and_titles_are_written_out() -> None:
    assert TERMS.day(date(2026, 5, 3)) == "3 May 2026"
    assert TERMS.day(date(2026, 12, 31)) == "31 December 2026"
    assert replace(TERMS, locale="de").day(date(2026, 12, 31)) == "31. Dezember 2026"
    assert titles_of([]) == ""
    assert titles_of(loans(4), most=2) == "“T1”, “T2” or 2 more"
