"""The shape of the tests themselves: short files and functions, and no test that sleeps.

Each rule is a function that lists what breaks it; it is run over tests/, and over a sample that must be caught.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.house.code import Source, proofs, too_long

SLEEP = re.compile(r"\b(?:sleep|pg_sleep|wait_for_timeout)\s*\(")
# Where nothing happens that could be waited for: how many times, and why.
SLEEPS = {
    "tests/browser/test_desk_by_keys.py": (1, "the pause between two keys is what tells typing from a scanner"),
}

Rule = Callable[[Source], Iterable[str]]


def sleeping(source: Source) -> Iterator[str]:
    """Whoever sleeps waits too long on a quick machine and not long enough on a busy one; programs in strings too."""
    many, _ = SLEEPS.get(source.place, (0, ""))
    found = [number for number, line in enumerate(source.text.splitlines(), 1) if SLEEP.search(line)]
    if len(found) != many:
        yield f"sleeps in lines {found}, {many} expected; wait for an event, a line, an answer or the end of a process"


CAUGHT: list[tuple[Rule, Source]] = [
    (too_long, Source("tests/kit/test_a.py", "x = 1\n" * 351)),
    (too_long, Source("tests/kit/test_a.py", "def test_f():\n" + "    x = 1\n" * 60)),
    *((sleeping, Source("tests/kit/test_a.py", f"{word}(1)")) for word in ("time." + "sleep", "asyncio." + "sleep")),
    *((sleeping, Source("tests/kit/test_a.py", f"run('{word} (1)')")) for word in ("pg_" + "sleep", "sl" + "eep")),
    (sleeping, Source("tests/browser/test_desk_by_keys.py", "page.keyboard.press('a')")),
]
RULES = list(dict.fromkeys(rule for rule, _ in CAUGHT))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_there_is_nothing_among_the_tests_that_is(rule: Rule) -> None:
    assert [f"{source.place}: {fault}" for source in proofs() for fault in rule(source)] == []


@pytest.mark.parametrize(("rule", "source"), CAUGHT, ids=lambda part: getattr(part, "__name__", ""))
def test_a_sample_is_caught_by(rule: Rule, source: Source) -> None:
    assert list(rule(source)) != []
