"""The measure of imports runs, so that it does not rot; its figures are not judged here."""

import pytest

from bench.imports import SIZES, run


@pytest.mark.slow
def test_the_bench_of_imports_runs_and_tells_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SIZES, "small", 60)
    monkeypatch.setattr("bench.imports.ROUNDS", 1)
    result = run("small")
    assert set(result["files"]) == {"titles", "loans"}
    assert all(figures["rate"] > 0 for figures in result["files"].values())
    assert result["files"]["titles"]["memory"] > 0
