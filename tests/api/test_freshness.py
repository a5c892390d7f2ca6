"""Answers that need not be sent twice, links between pages, HEAD, and what stands in every answer's headers."""

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.api.app import api
from lib.api.guard import guarded
from tests.api.conftest import caller
from tests.builders import a_copy, a_member, a_title


def test_what_the_caller_has_already_is_not_sent_again(served: Installation) -> None:
    librarian, title_id = caller(served, Role.LIBRARIAN), a_title(served)
    first = librarian("GET", f"/titles/{title_id}")
    again = librarian("GET", f"/titles/{title_id}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_an_etag_changes_with_what_is_shown_even_where_the_version_does_not(served_sqlite: Installation) -> None:
    librarian, title_id = caller(served_sqlite, Role.LIBRARIAN), a_title(served_sqlite)
    barcode = a_copy(served_sqlite, title_id)
    seen = librarian("GET", f"/titles/{title_id}").headers["etag"]
    reader = a_member(served_sqlite)
    assert librarian("POST", "/loans", json={"barcode": barcode, "member_id": reader.account_id}).status_code == 201
    after = librarian("GET", f"/titles/{title_id}", headers={"If-None-Match": seen})
    assert after.status_code == 200
    assert after.json()["copies"][0]["status"] == "on_loan"
    edited = librarian("PUT", f"/titles/{title_id}", json={"title": "New"}, headers={"If-Match": seen})
    assert edited.status_code == 200  # the title itself is as it was read


def test_lists_are_not_sent_again_either(served_sqlite: Installation) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    seen = guest("GET", "/sections").headers["etag"]
    assert guest("GET", "/sections", headers={"If-None-Match": f'"other", W/{seen}'}).status_code == 304
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    librarian("POST", "/sections", json={"name": "One"})
    assert guest("GET", "/sections", headers={"If-None-Match": seen}).status_code == 200


def test_the_etag_of_an_edit_serves_the_next_edit(served_sqlite: Installation) -> None:
    librarian, title_id = caller(served_sqlite, Role.LIBRARIAN), a_title(served_sqlite)
    mark = librarian("GET", f"/titles/{title_id}/form").headers["etag"]
    for name in ("One", "Two"):
        answer = librarian("PUT", f"/titles/{title_id}", json={"title": name}, headers={"If-Match": mark})
        assert answer.status_code == 200
        mark = answer.headers["etag"]


def test_pages_link_to_their_neighbours(served_sqlite: Installation) -> None:
    for number in range(5):
        a_title(served_sqlite, title=f"Title {number}")
    guest = caller(served_sqlite, Role.GUEST)
    middle = guest("GET", "/titles?page=2&size=2")
    links = dict(reversed(part.split("; ")) for part in middle.headers["link"].split(", "))  # type: ignore[misc]
    assert set(links) == {'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'}
    following = guest("GET", links['rel="next"'].strip("<>"))
    assert (following.json()["page"], len(following.json()["items"])) == (3, 1)
    assert 'rel="next"' not in following.headers["link"]
    assert "link" not in guest("GET", "/sections").headers


def test_search_links_on_with_all_its_filters(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    for number in range(3):
        librarian("POST", "/titles", json={"title": f"Comet {number}"})
    answer = librarian("GET", "/search", params={"q": "comet", "sort": "title", "size": 2})
    assert "q=comet" in answer.headers["link"]
    assert "sort=title" in answer.headers["link"]


def test_head_has_the_headers_of_get_and_no_body(served_sqlite: Installation) -> None:
    guest, title_id = caller(served_sqlite, Role.GUEST), a_title(served_sqlite)
    head, get = guest("HEAD", f"/titles/{title_id}"), guest("GET", f"/titles/{title_id}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == str(len(get.content))
    assert guest("HEAD", "/titles/9999").status_code == 404


def test_no_cache_between_keeps_what_is_one_callers_own(served_sqlite: Installation) -> None:
    member = caller(served_sqlite, Role.MEMBER)
    answer = member("GET", "/me")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in answer.headers["vary"]
    token = member("POST", "/auth/refresh", json={"refresh": "nothing"})
    assert token.headers.get("cache-control", "no-store") == "no-store"


@pytest.fixture
def door(served_sqlite: Installation) -> TestClient:
    """The API behind the guard, as it is served."""
    app = Starlette(routes=[Mount("/api/v1", app=api)], middleware=guarded())
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/titles/9999", "/me", "/nowhere", "/search?page=x"])
def test_the_incident_of_a_problem_is_the_id_of_its_request(door: TestClient, path: str) -> None:
    answer = door.get(f"/api/v1{path}")
    assert answer.status_code >= 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["incident"] == answer.headers["x-request-id"]


def test_pages_of_other_sites_get_no_say(door: TestClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for answer in (door.options("/api/v1/search", headers=asked), door.get("/api/v1/search", headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_cookie_is_no_credential_here(door: TestClient) -> None:
    assert door.get("/api/v1/me", headers={"Cookie": "tome=" + "a" * 43}).status_code == 401


def test_a_method_that_is_not_there_is_told_so(door: TestClient) -> None:
    answer = door.patch("/api/v1/sections")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) >= {"GET"}
