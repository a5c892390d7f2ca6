"""One changed module before its tests, in a child process of its own, without pytest's ceremony: milliseconds each.

Only test functions that need nothing but values are called: plain ones, `parametrize` and Hypothesis. Those that are
quickest come first. A child that takes far longer than the tests do with the module as it is counts as noticed: the
change made a loop that does not end.
"""

import ast
import importlib
import inspect
import itertools
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from lib.kit.config import HOME

_BYTES = 3 * 2**30
Case = tuple[str, Callable[..., Any], dict[str, Any]]


def source_of(module: str) -> Path:
    """The file of a module of the library."""
    return HOME.joinpath(*module.split(".")).with_suffix(".py")


def is_noticed(module: str, tree: ast.Module, tests: Sequence[str], seconds: int) -> bool:
    """Whether some test fails with this tree in place of the module, or does not end within so many seconds of
    processor time. The parent must not have imported the module.

    Raises:
        SyntaxError, ValueError: the tree is no program.
    """
    assert module not in sys.modules
    code = compile(tree, str(source_of(module)), "exec")
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _in_silence(seconds)
        os._exit(_failed(module, code, tests))
    return os.waitpid(child, 0)[1] != 0


def _in_silence(seconds: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)


def _failed(module: str, code: CodeType, tests: Sequence[str]) -> int:
    try:
        put_in_place(module, code)
        for _, test, given in cases(tests):
            test(**given)
    except BaseException:  # noqa: BLE001  # whatever it is, the change was noticed
        return 1
    return 0


def put_in_place(module: str, code: CodeType) -> None:
    """Imports a program as a module of the library."""
    made = ModuleType(module)
    made.__file__, made.__package__ = str(source_of(module)), module.rpartition(".")[0]
    parent = importlib.import_module(made.__package__)
    sys.modules[module] = made
    setattr(parent, module.rpartition(".")[2], made)
    exec(code, made.__dict__)  # our own source, changed by one node


def cases(tests: Sequence[str]) -> list[Case]:
    """(name, function, arguments) of every call of a pure test in these modules; those by Hypothesis last."""
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.load_profile("mutants")
    found = list(itertools.chain.from_iterable(_cases_of(importlib.import_module(name)) for name in tests))
    return sorted(found, key=lambda case: hasattr(case[1], "hypothesis"))


def _cases_of(module: ModuleType) -> Iterator[Case]:
    for name, test in list(vars(module).items()):
        if not name.startswith("test_") or not callable(test):
            continue
        rows = [_rows(mark) for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        asked = set(inspect.signature(test).parameters)
        for chosen in itertools.product(*rows):
            given = {key: value for row in chosen for key, value in row.items()}
            if asked == set(given):
                yield f"{module.__name__}.{name}", test, given


def _rows(mark: Any) -> list[dict[str, Any]]:
    names, values = mark.args[0], mark.args[1]
    if isinstance(names, str) and "," not in names:
        return [{names: getattr(value, "values", (value,))[0] if _is_set(value) else value} for value in values]
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    return [dict(zip(names, value.values if _is_set(value) else value, strict=True)) for value in values]


def _is_set(value: Any) -> bool:
    return type(value).__name__ == "ParameterSet"


def warm_up(module: str, tests: Sequence[str]) -> int:
    """Runs the tests on the module as it is, in a child, and imports here what came from outside the library, so that
    the children to come find it there. Returns how many seconds of processor time a child may take.

    Raises:
        RuntimeError: a test fails as it is, or there is none.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, _as_it_is(module, tests).encode())
        except BaseException:  # noqa: BLE001  # a child must not run on into what its parent does next
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read().split()
    if os.waitpid(child, 0)[1] or not told or told[0] == "0":
        raise RuntimeError(f"The tests of {module} do not pass as it is.")
    for name in told[2:]:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    return int(float(told[1]) * 5) + 3


def _as_it_is(module: str, tests: Sequence[str]) -> str:
    """How many calls, how many seconds, and which modules they needed."""
    start = time.process_time()
    file = source_of(module)
    put_in_place(module, compile(file.read_text(encoding="utf-8"), str(file), "exec"))
    calls = cases(tests)
    for name, test, given in calls:
        try:
            test(**given)
        except BaseException:
            sys.stderr.write(f"{name} does not pass as it is: {given}\n")
            raise
    ours = {"lib", "tests", "__main__", *tests}
    outside = [name for name in sys.modules if name.partition(".")[0] not in ours]
    return f"{len(calls)} {time.process_time() - start} {' '.join(outside)}"
