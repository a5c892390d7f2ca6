"""The measure of search runs, on small data, and finds what it edits."""

import pytest

from bench.search import run


@pytest.mark.slow
def test_the_measure_of_search_runs() -> None:
    result = run("small")
    assert set(result["classes"]) == {"one word", "two words", "beginning", "heavy word"}
    assert all(figures["p50_ratio"] > 0 for figures in result["classes"].values())
