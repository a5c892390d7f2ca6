"""The main job through the API, on both databases: find, borrow, see, renew, return, undo."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import caller
from tests.builders import a_copy, a_member, a_title
from tests.circulation.hold_steps import set_lending


def test_a_member_finds_borrows_renews_and_the_desk_takes_back(served: Installation) -> None:
    set_lending(served, renew_from_days=0)
    librarian, member = caller(served, Role.LIBRARIAN), caller(served, Role.MEMBER)
    made = librarian("POST", "/titles", json={"title": "The Long Orbit", "contributors": [{"name": "Ada Vega"}]})
    assert made.status_code == 201
    title_id = made.json()["id"]
    copies = librarian("POST", f"/titles/{title_id}/copies", json={"count": 2, "copy": {"shelf": "B-12"}}).json()
    found = member("GET", "/search", params={"q": "long orbit"}).json()
    assert [card["id"] for card in found["cards"]] == [title_id]
    assert found["cards"][0]["copies_in"] == 2
    dry = member("POST", "/me/loans/dry-run", json={"title_id": title_id}).json()
    assert dry["may"] is True
    loan = member("POST", "/me/loans", json={"title_id": title_id})
    assert loan.status_code == 201, loan.text
    assert loan.json()["barcode"] in copies["barcodes"]
    assert loan.json()["due_on"] == dry["due_on"] == "2026-03-31"
    mine = member("GET", "/me/loans").json()
    assert [row["loan_id"] for row in mine["items"]] == [loan.json()["loan_id"]]
    renewed = member("POST", f"/loans/{loan.json()['loan_id']}/renew")
    assert renewed.json()["due_on"] == "2026-04-21"
    back = librarian("POST", "/returns", json={"barcode": loan.json()["barcode"]})
    assert (back.status_code, back.json()["fine_minor"], back.json()["copy_status"]) == (200, 0, "available")
    acts = librarian("GET", "/desk/acts").json()["items"]
    undone = librarian("POST", f"/desk/acts/{acts[0]['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert member("GET", "/me/loans").json()["total"] == 1


def test_the_desk_hears_every_reason_and_may_override_with_a_written_one(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    reader = a_member(served)
    title_id = a_title(served)
    first, second = a_copy(served, title_id), a_copy(served, title_id)
    issue = {"barcode": first, "member_id": reader.account_id}
    assert librarian("POST", "/loans", json=issue).status_code == 201
    again = librarian("POST", "/loans", json=issue | {"barcode": second})
    assert (again.status_code, again.json()["code"]) == (409, "cannot-lend")
    assert [reason["code"] for reason in again.json()["facts"]["reasons"]]
    assert again.json()["facts"]["can_override"] is True
    forced = librarian("POST", "/loans", json=issue | {"barcode": second, "override": "For the reading group"})
    assert forced.status_code == 201, forced.text


def test_the_same_idempotency_key_lends_once_and_answers_alike(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    reader = a_member(served)
    issue = {"barcode": a_copy(served), "member_id": reader.account_id}
    key = {"Idempotency-Key": "issue-0001"}
    first = librarian("POST", "/loans", json=issue, headers=key)
    second = librarian("POST", "/loans", json=issue, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = librarian("POST", "/loans", json=issue | {"member_id": 1}, headers=key)
    assert other.status_code == 422


def test_one_member_never_sees_or_renews_the_loan_of_another(served_sqlite: Installation) -> None:
    librarian, member = caller(served_sqlite, Role.LIBRARIAN), caller(served_sqlite, Role.MEMBER)
    other = a_member(served_sqlite)
    issue = {"barcode": a_copy(served_sqlite), "member_id": other.account_id}
    loan = librarian("POST", "/loans", json=issue).json()
    assert member("POST", f"/loans/{loan['loan_id']}/renew").status_code == 404
    assert member("GET", f"/members/{other.account_id}/loans").status_code == 403
    assert member("GET", "/me/loans").json()["total"] == 0
