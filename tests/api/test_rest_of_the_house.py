"""Browsing, places, types, staff, the desk and reports through the API."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import caller
from tests.builders import a_copy, a_member, a_title


def test_authors_are_found_renamed_and_merged(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    for name in ("Ursula Le Guin", "U. K. Le Guin"):
        librarian("POST", "/titles", json={"title": f"By {name}", "contributors": [{"name": name}]})
    found = {row["name"]: row["id"] for row in librarian("GET", "/authors?q=guin").json()["items"]}
    keep, other = found["Ursula Le Guin"], found["U. K. Le Guin"]
    renamed = librarian("PUT", f"/authors/{keep}", json={"name": "Ursula K. Le Guin"})
    assert renamed.json() == {"id": keep, "name": "Ursula K. Le Guin"}
    assert librarian("POST", f"/authors/{keep}/merge", json={"other_ids": [other]}).status_code == 200
    assert librarian("GET", "/authors?q=guin").json()["total"] == 1
    assert librarian("GET", "/search", params={"author_id": keep}).json()["total"] == 2


def test_a_title_is_found_by_either_form_of_its_isbn(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    made = librarian(
        "POST", "/titles", json={"title": "One", "isbns": ["0-441-47812-3"], "genres": ["Science fiction"]}
    )
    for isbn in ("0441478123", "978-0-441-47812-5"):
        assert librarian("GET", f"/titles/by-isbn/{isbn}").json()["id"] == made.json()["id"]
    assert librarian("GET", "/titles/by-isbn/nonsense").status_code in {404, 422}
    assert [row["name"] for row in librarian("GET", "/genres?q=sci").json()["items"]] == ["Science fiction"]


def test_a_title_is_read_as_a_form_changed_and_sent_back(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    made = librarian("POST", "/titles", json={"title": "One", "tags": ["winter"], "series": "Orbit"}).json()["id"]
    form = librarian("GET", f"/titles/{made}/form")
    back = librarian(
        "PUT", f"/titles/{made}", json=form.json() | {"year": 1969}, headers={"If-Match": form.headers["etag"]}
    )
    assert (back.json()["year"], [tag["name"] for tag in back.json()["tags"]]) == (1969, ["winter"])
    series = back.json()["series"]["id"]
    assert librarian("GET", f"/series/{series}").json()["name"] == "Orbit"


def test_kinds_places_and_types_are_kept(served: Installation) -> None:
    admin = caller(served, Role.ADMIN)
    kind = admin("POST", "/kinds", json={"code": "board-game", "name": "Boardgame"}).json()["id"]
    assert admin("PUT", f"/kinds/{kind}", json={"name": "Board game"}).json()["name"] == "Board game"
    assert admin("DELETE", f"/kinds/{kind}").status_code == 200
    place = admin("POST", "/locations", json={"code": "east", "name": "East"}).json()["id"]
    assert admin("PUT", f"/locations/{place}", json={"code": "EAST-2", "name": "East wing"}).json()["code"] == "EAST-2"
    made = admin("POST", "/members/types", json={"code": "guest", "name": "Guest", "months": 12})
    assert made.status_code == 201, made.text
    changed = admin("PUT", f"/members/types/{made.json()['id']}", json={"code": "guest", "name": "Guests"})
    assert changed.json()["months"] is None
    assert admin("PUT", "/members/types/99999", json={"code": "x", "name": "Xy"}).status_code == 404
    assert admin("PUT", "/kinds/99999", json={"name": "Xy"}).status_code == 404
    assert admin("PUT", "/locations/99999", json={"code": "X", "name": "Xy"}).status_code == 404


def test_only_admins_make_staff(served_sqlite: Installation) -> None:
    admin, librarian = caller(served_sqlite, Role.ADMIN), caller(served_sqlite, Role.LIBRARIAN)
    form = {"name": "Mira Okafor", "email": "mira@example.org", "role": "librarian"}
    assert librarian("POST", "/staff", json=form).status_code == 403
    made = admin("POST", "/staff", json=form)
    assert made.status_code == 201, made.text
    assert admin("GET", f"/members/{made.json()['id']}").json()["role"] == "librarian"
    assert admin("POST", "/staff", json=form | {"role": "member"}).status_code == 422


def test_the_desk_understands_a_scan_and_knows_who_stands_there(served_sqlite: Installation) -> None:
    librarian, reader = caller(served_sqlite, Role.LIBRARIAN), a_member(served_sqlite, name="Ada Vega")
    barcode = a_copy(served_sqlite)
    assert librarian("GET", "/desk/scan", params={"text": barcode}).json()["kind"] == "copy"
    librarian("POST", "/loans", json={"barcode": barcode, "member_id": reader.account_id})
    there = librarian("GET", f"/desk/members/{reader.account_id}").json()
    assert [loan["barcode"] for loan in there["loans"]] == [barcode]
    renewed = librarian("POST", f"/members/{reader.account_id}/loans/renew-all").json()
    assert [outcome["receipt"]["renewals"] for outcome in renewed] == [1]


def test_a_withdrawn_copy_comes_back_and_a_titles_use_is_told(served_sqlite: Installation) -> None:
    librarian, title_id = caller(served_sqlite, Role.LIBRARIAN), a_title(served_sqlite)
    barcode = a_copy(served_sqlite, title_id)
    copy_id = librarian("GET", f"/copies/{barcode}").json()["id"]
    assert librarian("POST", f"/copies/{copy_id}/withdraw", json={"reason": "Water damage"}).status_code == 200
    assert librarian("POST", f"/copies/{copy_id}/reinstate").status_code == 200
    assert librarian("GET", f"/copies/{barcode}").json()["status"] == "available"
    assert librarian("GET", f"/titles/{title_id}/activity").json()["loans_ever"] == 0
    assert librarian("GET", f"/titles/{title_id}/borrowed-together").json()["total"] == 0


def test_admins_see_the_overview_the_audit_trail_and_what_is_not_as_it_must_be(served: Installation) -> None:
    admin = caller(served, Role.ADMIN)
    made = admin("POST", "/sections", json={"name": "Deep Time"}).json()["id"]
    admin("POST", "/sections", json={"name": "Far Worlds"})
    overview = admin("GET", "/overview").json()
    assert {measure["key"] for measure in overview["measures"]} >= {"loans", "overdue"}
    assert len(overview["loans_per_day"]) == 90
    one = admin("GET", "/audit", params={"subject": f"section:{made}"}).json()
    assert [row["subject_id"] for row in one["items"]] == [made]
    assert admin("GET", "/audit", params={"action": "section.add", "size": 1}).json()["pages"] == 2
    later = {"action": "section.add", "since": "2027-01-01T00:00:00Z"}
    assert admin("GET", "/audit", params=later).json()["total"] == 0
    assert admin("GET", "/audit", params={"subject": "section"}).status_code == 422
    assert "section.add" in admin("GET", "/audit/actions").json()["items"]
    assert admin("GET", "/integrity").json()["items"] == []


def test_settings_tell_their_history(served_sqlite: Installation) -> None:
    admin = caller(served_sqlite, Role.ADMIN)
    seen = admin("GET", "/settings/library").headers["etag"]
    saved = admin("PUT", "/settings/library", json={"values": {"name": "New Name"}}, headers={"If-Match": seen})
    assert saved.status_code == 200, saved.text
    newest = admin("GET", "/settings/library/history").json()["items"][0]
    assert newest["changes"]["name"][1] == "New Name"
    assert caller(served_sqlite, Role.GUEST)("GET", "/library").json()["name"] == "New Name"
