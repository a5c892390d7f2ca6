"""The same Idempotency-Key: one effect and one answer, also for twins that come at once; on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import Caller, caller
from tests.builders import a_copy, a_member
from tests.circulation.steps import rows

KEY = {"Idempotency-Key": "twins-0001"}
TWINS = 6


def _at_once(call: Caller, method: str, path: str, body: dict[str, object]) -> list[tuple[int, object]]:
    """What several equal requests under one key are answered, when all start together."""
    start = threading.Barrier(TWINS)

    def ask(_number: int) -> tuple[int, object]:
        start.wait(20)
        answer = call(method, path, json=body, headers=KEY)
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(TWINS) as pool:
        return list(pool.map(ask, range(TWINS)))


def test_twins_that_issue_a_copy_lend_it_once_and_hear_the_same(served: Installation) -> None:
    librarian, reader = caller(served, Role.LIBRARIAN), a_member(served)
    answers = _at_once(librarian, "POST", "/loans", {"barcode": a_copy(served), "member_id": reader.account_id})
    assert answers == [answers[0]] * TWINS
    assert answers[0][0] == 201
    assert librarian("GET", f"/members/{reader.account_id}/loans").json()["total"] == 1


def test_twins_that_add_a_section_add_one(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    answers = _at_once(librarian, "POST", "/sections", {"name": "Deep Time"})
    assert answers == [answers[0]] * TWINS
    assert librarian("GET", "/sections").json()["total"] == 1


def test_a_refused_act_is_not_remembered_and_may_be_tried_again(served_sqlite: Installation) -> None:
    librarian, reader = caller(served_sqlite, Role.LIBRARIAN), a_member(served_sqlite)
    issue = {"barcode": "3199999999999", "member_id": reader.account_id}
    assert librarian("POST", "/loans", json=issue, headers=KEY).status_code == 404
    issue["barcode"] = a_copy(served_sqlite)
    assert librarian("POST", "/loans", json=issue, headers=KEY).status_code == 201


def test_the_key_of_one_caller_says_nothing_to_another(served_sqlite: Installation) -> None:
    librarian, admin = caller(served_sqlite, Role.LIBRARIAN), caller(served_sqlite, Role.ADMIN)
    first = librarian("POST", "/sections", json={"name": "One"}, headers=KEY)
    second = admin("POST", "/sections", json={"name": "Two"}, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


def test_a_key_too_short_to_be_anybodys_own_is_refused(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    answer = librarian("POST", "/sections", json={"name": "One"}, headers={"Idempotency-Key": "1"})
    assert answer.status_code == 422


def test_what_is_kept_of_lending_names_nobody_and_a_forgotten_loan_is_forgotten_in_repeats(
    served: Installation,
) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    reader = a_member(served, name="Ada Vega", keep_history=False)
    barcode = a_copy(served)
    issue = {"barcode": barcode, "member_id": reader.account_id}
    made = [librarian("POST", "/loans", json=issue, headers=KEY).json() for _ in range(2)]
    assert made[0] == made[1]
    back = [
        librarian("POST", "/returns", json={"barcode": barcode}, headers={"Idempotency-Key": "back-0001"}).json()
        for _ in range(2)
    ]
    assert (back[0]["member_name"], back[1]["member_name"]) == ("Ada Vega", "")
    assert (back[1]["member_id"], back[1]["loan_id"]) == (None, back[0]["loan_id"])
    kept = str(rows(served, "SELECT result FROM once_key"))
    assert "Ada" not in kept
    assert f'"member_id": {reader.account_id}' not in kept
