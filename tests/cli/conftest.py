"""Running a command as `manage.py` would, in this process: its exit code, and what it said."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.cli.__main__ import main
from lib.kit.config import Config


@dataclass(frozen=True)
class Said:
    """What came of a command. `text` is stdout and stderr with all spaces single, so that wrapping does not matter."""

    code: int
    out: str
    text: str


Command = Callable[..., Said]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, named by TOME_DATA_DIR; no other variable is set."""
    for name in [*Config.model_fields, "config"]:
        monkeypatch.delenv(f"TOME_{name.upper()}", raising=False)
    monkeypatch.setenv("TOME_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "data"


@pytest.fixture
def command(folder: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on the library in `folder`."""

    def run(*words: str) -> Said:
        code = main(list(words))
        captured = capfd.readouterr()
        return Said(code, captured.out, " ".join((captured.out + captured.err).split()))

    return run
