"""Over the API an admin tries rules out on past loans, plans them, and takes them back; members ask why then."""

from datetime import timedelta
from typing import Any

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.circulation.policy import DEFAULTS
from tests.api.conftest import caller
from tests.builders import a_loan, a_member

LINES = [{"values": dict(DEFAULTS) | {"loan_days": 28}}]


def test_rules_are_replayed_planned_and_taken_back(served: Installation) -> None:
    for _ in range(5):
        back = served.clock.now() - timedelta(days=30)
        a_loan(served, a_member(served), days_ago=60, returned_at=back, returned_on=back.date())
    call = caller(served, Role.ADMIN)
    asked: dict[str, Any] = {"first": "2026-01-01", "last": "2026-03-10", "lines": LINES}
    found = call("POST", "/policy/replay", json=asked).json()
    assert (found["loans"], found["proposed"]["later"], found["shifts"]) == (5, 5, [[7, 5]])
    assert found["by_type"][0]["touched"] == 5
    mark = call("GET", "/policy/state").json()["mark"]
    change = {"holds_from": "2026-05-01", "lines": LINES, "seen_mark": mark, "note": "For the summer"}
    made = call("POST", "/policy/changes", json=change, headers={"Idempotency-Key": "summer-rules"})
    again = call("POST", "/policy/changes", json=change, headers={"Idempotency-Key": "summer-rules"})
    assert (made.status_code, made.json()) == (201, again.json())
    stale = call("POST", "/policy/changes", json=change | {"holds_from": "2026-06-01"})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-edit")
    (row,) = call("GET", "/policy/changes").json()["items"]
    assert (row["holds_from"], row["state"], row["note"]) == ("2026-05-01", "planned", "For the summer")
    assert call("DELETE", f"/policy/changes/{row['id']}").status_code == 200
    assert call("GET", "/policy/state").json()["planned"] == []


def test_a_member_asks_why_their_loan_is_due_then(served: Installation) -> None:
    call = caller(served, Role.MEMBER)
    loan = a_loan(served, a_member(served))
    assert call("GET", f"/loans/{loan}/due").status_code == 404
    told = caller(served, Role.LIBRARIAN)("GET", f"/loans/{loan}/due").json()
    assert told["sentences"][-1] == "So it is due on Tuesday, 31 March 2026."


def test_a_line_of_a_set_that_has_just_come_into_force_is_edited(served: Installation) -> None:
    call = caller(served, Role.ADMIN)
    mark = call("GET", "/policy/state").json()["mark"]
    lines = [*LINES, {"membership_type_id": 1, "values": {"max_loans": 9}}]
    call("POST", "/policy/changes", json={"holds_from": "2026-03-10", "lines": lines, "seen_mark": mark})
    line = call("GET", "/policy/lines").json()["items"][1]
    assert line["id"] < 0
    answer = call("PUT", f"/policy/lines/{line['id']}", json={"values": {"max_loans": 8}}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    lines_now = call("GET", "/policy/lines").json()["items"]
    assert [(one["id"] > 0, one["values"]["max_loans"]) for one in lines_now] == [(True, 5), (True, 8)]
