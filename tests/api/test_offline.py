"""The offline desk's doors: the page for everybody, sending for a librarian and from a page of ours alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.sessions import redeem_ticket
from lib.accounts.sign_in import sign_in
from lib.api.door import door_routes
from lib.api.door_offline import PAGE, shell, version
from lib.api.guard import guarded
from tests.api.conftest import caller
from tests.builders import a_copy, a_loan, a_member
from tests.circulation.steps import rows
from tests.live_server import PASSWORD, somebody

ASSETS = Path(__file__).parents[2] / "lib" / "ui" / "assets"
OURS = {"origin": "http://testserver", "x-requested-with": "tome"}


@pytest.fixture
def door(served_sqlite: Installation) -> Iterator[TestClient]:
    """The routes beside the screens, behind the guard."""
    app = Starlette(routes=door_routes(ASSETS), middleware=guarded())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def cookie(library: Installation, role: Role = Role.LIBRARIAN) -> dict[str, str]:
    somebody(library, role, str(role))
    done = sign_in(library, login=str(role), password=PASSWORD, address="192.0.2.7", device="test")
    redeemed = redeem_ticket(library, done.ticket)
    assert redeemed is not None
    return {"cookie": f"tome={redeemed.token}"}


def act(barcode: str = "NOWHERE", **given: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "kind": "return", "barcode": barcode, "card": "",
            "recorded_at": "2026-03-09T10:00:00+01:00", "device": "Front desk"} | given  # fmt: skip


def sent(door: TestClient, headers: dict[str, str], *acts: Any) -> Any:
    return door.post(f"{PAGE}/acts", json={"acts": list(acts)}, headers=headers)


def kept(library: Installation) -> int:
    return int(rows(library, "SELECT count(*) FROM offline_record")[0][0])


@pytest.mark.parametrize("media", ["text/plain", "", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_acts_come_as_json_and_nothing_else(door: TestClient, served_sqlite: Installation, media: str) -> None:
    """What a form of another site can send by itself is not even read."""
    body = json.dumps({"acts": [act()]}).encode()
    headers = OURS | cookie(served_sqlite) | {"content-type": media}
    answer = door.post(f"{PAGE}/acts", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert kept(served_sqlite) == 0


def test_the_page_is_for_everybody_and_shut_in(door: TestClient) -> None:
    answer = door.get(PAGE)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "worker-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_everything_that_the_browser_keeps_is_there(door: TestClient) -> None:
    for path in shell():
        answer = door.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_part_that_the_page_needs_is_kept_by_the_browser(door: TestClient) -> None:
    folder = Path(__file__).parents[2] / "lib" / "api" / "offline_desk"
    for path in folder.iterdir():
        if path.name not in ("worker.js", "index.html"):
            assert f"{PAGE}/{path.name}" in shell()


def test_the_worker_may_answer_for_the_page_and_names_its_version(door: TestClient) -> None:
    answer = door.get(f"{PAGE}/worker.js")
    assert answer.headers["service-worker-allowed"] == PAGE
    assert answer.headers["cache-control"] == "no-cache"
    assert f'const VERSION = "{version()}";' in answer.text


@pytest.mark.parametrize("name", ["index.html", "nothing.js", "..%2fdoor.py", "__init__.py"])
def test_nothing_else_lies_there(door: TestClient, name: str) -> None:
    assert door.get(f"{PAGE}/{name}").status_code == 404


def test_it_says_who_may_send(door: TestClient, served_sqlite: Installation) -> None:
    assert door.get(f"{PAGE}/who").json() == {"may_send": False}
    assert door.get(f"{PAGE}/who", headers=cookie(served_sqlite)).json() == {"may_send": True}
    assert door.get(f"{PAGE}/who", headers=cookie(served_sqlite, Role.MEMBER)).json() == {"may_send": False}


def test_a_librarian_sends_from_a_page_of_ours(door: TestClient, served_sqlite: Installation) -> None:
    barcode = a_copy(served_sqlite)
    a_loan(served_sqlite, a_member(served_sqlite), barcode, days_ago=3)
    given = act(barcode)
    headers = OURS | cookie(served_sqlite)
    first = sent(door, headers, given)
    assert first.status_code == 200
    assert [(one["state"], one["told"]) for one in first.json()["outcomes"]] == [("done", "Returned.")]
    assert sent(door, headers, given).json() == first.json()
    assert kept(served_sqlite) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"origin": "https://evil.example"}, {"origin": ""}, {"x-requested-with": ""},
        {"origin": "http://testserver.evil.example"}, {"origin": "null"},
    ],
)  # fmt: skip
def test_another_sites_page_sends_nothing_with_a_librarians_cookie(
    door: TestClient, served_sqlite: Installation, spoilt: dict[str, str]
) -> None:
    headers = {name: value for name, value in (OURS | cookie(served_sqlite) | spoilt).items() if value}
    assert sent(door, headers, act()).status_code == 403
    assert kept(served_sqlite) == 0


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.MEMBER, 403)])
def test_who_may_not_lend_sends_nothing(
    door: TestClient, served_sqlite: Installation, role: Role | None, status: int
) -> None:
    headers = OURS | (cookie(served_sqlite, role) if role else {})
    assert sent(door, headers, act()).status_code == status
    assert door.post(f"{PAGE}/acts", content="{", headers=headers).status_code == status, "asked before it is read"
    assert kept(served_sqlite) == 0


def test_a_cookie_means_nothing_to_the_api_itself(served_sqlite: Installation) -> None:
    guest = caller(served_sqlite, Role.GUEST)
    headers = OURS | cookie(served_sqlite)
    assert guest("POST", "/offline/acts", json={"acts": [act()]}, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400), ('{"acts": []}', 422), ('{"acts": 1}', 422), ("[]", 422), ('{"acts": [NaN]}', 422), ("\xff", 400),
        ('{"acts": [{"client_id": "x"}]}', 422), ('{"acts": [], "acts": []}', 422),
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused_in_words(
    door: TestClient, served_sqlite: Installation, body: str, status: int
) -> None:
    headers = OURS | cookie(served_sqlite) | {"content-type": "application/json"}
    answer = door.post(f"{PAGE}/acts", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "steal"}, {"kind": "issue", "card": " "}, {"recorded_at": "2026-03-09T10:00:00"},
        {"recorded_at": "0001-01-01T00:00:00+14:00"}, {"barcode": ""}, {"barcode": "x" * 61}, {"client_id": "7"},
        {"more": 1}, {"device": "x" * 61}, {"barcode": "a\x00b"},
    ],
)  # fmt: skip
def test_an_act_that_makes_no_sense_is_refused_and_changes_nothing(
    door: TestClient, served_sqlite: Installation, spoilt: dict[str, Any]
) -> None:
    answer = sent(door, OURS | cookie(served_sqlite), act(**spoilt))
    assert answer.status_code == 422
    assert kept(served_sqlite) == 0


def test_at_most_five_hundred_acts_come_at_once(door: TestClient, served_sqlite: Installation) -> None:
    answer = sent(door, OURS | cookie(served_sqlite), *(act() for _ in range(501)))
    assert answer.status_code == 422
    assert kept(served_sqlite) == 0


def test_programs_send_and_settle_tasks_with_a_token(served: Installation) -> None:
    call = caller(served, Role.LIBRARIAN)
    given = [act("NOWHERE-1"), act("NOWHERE-2", recorded_at="2026-03-09T10:01:00+01:00"), act("NEW-1")]
    told = call("POST", "/offline/acts", json={"acts": given}).json()["outcomes"]
    assert [one["state"] for one in told] == ["conflict"] * 3
    tasks = call("GET", "/offline/tasks").json()
    assert tasks["total"] == 3
    assert {task["barcode"] for task in tasks["items"]} == {"NOWHERE-1", "NOWHERE-2", "NEW-1"}
    ids = {task["barcode"]: task["id"] for task in tasks["items"]}
    a_copy(served, barcode="NEW-1")
    assert call("POST", f"/offline/tasks/{ids['NEW-1']}/retry").json()["state"] == "done"
    assert call("POST", f"/offline/tasks/{ids['NEW-1']}/retry").status_code == 404
    note = {"note": "Seen to at the desk."}
    assert call("POST", f"/offline/tasks/{ids['NOWHERE-1']}/resolve", json=note).status_code == 200
    assert call("POST", f"/offline/tasks/{ids['NOWHERE-2']}/dismiss", json=note).status_code == 200
    assert call("POST", f"/offline/tasks/{ids['NOWHERE-2']}/dismiss", json=note).status_code == 409
    assert call("GET", "/offline/tasks").json()["total"] == 0
    assert call("GET", "/offline/tasks", params={"settled": True}).json()["total"] == 2
