"""Screens: a rerun of ours against a bare page of 20 rows on the same Streamlit, and one process under load.

Readers are WebSocket clients in this process; they share the machine with the servers. `alone`: one reader at a time,
pages interleaved. `cpu_ms` is the server's processor time a rerun. `busy`: ten readers without pause. `crowd`: many
readers who pause like people (3 to 12 seconds, drawn from a fixed seed). `memory` is what the server grew by with
readers connected.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.children import resident_kib
from bench.measure import compared, interleaved, machine, percentile, table
from bench.screens_client import Screen
from bench.serving import Server, Stocked, serve, serve_bare, stock

NAME = "reruns"
SEED = 20260310


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked: titles besides the demo's, reruns of each page, seconds of load, readers in a crowd."""

    titles: int
    asked: int
    load_s: float
    crowds: tuple[int, ...]


SIZES = {
    "small": Size(200, 4, 1, (3,)),
    "medium": Size(20_000, 30, 10, (50,)),
    "large": Size(100_000, 60, 30, (50, 200)),
}
BUSY = 10
_PAUSE_S = (3.0, 12.0)
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 10
Asking = tuple[str, str]


def run(size: str) -> dict[str, Any]:
    """`pages`: each page's rerun beside the bare one's; `busy`, `crowds`: reruns a second, p95, memory a reader."""
    asked = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place, asyncio.Runner() as loop:
        stocked = stock(Path(place), asked.titles)
        with serve(stocked.folder) as server, serve_bare() as bare:
            pages = _pages(loop, server, bare, stocked, asked.asked)
            memory = loop.run(_memory(server, stocked, max(asked.crowds)))
            busy = loop.run(_busy(server, bare, stocked, asked.load_s))
            crowds = {str(many): loop.run(_crowd(server, stocked, many, asked.load_s * 2)) for many in asked.crowds}
    rows = [{"page": name} | figures for name, figures in pages.items()]
    more = [
        memory,
        {"readers": f"{BUSY} without pause", **busy},
        *({"readers": many, **one} for many, one in crowds.items()),
    ]
    lines = "\n".join(", ".join(f"{key} {value}" for key, value in one.items()) for one in more)
    return {
        "name": NAME, "size": size, "titles": asked.titles, "pages": pages, "memory": memory,
        "busy": busy, "crowds": crowds, "table": table(rows) + "\n" + lines, "machine": machine(),
    }  # fmt: skip


def _pages(loop: asyncio.Runner, server: Server, bare: Server, stocked: Stocked, asked: int) -> dict[str, Any]:
    desk = loop.run(Screen(server.url, stocked.cookies["librarian"]).open())
    reader = loop.run(Screen(server.url, stocked.cookies["member"]).open())
    guest, other = loop.run(Screen(server.url).open()), loop.run(Screen(bare.url).open())
    words = cycle(stocked.words)
    ways: dict[str, Callable[[int], Coroutine[Any, Any, Screen]]] = {
        "bare, 20 rows": lambda _: other.run(),
        "blank": lambda _: other.run("", "rows=0"),
        "catalogue, found": lambda _: guest.run("catalogue", f"q={next(words)}"),
        "title": lambda _: guest.run("title", f"id={stocked.title_id}"),
        "home": lambda _: guest.run(),
        "desk, empty": lambda _: desk.run("desk"),
        "desk, a member": lambda _: desk.run("desk", f"member={stocked.member_id}"),
        "my library": lambda _: reader.run("my-library"),
    }
    contenders = {name: lambda n, way=way: loop.run(way(n)) for name, way in ways.items()}
    times = interleaved(contenders, list(range(asked)), 3)
    found = {}
    for name, way in ways.items():
        figures = compared(times[name], times["bare, 20 rows"])
        home = bare if name[0] == "b" else server
        seen = loop.run(way(0))
        found[name] = {
            "p50_ms": figures["p50_ms"], "p95_ms": figures["p95_ms"], "p50_ratio": figures["p50_ratio"],
            "p95_ratio": figures["p95_ratio"], "cpu_ms": _cpu_a_rerun(loop, home, way, asked), "sent": seen.sent,
        }  # fmt: skip
    for screen in (desk, reader, guest, other):
        loop.run(screen.close())
    return found


