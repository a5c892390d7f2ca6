"""`test`, `check`, `bench`, `mutants` and `openapi`: tools for those who build the library, each run as a child."""

import os
import shutil
import signal
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lib.cli.tell import bad, good, note, stop
from lib.kit.config import HOME

PYTEST = [sys.executable, "-m", "pytest"]
NOTHING_COLLECTED = 5
FORMAT = [sys.executable, "-m", "ruff", "format", "--check", "."]
LINT = [sys.executable, "-m", "ruff", "check", "."]
TYPES = [sys.executable, "-m", "mypy"]
SHAPE = [*PYTEST, "tests/house"]
# What grows with the time it is given: lives of the machine, times a desk is killed.
LONG = {"TEST_RUNS": "2000", "TEST_KILLS": "1000"}
LONG_TESTS = ["tests/circulation/machine", "tests/circulation/test_kill.py", "tests/circulation/test_races_controls.py"]
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["--help"]}


def register(app: typer.Typer) -> None:
    app.command(context_settings=PASSED_ON)(test)
    app.command()(check)
    app.command()(bench)
    app.command()(mutants)
    app.command()(openapi)


def test(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", help="The proofs, for hours: lives, kills, races.")] = False,  # noqa: PT028
) -> None:
    """Runs the tests: the fast ones, then the slow ones, then those in a browser, each on as many cores as help.

    Anything after the command goes to pytest: manage.py test tests/kit -k money. With --long only what proves the
    rules of lending runs, for hours (docs/proof.md).
    With CI set, formatting, lint and types come first, and tests in a browser must not be skipped.
    """
    if long:
        os.environ.update({name: os.environ.get(name) or much for name, much in LONG.items()})
        raise stop(call([*PYTEST, *(context.args or LONG_TESTS)]))
    if context.args:
        raise stop(call([*PYTEST, *context.args]))
    strict = os.environ.get("CI", "").lower() not in ("", "0", "false")
    if strict:
        checks()
    for marks, workers in phases():
        note(f"[bold]pytest -m “{marks}”[/bold]")
        code = call([*PYTEST, "-m", marks, *workers])
        missing = code == NOTHING_COLLECTED and strict and marks == "browser"
        if missing:
            bad("No test in a browser was found.")
        if missing or code not in (0, NOTHING_COLLECTED):
            raise stop(code)


def phases() -> list[tuple[str, list[str]]]:
    """Which tests run together, and how: two workers at least; in a browser a file, and so its server, stays whole."""
    workers = ["-n", str(min(4, max(2, os.cpu_count() or 2)))]
    single, whole = [*workers, "--dist", "worksteal"], [*workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    return [
        ("not slow and not browser", single),
        ("slow and not browser", [*single, *marked("slow")]),
        ("browser", [*whole, *marked("browser")]),
    ]


def marked(mark: str) -> list[str]:
    """The files of tests in which a mark stands; to read the others only to find none takes pytest a quarter minute."""
    tests = sorted(HOME.glob("tests/**/test_*.py"))
    return [path.relative_to(HOME).as_posix() for path in tests if f"mark.{mark}" in path.read_text("utf-8")]


def check() -> None:
    """Formatting, lint, types, and the shape of the house: everything but the behaviour."""
    checks()
    raise stop(call(SHAPE))


def checks() -> None:
    """Formatting, lint and types; all of them run, then the first that failed decides."""
    failed = [name for name, command in (("format", FORMAT), ("lint", LINT), ("types", TYPES)) if call(command)]
    if failed:
        bad(
            f"Not as it should be: {', '.join(failed)}.",
            "Most mends itself: ruff format . && ruff check --fix .",
        )
        raise stop(1)
    good("Formatting, lint and types are as they should be.")


class Size(StrEnum):
    """How much data a measure works on."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


def bench(
    name: Annotated[str | None, typer.Argument(help="Which measure; none: all of them.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures for programs.")] = False,
    size: Annotated[Size, typer.Option(help="How much data; small shows that it runs.")] = Size.MEDIUM,
) -> None:
    """Measures speed as ratios to a reference in the same run; docs/performance.md explains each."""
    words = [name] if name else []
    words += ["--json"] if as_json else []
    raise stop(call([sys.executable, "-m", "bench", *words, "--size", size.value]))


def mutants(
    modules: Annotated[list[str] | None, typer.Argument(help="Such as lib.kit.money; none: all of them.")] = None,
) -> None:
    """Changes the rules in every small way and tells which changes no test notices; docs/proof.md explains."""
    raise stop(call([sys.executable, "-m", "tests.mutants", *(modules or ())]))


def openapi(
    output: Annotated[Path | None, typer.Argument(help="File to write; none: the terminal.")] = None,
) -> None:
    """Prints the description of the REST API (OpenAPI 3.1)."""
    command = [sys.executable, "-m", "lib.api.openapi"]
    if output is None:
        raise stop(call(command))
    draft = output.with_name(output.name + ".tmp")
    with draft.open("wb") as file:
        code = subprocess.call(command, cwd=HOME, stdout=file)
    if code:
        draft.unlink()
        raise stop(code)
    shutil.move(draft, output)
    good(f"Written: {output}")


def call(command: list[str]) -> int:
    """Runs a child in the library's folder; Ctrl-C and SIGTERM reach it too, and its exit code is ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = subprocess.Popen(command, cwd=HOME)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
