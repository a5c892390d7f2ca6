"""The product's code as the tests of the house see it: parsed files, their imports, functions and calls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 350, 60
EXACTLY_MADE = "lib/ops/migrations/versions/"  # written by Alembic, never edited: length counts for nothing there


@dataclass(frozen=True)
class Source:
    """One file: where it lies (from the root, with /) and its syntax tree."""

    place: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    @property
    def room(self) -> str | None:
        """The room of lib/ it belongs to, if any."""
        parts = self.place.split("/")
        return parts[1] if parts[0] == "lib" and len(parts) > 2 else None

    def imports(self) -> set[str]:
        """Every dotted name that is imported, "a.b" and "a.b.c" for `from a.b import c`."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            found |= imported(node)
        return found

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def imported(node: ast.AST) -> set[str]:
    """The dotted names one import statement brings in."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def dotted(node: ast.expr) -> str:
    """The name a call goes to: "datetime.now"; empty for anything but names."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


@cache
def product() -> tuple[Source, ...]:
    """app.py, pages/ and lib/."""
    paths = [*ROOT.glob("app.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("lib/**/*.py")]
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in sorted(paths))


@cache
def pages() -> tuple[Source, ...]:
    return tuple(source for source in product() if source.place.startswith("pages/"))


@cache
def proofs() -> tuple[Source, ...]:
    """tests/."""
    paths = sorted(ROOT.glob("tests/**/*.py"))
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths)


def too_long(source: Source) -> Iterator[str]:
    if source.place.startswith(EXACTLY_MADE):
        return
    if (lines := source.text.count("\n")) > LONGEST_FILE:
        yield f"has {lines} lines; split it where a second noun appears"
    for function in source.functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            yield f"{function.name} has {length} lines"
