"""Every list is answered in the same form, and what readers did a moment ago, PINs and copies that are out are told."""

from datetime import date, timedelta

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.api.app import api
from tests.api.conftest import caller
from tests.builders import a_copy, a_loan, a_title

TODAY = date(2026, 3, 10)
PARTS = api.openapi()["components"]["schemas"]


def test_no_question_is_answered_by_a_bare_array() -> None:
    wrong, lists = [], 0
    for path, operations in api.openapi()["paths"].items():
        shape = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if shape is None:
            continue
        name = shape["schema"].get("$ref", "").rpartition("/")[2]
        lists += name.startswith("Listing_")
        if shape["schema"].get("type") == "array":
            wrong.append(path)
        if name.startswith("Listing_"):
            assert {"items", "total", "page", "pages", "size"} <= set(PARTS[name]["properties"]), path
    assert (wrong, lists > 40) == ([], True)


def test_a_reader_takes_back_a_loan_of_a_moment_ago_once(served_sqlite: Installation) -> None:
    reader, other = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.LIBRARIAN)
    title = a_title(served_sqlite)
    a_copy(served_sqlite, title)
    assert reader("POST", "/me/loans", json={"title_id": title}).status_code == 201
    (act,) = reader("GET", "/me/acts").json()["items"]
    assert (act["kind"], act["title_id"]) == ("issue", title)
    assert other("POST", f"/me/acts/{act['act_id']}/undo").status_code == 404
    key = {"Idempotency-Key": "reader-0001"}
    first = reader("POST", f"/me/acts/{act['act_id']}/undo", headers=key)
    assert first.status_code == 200, first.text
    assert reader("POST", f"/me/acts/{act['act_id']}/undo", headers=key).json() == first.json()
    assert reader("POST", f"/me/acts/{act['act_id']}/undo").status_code == 409
    assert reader("GET", "/me/loans").json()["total"] == 0


def test_taking_a_change_of_the_calendar_back_is_shown_first(served_sqlite: Installation) -> None:
    admin, reader = caller(served_sqlite, Role.ADMIN), caller(served_sqlite, Role.MEMBER)
    assert reader.actor is not None
    a_loan(served_sqlite, reader.actor)
    due = (TODAY + timedelta(days=21)).isoformat()
    made = admin("POST", "/calendar/changes", json={"add": [{"kind": "day", "first": due, "reason": "Works"}]})
    assert made.status_code == 201, made.text
    path = f"/calendar/changes/{made.json()['id']}/take-back"
    shown = admin("POST", f"{path}/preview")
    assert shown.status_code == 200, shown.text
    assert reader("GET", "/me/loans").json()["items"][0]["due_on"] != due
    assert admin("POST", path).json() == shown.json()
    assert reader("GET", "/me/loans").json()["items"][0]["due_on"] == due
    assert admin("POST", f"{path}/preview").json()["code"] == "already-undone"


def test_who_has_a_copy_is_for_the_desk_and_until_when_for_everybody(served_sqlite: Installation) -> None:
    guest, desk = caller(served_sqlite, Role.GUEST), caller(served_sqlite, Role.LIBRARIAN)
    reader = caller(served_sqlite, Role.MEMBER)
    title = a_title(served_sqlite)
    assert reader.actor is not None
    a_loan(served_sqlite, reader.actor, a_copy(served_sqlite, title))
    (due,) = guest("GET", f"/titles/{title}/copies/due").json()["items"]
    assert set(due) == {"copy_id", "due_on"}
    (out,) = desk("GET", f"/titles/{title}/copies/out").json()["items"]
    assert (out["copy_id"], out["due_on"], out["member_id"]) == (due["copy_id"], due["due_on"], reader.actor.account_id)
    slip = desk("GET", f"/members/{reader.actor.account_id}/loans/slip")
    assert (slip.headers["content-type"], slip.content[:5]) == ("application/pdf", b"%PDF-")


def test_whether_there_is_a_pin_is_told_and_never_which(served_sqlite: Installation) -> None:
    reader, desk = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.LIBRARIAN)
    assert reader.actor is not None
    path = f"/members/{reader.actor.account_id}/pin"
    assert reader("GET", "/me/pin").json() == {"is_set": False}
    assert desk("GET", path).json() == {"is_set": False, "locked": False}
    assert desk("PUT", path, json={"pin": "4711"}).status_code == 200
    assert reader("GET", "/me/pin").json() == {"is_set": True}
    assert desk("GET", path).json() == {"is_set": True, "locked": False}


def test_the_days_between_which_loans_can_be_replayed_are_told(served_sqlite: Installation) -> None:
    admin, reader = caller(served_sqlite, Role.ADMIN), caller(served_sqlite, Role.MEMBER)
    assert admin("GET", "/policy/replay/period").json() == {"first": None, "last": None}
    assert reader.actor is not None
    a_loan(served_sqlite, reader.actor, days_ago=40)
    assert admin("GET", "/policy/replay/period").json() == {"first": "2026-01-29", "last": "2026-01-29"}
