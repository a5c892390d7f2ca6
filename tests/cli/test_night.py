"""`night`: lists its jobs, runs them, tells what each did, and ends with 1 when one failed; `verify` keeps a run."""

import json
from datetime import timedelta
from pathlib import Path

from lib.access.installation import open_installation
from lib.kit.clock import SetClock, SystemClock
from lib.kit.config import load_config
from lib.ops.doctor import NIGHT_LATE, Level, nights
from lib.ops.night import run_night
from lib.ops.night_jobs import JOBS
from tests.cli.conftest import Command
from tests.cli.test_commands import _sql


def test_it_lists_every_job_with_what_it_does_and_runs_none(command: Command, folder: Path) -> None:
    said = command("night", "--list")
    assert said.code == 0
    assert all(job.name in said.out for job in JOBS)
    assert not folder.exists()


def test_a_night_tells_each_job_and_is_kept(command: Command, folder: Path) -> None:
    command("migrate")
    said = command("night")
    assert said.code == 0, said.text
    assert "Integrity check" in said.text
    assert "nothing to do" in said.text
    assert _sql(folder, "SELECT count(*) FROM job_run WHERE finished_at IS NOT NULL") == [(len(JOBS) + 1,)]
    assert "ended well already" in command("night", "--if-due").text
    assert _sql(folder, "SELECT count(*) FROM job_run") == [(len(JOBS) + 1,)]


def test_one_job_alone_and_names_that_are_none(command: Command, folder: Path) -> None:
    command("migrate")
    told = json.loads(command("night", "--only", "keys", "--json").out)
    assert [one["name"] for one in told] == ["keys"]
    said = command("night", "--only", "hats")
    assert said.code == 1
    assert "integrity" in said.text
    assert "ended well already" not in command("night", "--if-due").text


def test_a_failed_job_ends_with_one_and_says_which(command: Command, folder: Path) -> None:
    command("migrate")
    _sql(folder, "DELETE FROM policy_rule")
    said = command("night", "--only", "integrity", "--only", "keys")
    assert said.code == 1
    assert "found 1 thing" in said.text
    assert "1 of 2 jobs failed" in said.text


def test_verify_keeps_a_run(command: Command, folder: Path) -> None:
    command("migrate")
    assert "checks held" in command("verify").text
    assert _sql(folder, "SELECT asked_by, findings FROM integrity_run") == [("verify", 0)]


def test_doctor_warns_when_the_last_night_is_long_ago(command: Command, folder: Path) -> None:
    command("migrate")
    clock = SetClock(SystemClock().now())
    library = open_installation(load_config(), clock)
    (found,) = nights(library.engine, clock)
    assert (found.level, found.found) == (Level.OK, "none was needed yet")
    run_night(library)
    assert next(nights(library.engine, clock)).level is Level.OK
    clock.at += NIGHT_LATE - timedelta(minutes=1)
    run_night(library, only=["keys"])
    assert next(nights(library.engine, clock)).level is Level.OK
    clock.at += timedelta(minutes=2)
    (found,) = nights(library.engine, clock)
    assert found.level is Level.WARNING
    assert "manage.py night" in found.mend
    library.close()
