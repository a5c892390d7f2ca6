"""The rules of holds on values alone: every arrow, every way back, suspensions, and which copy goes to whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.accounts.models import AccountStatus
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_policy import (
    HOLD_MOVES,
    LIVE,
    TAKEN_BACK,
    Claim,
    in_want_of,
    is_suspended,
    may_move,
    may_return,
    share_out,
    sources,
    why_passed_over,
)

WAITING, READY, COLLECTED, CANCELLED, EXPIRED = HoldState
ARROWS = {
    (WAITING, READY), (WAITING, COLLECTED), (WAITING, CANCELLED), (READY, COLLECTED), (READY, CANCELLED),
    (READY, EXPIRED),
}  # fmt: skip
BACK = {(READY, WAITING), (COLLECTED, WAITING), (COLLECTED, READY), (CANCELLED, WAITING), (CANCELLED, READY)}


@pytest.mark.parametrize("old", HoldState)
@pytest.mark.parametrize("new", HoldState)
def test_every_arrow_every_way_back_and_no_other(old: HoldState, new: HoldState) -> None:
    assert may_move(old, new) == ((old, new) in ARROWS)
    assert may_return(old, new) == ((old, new) in BACK)


def test_the_tables_name_every_state() -> None:
    assert set(HOLD_MOVES) == set(TAKEN_BACK) == set(HoldState)
    assert frozenset({WAITING, READY}) == LIVE


SOURCES = [(WAITING, []), (READY, ["waiting"]), (COLLECTED, ["ready", "waiting"]), (CANCELLED, ["ready", "waiting"]),
           (EXPIRED, ["ready"])]  # fmt: skip


@pytest.mark.parametrize(("state", "before"), SOURCES)
def test_where_a_hold_may_come_from(state: HoldState, before: list[str]) -> None:
    assert sources(state) == before


@pytest.mark.parametrize(("days", "passed_over"), [(None, False), (-1, False), (0, True), (1, True)])
def test_a_suspension_holds_up_to_and_including_its_day(days: int | None, passed_over: bool) -> None:
    today = date(2026, 3, 10)
    assert is_suspended(None if days is None else today + timedelta(days=days), today) == passed_over


SHARED = [
    # who waits, in order (None: any copy), the copies, which copy each gets
    ("nobody waits", [], [1, 2], {}),
    ("no copy", [None], [], {}),
    ("the first copy", [None], [1, 2], {0: 1}),
    ("one copy, two readers", [None, None], [1], {0: 1}),
    ("each copy once", [None, None], [1, 2], {0: 1, 1: 2}),
    ("only that copy will do", [2], [1, 2], {0: 2}),
    ("that copy is not here", [3], [1, 2], {}),
    ("who cannot be served holds nobody up", [3, None], [1], {1: 1}),
    ("any copy leaves aside what another needs", [None, 1], [1, 2], {0: 2, 1: 1}),
    ("unless there is no other", [None, 1], [1], {0: 1}),
    ("what somebody further ahead needs is no matter", [1, None], [1, 2], {0: 1, 1: 2}),
    ("two for the same copy: the first", [1, 1], [1, 2], {0: 1}),
    ("who needs one copy gets it though others behind need it too", [2, None, 2], [2, 1], {0: 2, 1: 1}),
    ("whoever comes after them", [None, 1, None], [1, 2], {0: 2, 1: 1}),
    ("two behind need both: the first copy goes", [None, 1, 2], [1, 2], {0: 1, 2: 2}),
    ("far behind counts as well", [None, None, 1], [1, 2, 3], {0: 2, 1: 3, 2: 1}),
]


@pytest.mark.parametrize(("wanted", "copies", "given_out"), [row[1:] for row in SHARED], ids=[row[0] for row in SHARED])
def test_copies_go_to_those_who_wait_in_order(
    wanted: list[int | None], copies: list[int], given_out: dict[int, int]
) -> None:
    claims = [Claim(place, copy) if copy else Claim(place) for place, copy in enumerate(wanted)]
    assert share_out(claims, copies) == given_out


MISSED = [
    # copy 1 stays out: who waits, in order (None: any copy), the other copies on the shelf, how many go without for it
    ("nobody waits", [], [2], 0),
    ("no other copy", [None], [], 1),
    ("another copy serves them", [None], [2], 0),
    ("two for one other copy", [None, None], [2], 1),
    ("three for one other copy", [None, None, None], [2], 2),
    ("this very copy is wanted", [1], [2, 3], 1),
    ("this very copy is wanted by two", [1, 1], [2, 3], 2),
    ("another copy is wanted, and is here", [2], [2], 0),
    ("another copy is wanted, and is not here", [3], [2], 0),
    ("the only other copy is wanted by name behind them", [None, 2], [2], 1),
    ("the only other copy is wanted by name ahead of them", [2, None], [2], 1),
    ("a third copy serves them", [None, 2], [2, 3], 0),
    ("who wants what is not here goes without anyway", [None, 3], [], 1),
    ("both others are wanted by name", [None, 2, 3], [2, 3], 1),
]


@pytest.mark.parametrize(("wanted", "others", "missed"), [row[1:] for row in MISSED], ids=[row[0] for row in MISSED])
def test_who_goes_without_a_copy_that_stays_out(wanted: list[int | None], others: list[int], missed: int) -> None:
    assert in_want_of([Claim(place, copy) for place, copy in enumerate(wanted)], 1, others) == missed


@given(st.lists(st.none() | st.integers(1, 5), max_size=8), st.sets(st.integers(2, 5)))
def test_a_copy_is_missed_exactly_where_more_would_be_served_with_it(
    wanted: list[int | None], others: set[int]
) -> None:
    claims = [Claim(place, copy) for place, copy in enumerate(wanted)]
    with_it, without = (len(share_out(claims, [*sorted(others), *more])) for more in ([1], []))
    assert (in_want_of(claims, 1, sorted(others)) > 0) == (with_it > without)


@given(st.lists(st.none() | st.integers(1, 5), max_size=8), st.sets(st.integers(1, 5)))
def test_no_copy_stays_that_somebody_could_have(wanted: list[int | None], copies: set[int]) -> None:
    given_out = share_out([Claim(place, copy) for place, copy in enumerate(wanted)], sorted(copies))
    left = copies - set(given_out.values())
    unserved = [copy for place, copy in enumerate(wanted) if place not in given_out]
    assert not any(left if copy is None else copy in left for copy in unserved)


DAY = date(2026, 3, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
READERS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"membership_ends_on": DAY}, ""),
    ({"membership_ends_on": BEFORE}, "the membership has ended"),
    ({"status": "suspended", "status_reason": "x"}, "the membership is suspended"),
    ({"status": "suspended", "status_reason": "x", "suspended_until": DAY}, "the membership is suspended"),
    ({"status": "suspended", "status_reason": "x", "suspended_until": BEFORE}, ""),
    ({"status": "suspended", "status_reason": "x", "suspended_until": AFTER}, "the membership is suspended"),
    ({"status": "suspended", "status_reason": "x", "suspended_until": BEFORE, "membership_ends_on": BEFORE},
     "the membership has ended"),
    ({"membership_ends_on": AFTER}, ""),
    ({"status": "disabled"}, "the account is not active"),
    ({"status": "pending"}, "the account is not active"),
]  # fmt: skip


@pytest.mark.parametrize(("given_values", "why"), READERS)
def test_who_may_not_borrow_is_passed_over_for_a_reason(given_values: dict[str, Any], why: str) -> None:
    status = AccountStatus(given_values.get("status", "active"))
    until, ends = given_values.get("suspended_until"), given_values.get("membership_ends_on")
    assert why_passed_over(status, until, ends, DAY) == why
