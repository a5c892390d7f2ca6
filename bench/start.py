"""Starting: from `manage.py run` over a library that is there to its first page; and what members' pages are made of.

`ready`: /healthz answers. `first_page`: the home page's script has run and been sent, as a first visitor asks for it
at once. `streamlit`: what importing Streamlit alone takes, in turn with the starts, and its share. Plotly is looked
for in everything that the pages of guests and members send; `browser` measures what they load.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.children import HOME, answers, end, environment
from bench.measure import machine, table
from bench.screens_client import Screen
from bench.serving import Stocked, free_port, stock

NAME = "start"
SIZES = {"small": (200, 1), "medium": (5_000, 3), "large": (100_000, 5)}  # titles, starts
MEMBER_PAGES = ("", "catalogue", "title", "browse", "my-library", "history", "account", "help")


def run(size: str) -> dict[str, Any]:
    """Seconds of each step, the median of the starts, and the pages of members that draw with plotly."""
    titles, starts = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        stocked = stock(Path(place), titles)
        bare = [_import_streamlit()]
        steps = []
        for _ in range(starts):
            steps.append(_start(stocked))
            bare.append(_import_streamlit())
    found: dict[str, Any] = {name: round(median(one[name] for one in steps), 2) for name in ("ready", "first_page")}
    found["streamlit_import"] = round(median(bare), 2)
    found["streamlit_share"] = round(found["streamlit_import"] / found["first_page"], 2)
    found["pages_with_plotly"] = sorted({page for one in steps for page in one["plotly"]})
    return {
        "name": NAME, "size": size, "seconds": found, "table": table([found]), "machine": machine(),
    }  # fmt: skip


def _import_streamlit() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import streamlit.web.cli"], check=True, cwd=HOME, capture_output=True)
    return time.perf_counter() - start


def _start(stocked: Stocked) -> dict[str, Any]:
    port = free_port()
    command = [sys.executable, "manage.py", "run", "--port", str(port), "--data-dir", str(stocked.folder)]
    url = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=HOME, env=environment(TOME_MODE="demo"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        answers(f"{url}/healthz", process)
        ready = time.perf_counter() - start
        first = asyncio.run(_first_page(url, start))
        plotly = asyncio.run(_pages_with_plotly(url, stocked))
    finally:
        end(process)
    return {"ready": ready, "first_page": first, "plotly": plotly}


async def _first_page(url: str, start: float) -> float:
    screen = await Screen(url).open()
    await screen.run()
    spent = time.perf_counter() - start
    await screen.close()
    return spent


async def _pages_with_plotly(url: str, stocked: Stocked) -> list[str]:
    screen = await Screen(url, stocked.cookies["member"], listening=True).open()
    await screen.run()
    found = []
    for page in MEMBER_PAGES:
        await screen.run(page, f"id={stocked.title_id}" if page == "title" else "")
        if "plotly_chart" in screen.kinds or "plotly" in screen.words.lower():
            found.append(page or "home")
    await screen.close()
    return found


if __name__ == "__main__":
    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
