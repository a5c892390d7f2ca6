"""Every command: its help, its exit codes, and what it says to do next."""

import json
import os
import socket
from pathlib import Path

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import open_installation
from lib.access.library import LibrarySettings
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.cli.__main__ import COMMANDS
from lib.kit.config import load_config
from lib.kit.database import make_engine
from lib.ops.first_run import DEMO_LOGINS
from tests.builders import a_copy, a_member
from tests.cli.conftest import Command

TITLES = """\
isbn,title,authors,year
9780441478125,The Left Hand of Darkness,Ursula K. Le Guin,1969
,Kindred,Octavia Butler,1979
"""
OWN = ("--name", "Town Library", "--time-zone", "Europe/Paris", "--currency", "EUR", "--locale", "fr", "--no-ask")


def _sql(folder: Path, statement: str) -> list[tuple[object, ...]]:
    engine = make_engine(f"sqlite:///{folder / 'library.db'}")
    with engine.begin() as connection:
        done = connection.execute(text(statement))
        rows = [tuple(row) for row in done] if done.returns_rows else []
    engine.dispose()
    return rows


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(command: Command, name: str) -> None:
    said = command(name, "--help")
    assert said.code == 0
    assert f"manage.py {name}" in said.text
    assert len(said.text) > 100


def test_help_lists_every_command_with_what_it_does(command: Command) -> None:
    said = command("--help")
    assert said.code == 0
    assert all(f" {name} " in said.text for name in COMMANDS)
    assert "python3 manage.py run" in said.text


@pytest.mark.parametrize("words", [("unknown",), ("run", "--prot", "1"), ("import", "hats", "x.csv"), ("import",)])
def test_a_wrong_call_ends_with_two_and_says_what_was_expected(command: Command, words: tuple[str, ...]) -> None:
    said = command(*words)
    assert said.code == 2
    assert "--help" in said.text


