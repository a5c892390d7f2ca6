"""What is no good is told so: with the right status, in problem+json, without echoing it, and never with a 500."""

from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import caller

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b'{"name": "A", "name": "B"}', 422),
        (b'{"name": NaN}', 422),
        (b'{"name": 1e400}', 422),
        (b'{"name": Infinity}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"name": "\\u0000"}', 422),
        (b'{"name": 99999999999999999999999999}', 422),
        (b'{"name": "A", "nonsense": 1}', 422),
        (b"[1, 2]", 422),
        (b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}", 422),
        (b"", 422),
    ],
)
def test_a_body_that_is_not_for_us_is_refused(served_sqlite: Installation, body: bytes, status: int) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    answer = librarian("POST", "/sections", content=body, headers=JSON)
    assert answer.status_code in {status, 400}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["incident"]) == 12


def test_only_json_is_taken(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    answer = librarian("POST", "/sections", content=b"name=A", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_an_answer_never_echoes_what_was_sent(served_sqlite: Installation) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    sent = {"login": "me", "password": ["my secret words"]}
    answer = guest("POST", "/auth/token", json=sent)
    assert answer.status_code == 422
    assert "secret" not in answer.text


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer a.b.c", "Basic abc", "Bearer ", "Bearer " + "x" * 9000])
def test_credentials_that_prove_nothing_are_401_even_where_guests_may_read(
    served_sqlite: Installation, header: str
) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    answer = guest("GET", "/sections", headers={"Authorization": header})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", ["/titles/0", "/titles/9223372036854775807", "/copies/nothing", "/sections/12345"])
def test_what_is_not_there_is_404(served_sqlite: Installation, path: str) -> None:
    assert caller(served_sqlite, Role.GUEST)("GET", path).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "size=100000",
        "sort=nonsense",
        "year_from=99999",
        "min_rating=nan",
        "genre=x",
        "q=" + "a" * 500,
        "q=%00",
        "avaliable=true",
        "sort=title&sort=newest",
    ],
)
def test_queries_out_of_bounds_are_422(served_sqlite: Installation, query: str) -> None:
    answer: Any = caller(served_sqlite, Role.GUEST)("GET", f"/search?{query}")
    assert answer.status_code == 422, answer.text


def test_numbers_beyond_the_database_are_no_500(served: Installation) -> None:
    guest = caller(served, Role.GUEST)
    assert guest("GET", f"/titles/{10**30}").status_code in {404, 422}


def test_wrong_passwords_run_into_the_limit_with_a_time_to_wait(served_sqlite: Installation) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    answers = [guest("POST", "/auth/token", json={"login": "nobody", "password": "wrong"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_stranger_cannot_have_megabytes_of_json_taken_apart(served_sqlite: Installation) -> None:
    """It happens before anybody is asked who they are; a cover may be as large, so the door lets it in."""
    guest = caller(served_sqlite, Role.GUEST)
    body = b'{"title": [' + b"[]," * 90_000 + b"[]]}"
    assert guest("POST", "/titles", content=body, headers=JSON).status_code == 413
