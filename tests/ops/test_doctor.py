"""The doctor finds each thing that can be wrong, and says how to mend it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.audit.trail import record
from lib.kit.clock import SetClock, SystemClock
from lib.kit.config import Config, Mode
from lib.ops import doctor
from lib.ops.doctor import Diagnosis, Level, database, folder, key_file, packages, space
from lib.ops.schema import move_database
from tests.builders import a_member

GIB = 1024**3


def _of(found: list[Diagnosis], about: str) -> Diagnosis:
    return next(row for row in found if row.about == about)


def test_a_sound_library_has_nothing_to_mend(library: Installation, clock: SetClock) -> None:
    clock.at = SystemClock().now()
    found = [*folder(library.config), *database(library.config, clock)]
    assert {row.level for row in found} == {Level.OK}, found


def test_whatever_is_not_well_says_how_to_mend_it(tmp_path: Path, clock: SetClock) -> None:
    config = Config(mode=Mode.PRODUCTION, data_dir=tmp_path / "none")
    for row in (*doctor.machine(), *folder(config), *database(config, clock)):
        assert row.found
        assert row.level is Level.OK or row.mend


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_key_file_others_can_read_is_a_fault(sqlite_library: Installation) -> None:
    path = sqlite_library.config.data_dir / "keys" / "keys.json"
    assert key_file(path).level is Level.OK
    path.chmod(0o644)
    assert key_file(path).level is Level.FAULT
    assert f"chmod 600 {path}" in key_file(path).mend


def test_a_missing_key_file_is_warned_of(tmp_path: Path) -> None:
    assert key_file(tmp_path / "keys.json").level is Level.WARNING


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_folder_everybody_can_write_is_warned_of(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert _of([*folder(Config(data_dir=tmp_path))], "data folder").level is Level.WARNING


def test_a_file_in_the_folders_place_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert _of([*folder(Config(data_dir=tmp_path / "data"))], "data folder").level is Level.FAULT


@pytest.mark.parametrize(("free", "level"), [(100 * GIB, Level.OK), (GIB, Level.WARNING), (100 * 1024**2, Level.FAULT)])
def test_a_full_disk_is_seen_coming(free: int, level: Level) -> None:
    assert space(free).level is level


def test_packages_of_other_versions_are_named(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(
        "pytest==0.0.1\nnot-there-at-all==1\nalso-not==1; sys_platform == 'amiga'\ncryptography>=46,<51\n# note\n"
    )
    found = [row.found for row in packages(tmp_path / "r.txt")]
    assert len(found) == 2
    assert "pytest is" in found[0]
    assert "not-there-at-all is missing" in found[1]


def test_waiting_migrations_are_named(library: Installation, clock: SetClock) -> None:
    move_database(library.engine, "0001")
    row = _of([*database(library.config, clock)], "schema")
    assert row.level is Level.WARNING
    assert "0002" in row.found
    assert "migrate" in row.mend


def test_a_newer_schema_is_a_fault(library: Installation, clock: SetClock) -> None:
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9000'"))
    found = [*database(library.config, clock)]
    assert any(row.level is Level.FAULT and "9000" in row.found for row in found)


def test_a_database_that_does_not_answer_is_a_fault_without_its_password(clock: SetClock, tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, database_url="postgresql://u:very-secret@127.0.0.1:1/none")
    found = [*database(config, clock)]
    assert found[-1].level is Level.FAULT
    assert "TOME_DATABASE_URL" in found[-1].mend
    assert "very-secret" not in str(found)


def test_demo_accounts_are_a_fault_in_production_alone(library: Installation, clock: SetClock) -> None:
    a_member(library, email="member@demo.example", email_key="member@demo.example")
    clock.at = SystemClock().now()
    assert all(row.level is Level.OK for row in database(library.config, clock))
    production = library.config.model_copy(update={"mode": Mode.PRODUCTION})
    assert _of([*database(production, clock)], "demo accounts").level is Level.FAULT


def test_a_clock_before_the_release_or_behind_the_last_change_is_a_fault(
    sqlite_library: Installation, clock: SetClock
) -> None:
    assert _of([*database(sqlite_library.config, clock)], "clock").level is Level.FAULT
    clock.at += timedelta(days=400)
    with begin_work(sqlite_library, SYSTEM) as uow:
        record(uow, "test.act", "thing", 1)
    assert _of([*database(sqlite_library.config, clock)], "clock").level is Level.OK
    clock.at -= timedelta(hours=1)
    row = _of([*database(sqlite_library.config, clock)], "clock")
    assert row.level is Level.FAULT
    assert "future" in row.found
