"""What is shipped speaks of the product alone: no machine's paths, no words of how it was written."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.house.code import ROOT

SELF = "tests/house/test_product_text.py"
OTHERS = "lib/api/static/"  # comes from elsewhere, with its licence
BINARY = {".png", ".jpg", ".ttf", ".otf", ".woff2", ".ico", ".db", ".xlsx", ".epub", ".pdf", ".gz"}
SKIPPED = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "data"}
UNWANTED = {
    "a path of one machine": r"(?<![\w.])/(?:work|opt/wheels|opt/pypi|root|home/[a-z]+)/",
    "a registry's host": r"files\.pythonhosted\.org|registry\.npmjs\.org|index\.crates\.io",
    "a word of how it was written": r"(?i)\b(?:claude|anthropic|openai|chatgpt|copilot|sub-?agent|language model)\b",
    "something unfinished": r"\b(?:TODO|FIXME|XXX|raise NotImplementedError)\b",
    "an open merge": r"^(?:<{7}|>{7}) ",
}


@cache
def shipped() -> tuple[Path, ...]:
    """The tracked files; every file where there is no Git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return tuple(ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize("what", UNWANTED)
def test_no_shipped_file_holds(what: str) -> None:
    pattern, found = re.compile(UNWANTED[what], re.MULTILINE), []
    for path in shipped():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in BINARY or not path.is_file() or name == SELF or name.startswith(OTHERS):
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{name}:{text.count(chr(10), 0, hit.start()) + 1} {hit.group()}" for hit in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("a path of one machine", "see /work/notes.txt"), ("a path of one machine", 'open("/home/ada/x")'),
        ("a registry's host", "https://files.pythonhosted.org/x"), ("something unfinished", "# TODO later"),
        ("an open merge", "x\n<<<<<<< HEAD\n"), ("a word of how it was written", "written by a Language Model"),
    ],
)  # fmt: skip
def test_a_sample_is_caught(what: str, sample: str) -> None:
    assert re.search(UNWANTED[what], sample, re.MULTILINE)


def test_nothing_of_a_library_is_shipped() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in shipped()}
    assert {name for name in names if name.startswith("data/")} <= {"data/README.md"}
    assert [name for name in names if name.endswith((".db", "keys.json", "tome.toml", "secrets.toml", ".env"))] == []
