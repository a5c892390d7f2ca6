"""The calendar through the API: a change is looked at, applied with the dates it moves, listed, and taken back."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import caller
from tests.builders import a_loan, a_member
from tests.circulation.steps import rows

CHRISTMAS = {"add": [{"kind": "day", "first": "2026-03-31", "last": "2026-04-01", "reason": "Stock-taking"}]}


def test_a_change_is_looked_at_applied_listed_and_taken_back(served: Installation) -> None:
    librarian, reader = caller(served, Role.LIBRARIAN), a_member(served)
    a_loan(served, reader)
    seen = librarian("POST", "/calendar/changes/preview", json=CHRISTMAS).json()
    assert (seen["loans"], seen["holds"], seen["fine_difference_minor"], seen["members"]) == (1, 0, 0, 1)
    assert [(row["old_day"], row["new_day"]) for row in seen["loan_rows"]] == [("2026-03-31", "2026-04-02")]
    assert librarian("GET", "/calendar/changes").json()["total"] == 0

    for _ in range(2):
        made = librarian("POST", "/calendar/changes", json=CHRISTMAS, headers={"Idempotency-Key": "stock-taking"})
        assert made.status_code == 201, made.text
    (listed,) = librarian("GET", "/calendar/changes").json()["items"]
    assert (listed["id"], listed["loans"], listed["why_not"]) == (made.json()["id"], 1, "")
    assert str(rows(served, "SELECT due_on FROM loan")[0][0]) == "2026-04-02"

    back = librarian("POST", f"/calendar/changes/{listed['id']}/take-back").json()
    assert (back["loans"], back["kept_loans"]) == (1, 0)
    assert str(rows(served, "SELECT due_on FROM loan")[0][0]) == "2026-03-31"
    again = librarian("POST", f"/calendar/changes/{listed['id']}/take-back")
    assert (again.status_code, again.json()["code"]) == (409, "already-undone")


def test_a_change_that_cannot_be_is_refused_before_and_after_looking(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    always = {"add": [{"kind": "weekly", "weekday": weekday} for weekday in range(7)]}
    for path in ("/calendar/changes/preview", "/calendar/changes"):
        refused = librarian("POST", path, json=always)
        assert (refused.status_code, refused.json()["code"]) == (409, "never-open")
        assert librarian("POST", path, json={}).status_code == 422
        assert librarian("POST", path, json={"remove": [12]}).status_code == 404
    assert rows(served_sqlite, "SELECT count(*) FROM closure") == [(0,)]
