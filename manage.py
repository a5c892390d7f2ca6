#!/usr/bin/env python3
"""Starts everything: `python3 manage.py run`, `python3 manage.py test`, `python3 manage.py --help`.

Needs Python 3.11 and nothing else. Makes an environment in .venv on first use, keeps it in step with the
requirements files, then hands over to the command line in lib/cli. No syntax newer than Python 3.6 here, so
that an old Python can say what is wrong.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Tome Nexus needs Python 3.11 or newer; this is Python %d.%d (%s).\n"  # noqa: UP031
        "Install a newer one from https://www.python.org/downloads/ and start again with it, e.g. python3.11 manage.py"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import contextlib
import hashlib
import os
import shutil
import subprocess
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parent
ENVIRONMENT = HOME / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
UV = "uv==0.13.9"
FOR_DEVELOPERS = {"test", "check", "bench", "mutants"}


def main(words: list[str]) -> int:
    """Brings the environment up to date and hands over; returns the exit code."""
    command = next((word for word in words if not word.startswith("-")), "")
    requirements = HOME / ("requirements-dev.txt" if command in FOR_DEVELOPERS else "requirements.txt")
    if not is_current(requirements):
        with one_at_a_time():
            if not is_current(requirements):
                install(requirements)
    return hand_over([str(PYTHON), "-P", "-m", "lib.cli", *words])  # -P: not the lib/ of wherever we stand


def is_current(requirements: Path) -> bool:
    """Whether what stands in a requirements file is installed; the developers' file holds the other one too."""
    return PYTHON.exists() and any(
        stamp_of(name).exists() and stamp_of(name).read_text() == digest_of(HOME / name)
        for name in {requirements.name, "requirements-dev.txt"}
    )


def stamp_of(name: str) -> Path:
    """Where it is noted that a requirements file was installed."""
    return ENVIRONMENT / f".{name}.installed"


def digest_of(requirements: Path) -> str:
    """Tells apart contents of a requirements file, those it includes, and Python versions."""
    parts = [HOME / "requirements.txt", requirements]
    text = b"".join(part.read_bytes() for part in parts) + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def install(requirements: Path) -> None:
    """Makes the environment if it is missing and installs into it, with uv where it can be had, else with pip."""
    if not works([str(PYTHON), "-c", "import pip"]):
        say(f"Making an environment in {ENVIRONMENT} (only the first time) …")
        make_environment()
    say(f"Installing {requirements.name} …")
    if not works([str(PYTHON), "-m", "uv", "--version"]):
        works([str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", UV])
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)]
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON), "-r", str(requirements)]
    if not works(uv) and subprocess.call(pip, cwd=HOME) != 0:
        sys.exit(
            f"The packages of {requirements.name} could not be installed; the lines above say why.\n"
            "Check the network (or the proxy settings of pip) and start again."
        )
    stamp_of(requirements.name).write_text(digest_of(requirements))


def make_environment() -> None:
    """A fresh .venv with pip; whatever half-made one stood there goes first."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        sys.exit(
            f"An environment could not be made in {ENVIRONMENT}: {error}\n"
            "On Debian and Ubuntu install python3-venv (apt install python3-venv); elsewhere check that the folder "
            "can be written. Then start again."
        )


def works(command: list[str]) -> bool:
    """Runs a command silently; whether it ended well."""
    try:
        return subprocess.run(command, cwd=HOME, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def one_at_a_time():
    """Two commands started at once do not install into the same environment at the same time."""
    with open(HOME / ".venv.lock", "w") as lock:
        with contextlib.suppress(ImportError):  # Windows has no fcntl; there the second installs over the first
            import fcntl  # noqa: PLC0415

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hand_over(command: list[str]) -> int:
    """Becomes the command (so signals and exit codes are its own); on Windows waits for it."""
    paths = [str(HOME), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the console sent it to the child as well; wait for it to finish
            continue


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
