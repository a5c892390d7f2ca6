"""Processes that a measure starts: desks of their own, servers, and what the system tells about them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HOME = Path(__file__).parents[1]


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of a library, and with these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TOME_")} | more


@contextmanager
def lender(folder: Path, url: str, name: str, first: int, many: int, people: int, copies: int
           ) -> Iterator["subprocess.Popen[str]"]:  # fmt: skip
    """A desk that is ready and waits for `begin`; killed at the end if it still lends."""
    with _ready("bench.lender", folder, url, name, first, many, people, copies) as child:
        yield child


@contextmanager
def nighter(folder: Path, days: int) -> Iterator["subprocess.Popen[str]"]:
    """A night that is ready and waits for `begin`; so many days after the library's first."""
    with _ready("bench.nighter", folder, days) as child:
        yield child


@contextmanager
def _ready(module: str, *told: object) -> Iterator["subprocess.Popen[str]"]:
    child = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, told)], cwd=HOME, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        if child.stdout.readline() != "ready\n":
            raise RuntimeError(f"{module} did not start")
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def begin(child: "subprocess.Popen[str]") -> None:
    """Lets a desk or a night start."""
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def answers(url: str, process: "subprocess.Popen[bytes]", patience_s: float = 60) -> float:
    """Waits until an address answers with 200; the seconds that took.

    Raises:
        RuntimeError: the process ended, or did not answer in time.
    """
    start = time.perf_counter()
    while time.perf_counter() - start < patience_s:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.perf_counter() - start
        except (URLError, OSError):
            with suppress(subprocess.TimeoutExpired):
                raise RuntimeError(f"the server ended with {process.wait(0.02)}") from None
    raise RuntimeError(f"{url} does not answer")


def resident_kib(pid: int) -> int | None:
    """The memory a process holds, in KiB; None where the system does not tell (/proc)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), None)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Asks a process to end; kills it after fifteen seconds."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