def _cpu_a_rerun(
    loop: asyncio.Runner, server: Server, way: Callable[[int], Coroutine[Any, Any, Screen]], asked: int
) -> float:
    before = _cpu_ms(server.pid)
    for number in range(asked):
        loop.run(way(number))
    return round((_cpu_ms(server.pid) - before) / asked, 2)


def _cpu_ms(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_MS


def _visit(stocked: Stocked, chance: random.Random) -> Asking:
    """What somebody looks at next: most search, some read about a title."""
    if chance.random() < 0.7:
        return "catalogue", f"q={chance.choice(stocked.words)}"
    return "title", f"id={stocked.title_id}"


async def _busy(server: Server, bare: Server, stocked: Stocked, seconds: float) -> dict[str, float]:
    ours = await _many(server.url, [None] * BUSY, seconds, lambda chance: _visit(stocked, chance), (0, 0))
    theirs = await _many(bare.url, [None] * BUSY, seconds, lambda _: ("", ""), (0, 0))
    return {
        "reruns_per_s": round(len(ours) / seconds, 1), "p95_ms": round(percentile(ours, 0.95), 1),
        "bare_reruns_per_s": round(len(theirs) / seconds, 1),
    }  # fmt: skip


async def _crowd(server: Server, stocked: Stocked, many: int, seconds: float) -> dict[str, float]:
    """Many readers who pause like people."""
    spent = await _many(
        server.url, [None] * many, max(seconds, _PAUSE_S[0] + 1), lambda chance: _visit(stocked, chance), _PAUSE_S
    )
    return {
        "reruns": len(spent), "p50_ms": round(percentile(spent, 0.5), 1), "p95_ms": round(percentile(spent, 0.95), 1),
    }  # fmt: skip


async def _memory(server: Server, stocked: Stocked, many: int) -> dict[str, float | None]:
    """What the server grew by with so many readers more, each with two pages behind them and still connected."""
    before = resident_kib(server.pid)
    screens = [await Screen(server.url).open() for _ in range(many)]
    chance = random.Random(SEED)
    for screen in screens:
        await screen.run(*_visit(stocked, chance))
        await screen.run(*_visit(stocked, chance))
    after = resident_kib(server.pid)
    for screen in screens:
        await screen.close()
    return {
        "connected": many, "kib_a_reader": round((after - before) / many) if before and after else None,
        "base_mib": round(before / 1024) if before else None,
    }  # fmt: skip


async def _many(
    url: str, cookies: Sequence[str | None], seconds: float, visit: Callable[[random.Random], Asking],
    pause: tuple[float, float],
) -> list[float]:  # fmt: skip
    """Readers at work for so many seconds; the milliseconds of each rerun. They leave when all are done."""
    screens = [await Screen(url, cookie).open() for cookie in cookies]
    spent: list[float] = []
    for screen in screens:
        await screen.run(*visit(random.Random(SEED)))
    until = time.perf_counter() + seconds

    async def read(number: int, screen: Screen) -> None:
        chance = random.Random(SEED + number)
        await asyncio.sleep(chance.uniform(0, pause[1]))
        while time.perf_counter() < until:
            start = time.perf_counter()
            await screen.run(*visit(chance))
            spent.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(chance.uniform(*pause))

    tasks = [asyncio.create_task(read(number, screen)) for number, screen in enumerate(screens)]
    _, late = await asyncio.wait(tasks, timeout=seconds + 30)
    for task in late:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    for screen in screens:
        await screen.close()
    return spent or [float("inf")]


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
