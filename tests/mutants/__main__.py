"""`python -m tests.mutants [MODULE …]`: changes each module in every small way and tells which changes nobody noticed.

Ends with 1 where fewer than nine in ten are noticed, where a survivor has no reason in survivors.py, or where a reason
there is about a change that is noticed or not made any more.
"""

import ast
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.mutants.changes import Change, changes
from tests.mutants.survivors import SURVIVORS
from tests.mutants.targets import ENOUGH, TARGETS
from tests.mutants.trial import is_noticed, source_of, warm_up

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a module's changes: how many there were, and the survivors as survivors.py names them."""

    module: str
    made: int
    survived: tuple[Key, ...]

    @property
    def share(self) -> float:
        """Of all changes, those that were noticed: 0 to 1."""
        return 1 - len(self.survived) / self.made if self.made else 1.0

    def faults(self) -> list[str]:
        """What is not as it should be, in words."""
        known = {key for key in SURVIVORS if key[0] == self.module}
        found = [
            f"no reason: {line}   {what}" for _, line, what in self.survived if (self.module, line, what) not in known
        ]
        found += [f"noticed after all: {line}   {what}" for _, line, what in sorted(known - set(self.survived))]
        if self.share < ENOUGH:
            found.append(f"only {self.share:.1%} are noticed; {ENOUGH:.0%} are asked for")
        return found


def try_module(module: str, tests: Sequence[str], most: int | None = None) -> Outcome:
    """Makes each change of a module (or the first `most`) and asks the tests about it."""
    text = source_of(module).read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    seconds = warm_up(module, tests)
    if is_noticed(module, tree, tests, seconds):
        raise RuntimeError(f"The tests of {module} fail in a child though nothing was changed.")
    made = changes(tree)[:most]
    survived = tuple(
        (module, lines[change.line - 1].strip(), change.what)
        for change in made if not _is_noticed(module, tree, change, tests, seconds)
    )  # fmt: skip
    return Outcome(module, len(made), survived)


def _is_noticed(module: str, tree: ast.Module, change: Change, tests: Sequence[str], seconds: int) -> bool:
    old = change.apply()
    try:
        return is_noticed(module, tree, tests, seconds)
    finally:
        change.put(old)


def main(asked: Sequence[str]) -> int:
    """Each module in a child of its own, so that none has what another imported."""
    unknown = set(asked) - set(TARGETS)
    if unknown:
        print(f"Not known: {', '.join(sorted(unknown))}. Known: {', '.join(TARGETS)}")
        return 2
    codes = []
    for module in asked or TARGETS:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os._exit(_tell(module))
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return int(any(codes))


def _tell(module: str) -> int:
    start = time.perf_counter()
    outcome = try_module(module, TARGETS[module])
    noticed, spent = outcome.made - len(outcome.survived), time.perf_counter() - start
    print(f"{module}: {noticed} of {outcome.made} changes noticed ({outcome.share:.1%}), {spent:.0f} s")
    faults = outcome.faults()
    for fault in faults:
        print(f"    {fault}")
    sys.stdout.flush()
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
