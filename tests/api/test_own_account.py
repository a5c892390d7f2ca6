"""The caller's own account through the API: history, e-mail, sessions, keys."""

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import PASSWORD, Caller, caller
from tests.builders import a_copy, a_loan, a_title


def _read_one(library: Installation, member: Caller, title: str) -> None:
    """A member borrows a title and brings it back."""
    librarian = caller(library, Role.LIBRARIAN)
    barcode = a_copy(library, a_title(library, title=title))
    assert member.actor is not None
    issue = {"barcode": barcode, "member_id": member.actor.account_id}
    assert librarian("POST", "/loans", json=issue).status_code == 201
    assert librarian("POST", "/returns", json={"barcode": barcode}).status_code == 200


def test_the_history_is_shown_saved_and_erased(served: Installation) -> None:
    member = caller(served, Role.MEMBER)
    _read_one(served, member, "=HYPERLINK(1)")
    assert [row["title"] for row in member("GET", "/me/history").json()["items"]] == ["=HYPERLINK(1)"]
    saved = member("GET", "/me/history/export")
    assert saved.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=HYPERLINK(1)" in saved.content.decode("utf-8-sig")
    assert member("DELETE", "/me/history").json()["done"].startswith("1 ")
    assert member("GET", "/me/history").json()["total"] == 0


def test_keeping_the_history_is_switched_off(served_sqlite: Installation) -> None:
    member = caller(served_sqlite, Role.MEMBER)
    assert member("PUT", "/me/history", json={"keep": False}).status_code == 200
    assert member("GET", "/me").json()["keep_history"] is False
    _read_one(served_sqlite, member, "Forgotten at once")
    assert member("GET", "/me/history").json()["total"] == 0


def test_the_address_is_changed_by_the_mailed_token(served_sqlite: Installation) -> None:
    member, admin = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.ADMIN)
    wrong = member("POST", "/me/email", json={"email": "new@example.org", "password": "not it at all"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong-password")
    asked = member("POST", "/me/email", json={"email": "new@example.org", "password": PASSWORD})
    assert asked.status_code == 202, asked.text
    body = next(
        mail["body"] for mail in admin("GET", "/mailbox").json()["items"] if mail["address"] == "new@example.org"
    )
    token = body.split("token=")[1].split()[0].strip(").>")
    confirmed = caller(served_sqlite, Role.GUEST)("POST", "/me/email/confirm", json={"token": token})
    assert confirmed.status_code == 200, confirmed.text
    again = caller(served_sqlite, Role.GUEST)("POST", "/me/email/confirm", json={"token": token})
    assert again.status_code >= 400


def test_signing_out_everywhere_ends_the_token_too(served_sqlite: Installation) -> None:
    member = caller(served_sqlite, Role.MEMBER)
    tokens = member("POST", "/auth/token", json={"login": "member", "password": PASSWORD}).json()
    assert member("DELETE", "/me/sessions").status_code == 200
    assert member("GET", "/me").status_code == 401
    refreshed = caller(served_sqlite, Role.GUEST)("POST", "/auth/refresh", json={"refresh": tokens["refresh"]})
    assert refreshed.status_code == 401


@pytest.mark.parametrize("expires_at", ["2026-03-10T12:00:00", "0001-01-01T00:00:00Z", "tomorrow", 1])
def test_an_end_of_a_key_that_is_no_instant_to_come_is_refused(served_sqlite: Installation, expires_at: object) -> None:
    member = caller(served_sqlite, Role.MEMBER)
    answer = member("POST", "/auth/keys", json={"name": "n", "scopes": ["search"], "expires_at": expires_at})
    assert answer.status_code == 422


def test_forms_take_no_field_they_do_not_know(served_sqlite: Installation) -> None:
    member, librarian = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.LIBRARIAN)
    seen = member("GET", "/me").headers["etag"]
    raised = member("PUT", "/me", json={"name": "Me", "role": "admin"}, headers={"If-Match": seen})
    assert raised.status_code == 422
    assert librarian("POST", "/members", json={"name": "Bo", "role": "admin"}).status_code == 422
    guest = caller(served_sqlite, Role.GUEST)
    assert guest("POST", "/registrations", json={"name": "Bo", "status": "active"}).status_code == 422


def test_closing_the_own_account_asks_for_the_password_and_says_what_stands_against_it(served: Installation) -> None:
    member, librarian = caller(served, Role.MEMBER), caller(served, Role.LIBRARIAN)
    assert member.actor is not None
    barcode = a_copy(served)
    a_loan(served, member.actor, barcode)
    asked = member("GET", "/me/close").json()
    assert (asked["may"], [one["way_out_action"] for one in asked["reasons"]]) == (False, ["return"])
    own = {"password": PASSWORD}
    refused = member("POST", "/me/close", json=own)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot-close")
    assert refused.json()["facts"]["reasons"][0]["way_out_action"] == "return"
    assert librarian("POST", "/returns", json={"barcode": barcode}).status_code == 200
    assert member("POST", "/me/close", json={"password": "something else"}).status_code == 422
    done = member("POST", "/me/close", json=own)
    assert (done.status_code, done.json()["holds"]) == (200, 0)
    assert member("GET", "/me").status_code == 401
    path = f"/members/{member.actor.account_id}"
    assert librarian("GET", path).json()["status"] == "closed"
    assert librarian("GET", f"{path}/close").json()["reasons"][0]["code"] == "already-closed"
