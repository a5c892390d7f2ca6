"""The bench of lending still runs; its figures are not judged here."""

import pytest

from bench.circulation import NAME, run


@pytest.mark.slow
def test_the_bench_of_lending_runs_on_a_small_library() -> None:
    result = run("small")
    assert result["name"] == NAME
    assert set(result["acts"]) == {"decide", "issue", "renew", "return", "late return"}