@pytest.mark.parametrize("words", [("run",), ("verify",), ("init", "--no-ask"), ("migrate",)])
def test_every_fault_of_the_configuration_is_listed_at_once(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TOME_MODE", "playful")
    monkeypatch.setenv("TOME_PORT", "high")
    monkeypatch.setenv("TOME_COLOUR", "red")
    said = command(*words)
    assert said.code == 2
    assert all(name in said.text for name in ("TOME_MODE", "TOME_PORT", "TOME_COLOUR"))
    assert not folder.exists()


def test_a_taken_port_is_said_before_anything_is_made(command: Command, folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = command("run", "--port", str(other.getsockname()[1]))
    assert said.code == 2
    assert "in use" in said.text
    assert "--port" in said.text
    assert not (folder / "library.db").exists()


def test_init_sets_a_library_up_with_its_first_admin(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_ADMIN_PASSWORD", "a long walk to the library")
    said = command("init", *OWN, "--admin-email", "ada@town.example", "--admin-name", "Ada Byron")
    assert said.code == 0, said.text
    assert "manage.py run" in said.text
    assert "a long walk" not in said.text
    assert _sql(folder, "SELECT email_key, name, role, status FROM account") == [
        ("ada@town.example", "Ada Byron", "admin", "active")
    ]
    library = open_installation(load_config())
    with begin_reading(library, SYSTEM) as uow:
        assert (uow.library.name, uow.library.time_zone, uow.library.locale) == ("Town Library", "Europe/Paris", "fr")
    library.close()
    again = command("init", *OWN, "--admin-email", "eve@town.example")
    assert again.code == 1
    assert "admin already" in again.text


def test_init_without_an_admin_prints_a_link_for_one(command: Command, folder: Path) -> None:
    said = command("init", *OWN)
    assert said.code == 0, said.text
    assert "http://localhost:8501/welcome?token=" in said.text
    assert _sql(folder, "SELECT count(*) FROM account") == [(0,)]


def test_init_refuses_what_cannot_be_and_keeps_nothing(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = command("init", "--no-ask", "--time-zone", "Mars/Olympus", "--currency", "shells")
    assert said.code == 1
    assert "time_zone" in said.text
    assert "currency" in said.text
    monkeypatch.setenv("TOME_ADMIN_PASSWORD", "password1234")
    weak = command("init", *OWN, "--admin-email", "ada@town.example")
    assert weak.code == 1
    assert _sql(folder, "SELECT count(*) FROM settings_version") == [(0,)]


def test_import_tells_how_columns_were_read_and_a_second_time_adds_nothing(command: Command, folder: Path) -> None:
    file = folder.parent / "some titles.csv"
    file.write_text(TITLES)
    dry = command("import", "titles", str(file), "--dry-run")
    assert dry.code == 0, dry.text
    assert "2 added" in dry.text
    assert "nothing was kept" in dry.text
    assert _sql(folder, "SELECT count(*) FROM title") == [(0,)]
    assert "2 added" in command("import", "titles", str(file)).text
    again = command("import", "titles", str(file))
    assert again.code == 0
    assert "0 added, 0 merged, 2 unchanged" in again.text
    assert _sql(folder, "SELECT count(*) FROM title") == [(2,)]
    assert command("verify").code == 0


def test_a_column_can_be_named_by_hand(command: Command, folder: Path) -> None:
    file = folder.parent / "titles.csv"
    file.write_text("title,authors,remark\nKindred,Octavia Butler,Boston\n")
    said = command("import", "titles", str(file), "--map", "remark=publisher")
    assert said.code == 0, said.text
    assert _sql(folder, "SELECT title, publisher FROM title") == [("Kindred", "Boston")]
    assert command("import", "titles", str(file), "--map", "remark").code == 2
    assert command("import", "titles", str(file), "--map", "remark=hat").code == 1


def test_what_was_exported_can_be_imported_elsewhere(command: Command, folder: Path) -> None:
    file, out = folder.parent / "titles.csv", folder.parent / "out"
    file.write_text(TITLES)
    command("import", "titles", str(file))
    said = command("export", str(out))
    assert said.code == 0, said.text
    assert sorted(path.name for path in out.iterdir()) == ["copies.csv", "loans.csv", "members.csv", "titles.csv"]
    elsewhere = command("import", "titles", str(out / "titles.csv"), "--data-dir", str(folder.parent / "elsewhere"))
    assert "2 added" in elsewhere.text
    assert command("export", str(folder.parent / "one"), "--only", "titles", "--data-dir", str(folder)).code == 0
    assert [path.name for path in (folder.parent / "one").iterdir()] == ["titles.csv"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_what_commands_write_is_for_their_user_alone(command: Command, folder: Path) -> None:
    before = os.umask(0o022)
    try:
        command("migrate")
        command("export", str(folder.parent / "out"))
    finally:
        os.umask(before)
    for path in (folder / "library.db", folder.parent / "out" / "members.csv"):
        assert path.stat().st_mode & 0o077 == 0


def test_all_or_nothing_keeps_nothing_and_names_each_refused_row(command: Command, folder: Path) -> None:
    file, faults = folder.parent / "titles.csv", folder.parent / "faults.csv"
    file.write_text("title,authors,year\nKindred,Octavia Butler,1979\n,Nobody,1980\n")
    said = command("import", "titles", str(file), "--all-or-nothing", "--faults", str(faults))
    assert said.code == 1
    assert "Nothing was kept" in said.text
    assert faults.read_text("utf-8-sig").splitlines()[0] == "line,column,reason"
    assert faults.read_text("utf-8-sig").splitlines()[1].startswith("3,")
    assert _sql(folder, "SELECT count(*) FROM title") == [(0,)]


def test_a_file_that_is_no_table_is_refused_with_a_reason(command: Command, folder: Path) -> None:
    file = folder.parent / "titles.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00")
    said = command("import", "titles", str(file))
    assert said.code == 1
    assert "Traceback" not in said.text


def test_verify_is_silent_about_a_sound_library_and_names_what_is_broken(command: Command, folder: Path) -> None:
    command("migrate")
    assert command("verify").code == 0
    library = open_installation(load_config())
    barcode = a_copy(library)
    library.close()
    _sql(folder, f"UPDATE copy SET status = 'on_loan' WHERE barcode = '{barcode}'")
    said = command("verify", "--json")
    assert said.code == 1
    told = json.loads(said.out)
    assert told["sound"] is False
    assert told["findings"][0]["count"] == 1
    assert command("verify").code == 1


@pytest.mark.parametrize("words", [("verify",), ("export", "out")])
def test_a_library_that_is_not_there_is_not_made_by_looking(
    command: Command, folder: Path, words: tuple[str, ...]
) -> None:
    said = command(*words)
    assert said.code == 2
    assert "no library" in said.text
    assert not (folder / "library.db").exists()


def test_doctor_looks_and_changes_nothing(command: Command, folder: Path) -> None:
    said = command("doctor")
    assert said.code == 0, said.text
    assert "does not exist yet" in said.text
    assert not folder.exists()
    command("migrate")
    told = json.loads(command("doctor", "--json").out)
    assert told["well"] is True
    assert {"python", "packages", "sqlite", "keys", "disk", "schema", "clock"} <= {
        row["about"] for row in told["found"]
    }


def test_doctor_lists_the_faults_of_a_configuration_instead_of_failing_on_them(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_MODE", "playful")
    monkeypatch.setenv("TOME_COLOUR", "red")
    said = command("doctor", "--json")
    assert said.code == 1
    faults = [row["found"] for row in json.loads(said.out)["found"] if row["level"] == "fault"]
    assert any("TOME_MODE" in line for line in faults)
    assert any("TOME_COLOUR" in line for line in faults)


def test_migrate_goes_up_and_down_and_says_where_it_is(command: Command, folder: Path) -> None:
    assert "now (before: empty)" in command("migrate").text
    assert "already" in command("migrate").text
    assert command("migrate", "--to", "0001", "--yes").code == 0
    assert _sql(folder, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert command("migrate", "--to", "0900").code == 2
    assert command("migrate").code == 0


def test_going_up_again_makes_the_search_index_anew(command: Command, folder: Path) -> None:
    file = folder.parent / "titles.csv"
    file.write_text(TITLES)
    command("import", "titles", str(file))
    command("migrate", "--to", "0001", "--yes")
    command("migrate")
    assert _sql(folder, "SELECT count(*) FROM title_search WHERE title_search MATCH 'kindred'") == [(1,)]
    assert command("verify").code == 0


def test_a_database_of_a_newer_release_is_refused(command: Command, folder: Path) -> None:
    command("migrate")
    _sql(folder, "UPDATE alembic_version SET version_num = '9000'")
    for words in ("verify", "migrate"):
        said = command(words)
        assert said.code == 1
        assert "newer release" in said.text
    assert command("doctor").code == 1


def test_an_unreachable_database_is_a_sentence_not_a_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_DATABASE_URL", "postgresql://u:very-secret@127.0.0.1:1/none")
    said = command("verify")
    assert said.code == 1
    assert "cannot be used" in said.text
    assert "Traceback" not in said.text
    assert "very-secret" not in said.text
    assert command("doctor").code == 1


def test_what_nobody_foresaw_gets_an_incident_and_keeps_its_traceback_in_the_log(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_over(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("lib.cli.health.diagnose", fall_over)
    said = command("doctor")
    assert said.code == 1
    assert "incident" in said.text


def test_the_first_admins_name_is_not_a_demo_login(folder: Path) -> None:
    assert all(login.endswith("@demo.example") for login in DEMO_LOGINS)
    assert LibrarySettings().name


def test_demo_is_refused_where_people_have_accounts(command: Command, folder: Path) -> None:
    command("migrate")
    library = open_installation(load_config())
    a_member(library, role=Role.ADMIN)
    library.close()
    said = command("demo")
    assert said.code == 1
    assert "--data-dir" in said.text
    with begin_work(library, SYSTEM) as uow:
        assert uow.connection.scalar(text("SELECT count(*) FROM account")) == 1
    library.close()


def test_openapi_is_printed_or_written(command: Command, folder: Path) -> None:
    file = folder.parent / "openapi.json"
    assert command("openapi", str(file)).code == 0
    assert json.loads(file.read_text())["openapi"].startswith("3.1")


def test_an_unknown_measure_is_refused_with_the_known_ones(command: Command) -> None:
    said = command("bench", "no-such-measure")
    assert said.code == 2
    assert "search" in said.text
