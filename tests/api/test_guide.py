"""docs/api.md speaks of routes, statuses and limits that are there."""

import re

from lib.api.app import api
from lib.api.description import REFUSALS
from lib.api.throttle import PER_CALLER
from lib.ui.ways_out import WAYS
from tests.live_server import ROOT

GUIDE = (ROOT / "docs" / "api.md").read_text("utf-8")
PATHS = api.openapi()["paths"]


def _is_route(path: str) -> bool:
    plain = [re.sub(r"\{\w+\}", r"[^/]+", known) for known in PATHS]
    return any(re.fullmatch(pattern, path) for pattern in plain)


def test_every_address_in_the_guide_is_a_route() -> None:
    named = set(re.findall(r"/api/v1(/[\w/-]+)", GUIDE)) - {"/docs", "/openapi"}
    named |= set(re.findall(r"`(?:GET|POST|PUT|DELETE) (/[\w/{}-]+)`", GUIDE))
    assert len(named) > 10
    assert [path for path in named if not _is_route(path)] == []


def test_the_guide_names_every_status_and_the_limits() -> None:
    assert [status for status in REFUSALS if status not in GUIDE] == []
    assert f"{PER_CALLER:,} a minute" in GUIDE
    assert "at most 100 rows" in GUIDE
    sizes = [given["schema"]["maximum"] for given in PATHS["/titles"]["get"]["parameters"] if given["name"] == "size"]
    assert sizes == [100]


def test_every_way_out_that_the_screens_offer_has_its_route() -> None:
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| `(GET|POST) (/[^`]+)`", GUIDE, re.MULTILINE)
    named = {action for cell, *_ in rows for action in re.findall(r"`([a-z-]+)`", cell)}
    assert named == set(WAYS)
    assert [path for _, method, path in rows if method.lower() not in PATHS[path]] == []


def test_every_file_the_guide_sends_newcomers_to_is_there() -> None:
    named = set(re.findall(r"`(\w+\.py)`", GUIDE))
    assert named
    assert [name for name in named if not any((ROOT / folder / name).exists() for folder in ("lib/api", "."))] == []
