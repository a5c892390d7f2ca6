"""Edits through the API: ETags stop the second of two editors; settings and policy take hold at once."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import caller
from tests.builders import a_title


def test_a_stale_edit_of_a_title_is_refused_and_overwrites_nothing(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    made = librarian("POST", "/titles", json={"title": "First name"}).json()["id"]
    seen = librarian("GET", f"/titles/{made}").headers["etag"]
    first = librarian("PUT", f"/titles/{made}", json={"title": "Second name"}, headers={"If-Match": seen})
    assert (first.status_code, first.json()["title"]) == (200, "Second name")
    late = librarian("PUT", f"/titles/{made}", json={"title": "Third name"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "stale-edit")
    assert librarian("GET", f"/titles/{made}").json()["title"] == "Second name"


def test_an_edit_without_if_match_is_asked_for_one(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    title_id = a_title(served_sqlite)
    assert librarian("PUT", f"/titles/{title_id}", json={"title": "X"}).status_code == 428
    wrong = librarian("PUT", f"/titles/{title_id}", json={"title": "X"}, headers={"If-Match": "“one”".encode()})
    assert wrong.status_code == 422


def test_sections_are_made_renamed_and_deleted(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    made = librarian("POST", "/sections", json={"name": "Deep Time"})
    assert made.status_code == 201
    section = librarian("GET", f"/sections/{made.json()['id']}")
    renamed = librarian(
        "PUT", f"/sections/{made.json()['id']}", json={"name": "Deep Time: History"},
        headers={"If-Match": section.headers["etag"]},
    )  # fmt: skip
    assert renamed.json()["name"] == "Deep Time: History"
    assert librarian("DELETE", f"/sections/{made.json()['id']}").status_code == 200
    assert librarian("GET", f"/sections/{made.json()['id']}").status_code == 404


def test_a_changed_policy_line_holds_for_the_next_loan(served: Installation) -> None:
    admin = caller(served, Role.ADMIN)
    line = admin("GET", "/policy/lines").json()["items"][0]
    values = line["values"] | {"loan_days": 14}
    saved = admin("PUT", f"/policy/lines/{line['id']}", json={"values": values}, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    assert admin("GET", "/policy/effective").json()["loan_days"] == 14


def test_settings_name_each_field_that_is_wrong(served_sqlite: Installation) -> None:
    admin = caller(served_sqlite, Role.ADMIN)
    seen = admin("GET", "/settings/library").headers["etag"]
    answer = admin(
        "PUT", "/settings/library", json={"values": {"time_zone": "Mars/Olympus", "currency": "XXQ"}},
        headers={"If-Match": seen},
    )  # fmt: skip
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["faults"]} == {"time_zone", "currency"}
