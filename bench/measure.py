"""The shared harness: interleaved rounds, medians, ratios, a table and JSON.

An absolute time on a shared machine means little, so a subject is always timed between runs of what it is compared
with. Each question is asked `rounds` times of each, in alternating order; its time is the median.
"""

import gc
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Q = TypeVar("Q")
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Times:
    """The median time of each question, in milliseconds: by the wall clock, and of this thread's processor alone.

    The second says more where others use the machine too; it leaves out waiting for the disk.
    """

    wall: list[float]
    cpu: list[float]


def interleaved(
    contenders: Mapping[str, Callable[[Q], object]], questions: Sequence[Q], rounds: int = ROUNDS
) -> dict[str, Times]:
    """Each contender's times for each question. One round before is not counted. What was there before is kept out of
    the garbage collector's rounds, as the web process does."""
    gc.collect()
    gc.freeze()
    wall: dict[str, list[list[float]]] = {name: [[] for _ in questions] for name in contenders}
    cpu: dict[str, list[list[float]]] = {name: [[] for _ in questions] for name in contenders}
    names = list(contenders)
    for turn in range(rounds + 1):
        for place, question in enumerate(questions):
            for name in names if turn % 2 else reversed(names):
                start, work = time.perf_counter(), time.thread_time()
                contenders[name](question)
                worked, spent = time.thread_time() - work, time.perf_counter() - start
                if turn:
                    wall[name][place].append(spent * 1000)
                    cpu[name][place].append(worked * 1000)
    gc.unfreeze()
    return {
        name: Times([statistics.median(one) for one in wall[name]], [statistics.median(one) for one in cpu[name]])
        for name in names
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0–1) of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def compared(subject: Times, reference: Times) -> dict[str, float]:
    """p50 and p95 of both in milliseconds, and their ratios: below one, the subject is faster."""
    found: dict[str, float] = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        mine, theirs = percentile(subject.wall, share), percentile(reference.wall, share)
        found |= {f"{name}_ms": round(mine, 3), f"{name}_reference_ms": round(theirs, 3)}
        found[f"{name}_ratio"] = round(mine / theirs, 3) if theirs else float("inf")
        theirs = percentile(reference.cpu, share)
        found[f"{name}_cpu_ratio"] = round(percentile(subject.cpu, share) / theirs, 3) if theirs else float("inf")
    return found


def machine() -> dict[str, Any]:
    """What a figure must be read with: cores, load, Python, the peak of memory so far (MiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "cores": os.cpu_count(), "load": [round(one, 2) for one in os.getloadavg()],
        "python": platform.python_version(), "peak_mib": round(peak),
    }  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same keys as a text table."""
    if not rows:
        return ""
    head = list(rows[0])
    cells = [head, *([str(row.get(key, "")) for key in head] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def keep(result: Mapping[str, Any], path: Path) -> None:
    """Writes a result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
