"""manage.py: the standard library alone, any folder; exit codes and signals are the command's own."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.code import ROOT, Source

MANAGE = ROOT / "manage.py"
FAKE = """
import os, signal, sys
if sys.argv[1] == "wait":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(2))
    print("ready", flush=True)
    sys.stdin.read()  # until a signal comes, or whoever could send one is gone
print(os.getcwd(), *sys.argv[1:], sep="|")
sys.exit(7)
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of manage.py in a folder with spaces, its environment made and up to date, its command line a fake."""
    home = tmp_path / "a house with spaces"
    (home / "lib" / "cli").mkdir(parents=True)
    for package in ("lib", "lib/cli"):  # without these, a lib/ elsewhere on the path would win
        (home / package / "__init__.py").write_text("")
    (home / "lib" / "cli" / "__main__.py").write_text(FAKE)
    shutil.copy(MANAGE, home)
    bin_folder = home / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").symlink_to(sys.executable)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (home / name).write_text("")
        (home / ".venv" / f".{name}.installed").write_text(hashlib.sha256(sys.version.encode()).hexdigest())
    return home


def _run(house: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(house / "manage.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd or house, timeout=60, check=False)


def test_it_needs_nothing_but_the_standard_library() -> None:
    tops = {name.split(".")[0] for name in Source("manage.py", MANAGE.read_text()).imports()}
    assert tops <= sys.stdlib_module_names


def test_an_old_python_is_told_what_to_do() -> None:
    program = (
        "import sys; sys.version_info = (3, 9, 2, 'final', 0); exec(compile(open(sys.argv[1]).read(), 'm', 'exec'))"
    )
    told = subprocess.run([sys.executable, "-c", program, str(MANAGE)], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "needs Python 3.11" in told.stderr
    assert "3.9" in told.stderr


def test_words_working_directory_and_exit_code_pass_through(house: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    told = _run(house, "import", "titles", "my file.csv", "--dry-run", cwd=elsewhere)
    assert told.returncode == 7
    assert told.stdout.strip() == f"{elsewhere}|import|titles|my file.csv|--dry-run"


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 15), (signal.SIGINT, 2)])
def test_signals_reach_the_command(house: Path, sent: signal.Signals, code: int) -> None:
    command = [sys.executable, str(house / "manage.py"), "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(sent)
        assert child.wait(30) == code


@pytest.mark.parametrize(
    ("changed", "command", "installs"),
    [
        ("requirements.txt", "run", True),
        ("requirements.txt", "test", True),
        ("requirements-dev.txt", "run", False),
        ("requirements-dev.txt", "test", True),
        ("", "run", False),
        ("", "check", False),
    ],
)
def test_it_installs_when_what_is_needed_has_changed(house: Path, changed: str, command: str, installs: bool) -> None:
    if changed:
        (house / changed).write_text("# changed\n")
    (house / "lib" / "cli" / "__main__.py").write_text("")
    program = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]); from pathlib import Path;"
        "c = sys.argv[2]; name = 'requirements-dev.txt' if c in m['FOR_DEVELOPERS'] else 'requirements.txt';"
        "print(m['is_current'](m['HOME'] / name))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(house / "manage.py"), command], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(not installs)


def test_what_cannot_be_installed_ends_with_a_sentence(house: Path) -> None:
    (house / "requirements.txt").write_text("no-such-package-at-all @ file:///nowhere/at/all\n")
    told = _run(house, "run")
    assert told.returncode == 1
    assert "could not be installed" in told.stderr
    assert "Traceback" not in told.stderr


def test_every_dependency_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line.partition("#")[0].partition(";")[0].strip() for line in (ROOT / name).read_text().splitlines()]
        loose = [line for line in lines if line and "==" not in line and not line.startswith(("-r", "cryptography>="))]
        assert loose == []


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_tool_that_is_told_to_end_ends_its_child_too(tmp_path: Path) -> None:
    program = (
        "import sys; from lib.cli.develop import call;"
        "sys.exit(call([sys.executable, '-c', 'import sys; print(1, flush=True); sys.stdin.read()']) + 100)"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "1\n"
        parent.terminate()
        assert parent.wait(30) == 100 - signal.SIGTERM
