"""What is said on the terminal: results on stdout, everything else on stderr, and never a bare traceback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import OperationalError

from lib.kit.config import ConfigFault
from lib.kit.errors import Invalid, Refusal
from lib.kit.logs import log, new_request_id

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
Tick = Callable[[int, int], None]


@dataclass(slots=True)
class Told:
    """The exit code that fits what went wrong."""

    code: int = 0


def good(line: str) -> None:
    """Something ended well."""
    ERR.print(f"[green]✓[/green] {line}", soft_wrap=True)


def note(line: str) -> None:
    """Something the reader should know, or do next."""
    ERR.print(line, soft_wrap=True)


def bad(line: str, mend: str = "") -> None:
    """Something is wrong, and how to mend it."""
    ERR.print(f"[bold red]✗[/bold red] {line}", soft_wrap=True)
    if mend:
        ERR.print(f"  [dim]→[/dim] {mend}", soft_wrap=True)


def as_json(value: Any) -> None:
    """Prints a result for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@contextmanager
def progress(what: str) -> Iterator[Tick]:
    """A progress bar; call what it yields with (done, of how many); 0 means that nobody knows yet."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def mishaps_told() -> Iterator[Told]:
    """Turns what can go wrong into a sentence and an exit code."""
    told = Told()
    try:
        yield told
    except SystemExit as ended:
        told.code = ended.code if isinstance(ended.code, int) else 0
    except KeyboardInterrupt:
        note("Interrupted.")
        told.code = 130
    except ConfigFault as fault:
        told.code = _config_fault(fault)
    except Refusal as refusal:
        told.code = _refusal(refusal)
    except OperationalError as error:
        bad(
            f"The database cannot be used: {str(error.orig).strip()}",
            "Is TOME_DATABASE_URL right? Try: manage.py doctor",
        )
        told.code = 1
    except OSError as error:
        bad(str(error), "Try: manage.py doctor")
        told.code = 1
    except Exception:  # noqa: BLE001  # the outermost door of the command line
        told.code = _unforeseen()


def _config_fault(fault: ConfigFault) -> int:
    bad("The configuration cannot be used:")
    for line in fault.faults:
        ERR.print(f"  • {line}", soft_wrap=True, markup=False)
    note("  Every setting is explained in docs/operations.md.")
    return 2


def _refusal(refusal: Refusal) -> int:
    bad(str(refusal) if not isinstance(refusal, Invalid) else "That cannot be taken:")
    for fault in refusal.faults if isinstance(refusal, Invalid) else ():
        ERR.print(f"  • {fault.field}: {fault.text}", soft_wrap=True, markup=False)
    return 1


def _unforeseen() -> int:
    incident = new_request_id()
    log().error("command failed", incident=incident, exc_info=True)
    bad(f"Something went wrong, incident {incident}. The log line above says where.", "Try: manage.py doctor")
    return 1


def stop(code: int) -> typer.Exit:
    """To be raised: ends the command with an exit code."""
    return typer.Exit(code)
