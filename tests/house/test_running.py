"""How the tests are run: in which order, and that CI does not let tests in a browser be skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.cli import develop
from lib.cli.__main__ import main
from tests.house.code import ROOT, proofs

SAMPLE = """
import pytest
@pytest.mark.browser
@pytest.mark.skip(reason="no browser")
def test_in_a_browser(): ...
def test_other(): ...
"""


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("1", 1), ("", 0), ("false", 0)])
def test_a_skipped_browser_test_fails_ci_and_nobody_else(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_sessionfinish  # noqa: F401\n")
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path, env=os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == code, told.stdout + told.stderr
    assert told.stdout.strip().splitlines()[-1].startswith("1 passed, 1 skipped"), "pytest's closing line is the last"


class Children:
    """Stands for the operating system: notes the commands, answers with the exit codes given."""

    def __init__(self, *codes: int) -> None:
        self.codes, self.words = list(codes), list[str]()

    def __call__(self, command: list[str], **_: object) -> "Children":
        self.words.append(" ".join(command[1:]))
        return self

    def wait(self) -> int:
        return self.codes.pop(0) if self.codes else 0


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    made = Children()
    monkeypatch.setattr(develop.subprocess, "Popen", made)
    monkeypatch.setattr(develop.signal, "signal", lambda *_: None)
    monkeypatch.delenv("CI", raising=False)
    return made


def test_fast_tests_come_first_and_side_by_side_those_in_a_browser_last(children: Children) -> None:
    assert main(["test"]) == 0
    assert [word.partition("-m pytest -m ")[2].split(" -n")[0] for word in children.words] == [
        "not slow and not browser", "slow and not browser", "browser",
    ]  # fmt: skip
    assert "-n " in children.words[0]
    assert "--dist loadfile" in children.words[2], "a file and its demo library stay with one worker"
    assert "tests/circulation/test_kill.py" in children.words[1]
    assert "tests/browser/test_journeys.py" in children.words[2]


@pytest.mark.parametrize("mark", ["slow", "browser"])
def test_a_mark_stands_where_the_run_looks_for_it(mark: str) -> None:
    """Tests that take it from a file of steps, or by add_marker, would be in no part of the run."""
    named = {
        source.place for source in proofs() if f"mark.{mark}" in source.text or f'add_marker("{mark}' in source.text
    }
    assert named >= set(develop.marked(mark)) != set()
    assert {place for place in named if not Path(place).name.startswith("test_")} == set()


def test_ci_looks_at_format_lint_and_types_before_any_test(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert main(["test"]) == 0
    assert [word.split()[1] for word in children.words] == ["ruff", "ruff", "mypy", "pytest", "pytest", "pytest"]


def test_words_after_the_command_go_to_pytest(children: Children) -> None:
    assert main(["test", "tests/kit", "-k", "money", "-x"]) == 0
    assert children.words == ["-m pytest tests/kit -k money -x"]


def test_the_long_mode_runs_the_proofs_for_longer_unless_told_how_long(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KILLS", "7")
    assert main(["test", "--long"]) == 0
    assert children.words == [f"-m pytest {' '.join(develop.LONG_TESTS)}"]
    assert (os.environ["TEST_RUNS"], os.environ["TEST_KILLS"]) == ("2000", "7")
    assert all((ROOT / place).exists() for place in develop.LONG_TESTS)


@pytest.mark.parametrize(
    ("ci", "codes", "ends_with", "runs"),
    [
        ("", (1,), 1, 1),
        ("", (0, 5, 5), 0, 3),
        ("", (0, 0, 1), 1, 3),
        ("true", (0, 0, 0, 0, 5, 0), 0, 6),
        ("true", (0, 0, 0, 0, 0, 5), 5, 6),
        ("true", (1, 0, 0), 1, 3),
    ],
)
def test_the_first_failure_ends_the_run_and_no_browser_test_at_all_fails_ci(
    children: Children, monkeypatch: pytest.MonkeyPatch, ci: str, codes: tuple[int, ...], ends_with: int, runs: int
) -> None:
    monkeypatch.setenv("CI", ci)
    children.codes = list(codes)
    assert main(["test"]) == ends_with
    assert len(children.words) == runs


def test_ci_is_one_script_that_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
