"""The tool that changes the rules: it makes the changes it says, notices what a test notices, and misses nothing else.

The rules themselves are changed by `python3 manage.py mutants`, which takes minutes.
"""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.house.code import ROOT
from tests.mutants.__main__ import Outcome
from tests.mutants.changes import changes
from tests.mutants.survivors import SURVIVORS
from tests.mutants.targets import ENOUGH, TARGETS
from tests.mutants.trial import cases, source_of

CHANGED = [
    # as it stands, what is made of it
    ("a < b", {"a <= b", "a > b"}),
    ("a is None", {"a is not None"}),
    ("a + b", {"a - b"}),
    ("a and b", {"a or b", "a", "b"}),
    ("not a", {"a"}),
    ("a if b else c", {"c if b else a", "a if not b else c"}),
    ("7", {"8", "6"}),
    ("True", {"False"}),
    ("'word'", {"'word~'"}),
    ("min(a, b)", {"max(a, b)"}),
    ("f(a, key=b)", {"f(a)"}),
    ("{a: b}", {"{}"}),
    ("[a, b]", {"[b]", "[a]"}),
    ("[a for a in b if c]", {"[a for a in b]"}),
]


@pytest.mark.parametrize(("text", "made"), CHANGED)
def test_each_small_change_is_made_and_taken_back(text: str, made: set[str]) -> None:
    tree = ast.parse(f"def rule(): return {text}")
    found = set()
    for change in changes(tree):
        old = change.apply()
        found.add(ast.unparse(tree).split("return ", 1)[-1])
        change.put(old)
        assert change.line == 1
    assert found - {"None"} == made
    assert ast.unparse(tree) == ast.unparse(ast.parse(f"def rule(): return {text}"))


def test_what_no_rule_hangs_on_stays_as_it_is() -> None:
    tree = ast.parse(
        '"""Of no use."""\nfrom a import b\n\n@dataclass(frozen=True)\nclass C:\n    """Words."""\n    d: "e"'
    )
    assert changes(tree) == []


def test_every_target_has_tests_that_need_nothing_but_values() -> None:
    for module, tests in TARGETS.items():
        assert source_of(module).exists()
        assert all(find_spec(name) for name in tests)
    assert cases(TARGETS["lib.kit.clock"])


def test_a_survivor_without_a_reason_and_a_reason_without_a_survivor_are_told() -> None:
    (known, *_) = SURVIVORS
    module = known[0]
    of_module = tuple(key for key in SURVIVORS if key[0] == module)
    assert Outcome(module, 1000, of_module).faults() == []
    assert Outcome(module, 1000, of_module[1:]).faults() == [f"noticed after all: {known[1]}   {known[2]}"]
    new = (module, "return 1", "1 → 2")
    assert Outcome(module, 1000, (*of_module, new)).faults() == ["no reason: return 1   1 → 2"]
    assert Outcome("lib.none", 10, ()).faults() == []
    assert any("are asked for" in fault for fault in Outcome("lib.none", 10, (("lib.none", "x", "y"),) * 2).faults())
    assert ENOUGH == 0.9


def test_every_survivor_stands_in_the_docs_with_its_line() -> None:
    told = (ROOT / "docs" / "proof.md").read_text("utf-8")
    missing = [key for key in SURVIVORS if key[2] not in told or key[0] not in told]
    assert missing == []


def test_every_survivors_line_still_stands_in_its_module() -> None:
    gone = [key for key in SURVIVORS if key[1] not in source_of(key[0]).read_text("utf-8")]
    assert gone == []


@pytest.mark.slow
def test_the_clock_is_changed_and_every_change_is_noticed() -> None:
    told = _run("lib.kit.clock")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "(100.0%)" in told.stdout


@pytest.mark.slow
def test_a_rule_whose_tests_look_at_nothing_is_found_out(tmp_path: Path) -> None:
    blind = tmp_path / "blind.py"
    blind.write_text("from lib.kit.clock import SystemClock\n\n\ndef test_nothing():\n    SystemClock()\n")
    text = (
        "import sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from tests.mutants.__main__ import try_module\n"
        "outcome = try_module('lib.kit.clock', ['blind'])\n"
        "print(outcome.share < 0.5, bool(outcome.faults()))\n"
    )
    told = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert told.stdout.strip() == "True True", told.stderr


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.mutants", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
