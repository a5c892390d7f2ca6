"""The configuration: the environment over one file, and every fault at once."""

from pathlib import Path

import pytest

from lib.kit.config import Config, ConfigFault, Mode, config_path, load_config


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine's, and a data folder of the test's own."""
    for name in Config.model_fields:
        monkeypatch.delenv(f"TOME_{name.upper()}", raising=False)
    monkeypatch.delenv("TOME_CONFIG", raising=False)
    monkeypatch.setenv("TOME_DATA_DIR", str(tmp_path))


def _faults(**given: object) -> list[str]:
    with pytest.raises(ConfigFault) as refused:
        load_config(**given)
    return refused.value.faults


def test_without_a_word_it_is_production_on_this_machine_alone(tmp_path: Path) -> None:
    config = load_config()
    assert (config.mode, config.host, config.port) == (Mode.PRODUCTION, "127.0.0.1", 8501)
    assert config.url == f"sqlite:///{tmp_path / 'library.db'}"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tome.toml").write_text('port = 9000\nhost = "0.0.0.0"\nmode = "demo"\n')
    monkeypatch.setenv("TOME_PORT", "9001")
    config = load_config()
    assert (config.port, config.host, config.mode) == (9001, "0.0.0.0", Mode.DEMO)


def test_a_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "other place.toml"
    named.write_text("port = 9002\n")
    monkeypatch.setenv("TOME_CONFIG", str(named))
    assert config_path() == named
    assert load_config().port == 9002


def test_every_fault_is_listed_at_once_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TOME_PORT": "ninety", "TOME_MODE": "playful", "TOME_DATABASE_URL": "mysql://x/y", "TOME_PROT": "1",
        "TOME_LOG_LEVEL": "LOUD", "TOME_PUBLIC_URL": "not a url",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    faults = "\n".join(_faults())
    for expected in (
        "TOME_PORT", "port to listen on", "TOME_MODE", "demo or production", "TOME_DATABASE_URL",
        "postgresql://user:password@host/name", "TOME_PROT: there is no such setting", "TOME_LOG_LEVEL",
        "TOME_PUBLIC_URL",
    ):  # fmt: skip
        assert expected in faults


def test_a_misspelt_line_in_the_file_is_a_fault_too(tmp_path: Path) -> None:
    (tmp_path / "tome.toml").write_text("prot = 9000\n")
    assert "prot: there is no such setting" in _faults()[0]


@pytest.mark.parametrize("content", [b"port = = 1", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tome.toml").write_bytes(content)
    assert "tome.toml" in _faults()[0]


def test_a_named_file_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOME_CONFIG", str(tmp_path / "nowhere.toml"))
    assert "nowhere.toml" in _faults()[0]


@pytest.mark.parametrize("secret", ["short", "changeme", "password"])
@pytest.mark.parametrize("name", ["metrics_token", "admin_password"])
def test_production_refuses_short_and_sample_secrets_without_repeating_them(name: str, secret: str) -> None:
    faults = "\n".join(_faults(mode="production", **{name: secret}))
    assert f"TOME_{name.upper()}" in faults
    assert f"“{secret}”" not in faults
    assert f"'{secret}'" not in faults
    load_config(mode="demo", **{name: secret})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////srv/library.db", "sqlite:////srv/library.db"),
    ],
)
def test_a_database_url_may_be_written_in_the_usual_ways(given: str, url: str) -> None:
    assert load_config(database_url=given).url == url


def test_secrets_do_not_show_when_a_configuration_is_printed() -> None:
    shown = repr(load_config(database_url="postgresql://u:very-secret@h/d", metrics_token="very-secret-token"))
    assert "very-secret" not in shown


def test_readers_are_sent_to_the_public_address() -> None:
    assert load_config(public_url="https://library.example/").base_url == "https://library.example"
    assert load_config(port=9003).base_url == "http://localhost:9003"


def test_proxies_are_read_by_comma() -> None:
    assert load_config(trusted_proxies=" 10.0.0.1, 10.0.0.2,").proxies == {"10.0.0.1", "10.0.0.2"}
