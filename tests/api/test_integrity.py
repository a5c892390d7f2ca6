"""The check, its runs, its repairs and the nights through the API."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.ops.night import run_night
from lib.ops.night_jobs import JOBS
from tests.api.conftest import caller
from tests.ops.broken import break_it, lived_in


def test_a_check_is_made_read_and_its_finding_mended(served: Installation) -> None:
    lived_in(served)
    break_it(served, "UPDATE title SET loan_count = 7 WHERE loan_count > 0", "UPDATE loan SET renewals = 9")
    call = caller(served, Role.ADMIN)
    made = call("POST", "/integrity/runs")
    assert made.status_code == 201, made.text
    found = {one["finding"]["name"]: one for one in made.json()["findings"]}
    assert set(found) == {"title-counts-its-loans", "renewals-within-limit"}
    assert found["title-counts-its-loans"]["proposal"]["can_repair"] is True
    assert found["title-counts-its-loans"]["finding"]["rows"][0]["loan_count"] == 7
    assert "Look who renewed" in found["renewals-within-limit"]["proposal"]["text"]
    mended = call("POST", "/integrity/repairs/title-counts-its-loans")
    assert (mended.status_code, mended.json()["rows"]) == (200, 1)
    refused = call("POST", "/integrity/repairs/renewals-within-limit")
    assert (refused.status_code, refused.json()["code"]) == (409, "no-safe-repair")
    assert call("POST", "/integrity/repairs/hats").status_code == 404
    run = call("GET", f"/integrity/runs/{made.json()['run']['id']}").json()
    assert [one["finding"]["repaired_at"] is not None for one in run["findings"]] == [False, True]
    assert call("GET", "/integrity/runs").json()["total"] == 1
    assert [one["name"] for one in call("GET", "/integrity").json()["items"]] == ["renewals-within-limit"]


def test_the_nights_are_told(served_sqlite: Installation) -> None:
    call = caller(served_sqlite, Role.ADMIN)
    assert [job["last"] for job in call("GET", "/night/jobs").json()["items"]] == [None] * len(JOBS)
    run_night(served_sqlite)
    jobs = call("GET", "/night/jobs").json()["items"]
    assert [job["name"] for job in jobs] == [job.name for job in JOBS]
    assert all(job["last"]["failed"] == "" for job in jobs)
    assert call("GET", "/night/runs").json()["items"][0]["counts"]["jobs"] == len(JOBS)
