"""Importing a CSV of titles, and one of loans, against raw sqlite3 that reads the same file and inserts the same rows.

The reference reads with csv.reader and writes in one transaction with synchronous=FULL: titles with authors, ISBN,
source id, genres and their FTS5 rows; loans with the copy's status and the title's count. Ours checks every cell,
merges what is known, keeps faults, audit and the run's state, and lets others write about every 50 ms.
"""

import csv
import random
import shutil
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.corpus import Words
from bench.measure import ROUNDS, compared, interleaved, machine, table
from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.catalogue.policy import isbn13_of
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.database import sqlite_module
from lib.kit.text import index_words
from lib.ops.imports.run import import_file
from lib.ops.schema import prepare_database

NAME = "imports"
SIZES = {"small": 300, "medium": 10_000, "large": 100_000}
SEED = 20260310
_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_AT = "2026-03-10 12:00:00.000000"
_TITLE = (
    "INSERT INTO title (id, kind_id, title, subtitle, original_title, sort_title, match_key, publisher, year, edition,"
    " language, volume, description, series_number, call_number, rating_sum, rating_count, rating_rank, loan_count,"
    " added_at, changed_at, version) VALUES (?, 1, ?, '', '', ?, ?, ?, ?, '', 'en', '', ?, '', '', 0, 0, 0, 0, ?, ?, 1)"
)
_LOAN = (
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, returned_at, returned_on, renewals,"
    " channel, loan_days, max_renewals, fine_per_day, grace_days, fine_cap, fine_settled, source, source_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 'import', 21, 2, 10, 1, 500, 0, 'raw', ?)"
)


def write_titles(path: Path, count: int) -> None:
    """A catalogue as libraries export it: id, ISBN, title, author, year, publisher, genres, some descriptions."""
    words = Words(max(2000, count // 4))
    names = [" ".join(words.some(2)).title() for _ in range(max(50, count // 3))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "isbn", "title", "author", "year", "language", "publisher", "genres", "description"))
        for number in range(1, count + 1):
            writer.writerow((
                number, isbn13_of(f"978{number:09d}{_check(number)}"), words.title(), words.rng.choice(names),
                1900 + number % 125, "en", " ".join(words.some(2)).title(), "; ".join(words.some(2)),
                " ".join(words.some(18)) if number % 3 == 0 else "",
            ))  # fmt: skip


def _check(number: int) -> int:
    digits = f"978{number:09d}"
    return -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10


def write_loans(path: Path, count: int, copies: int, members: int) -> None:
    """Closed loans, no copy out twice."""
    rng = random.Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("loan_id", "member_id", "book_id", "copy_no", "issued", "due", "returned"))
        for number in range(1, count + 1):
            start = datetime(2024, 1, 2, 9) + timedelta(days=number // copies * 30, minutes=number % 500)
            back = (start + timedelta(days=rng.randrange(1, 28))).date()
            due = (start + timedelta(days=21)).date()
            writer.writerow(
                (number, rng.randrange(1, members + 1), number % copies + 1, 1, start.isoformat(), due, back)
            )


def raw_titles(folder: Path, path: Path) -> None:
    """The least that could be called an import of titles."""
    with _transaction(folder) as run, path.open(encoding="utf-8", newline="") as file:
        authors: dict[str, int] = {}
        genres: dict[str, int] = {}
        rows = csv.reader(file)
        next(rows)
        for number, (key, isbn, title, author, year, _, publisher, some, text) in enumerate(rows, 1):
            run(_TITLE, (number, title, title.lower(), f"{title}|{author}", publisher, int(year), text, _AT, _AT))
            run("INSERT INTO title_isbn VALUES (?, ?)", (isbn, number))
            run("INSERT INTO title_source VALUES ('raw', ?, ?)", (key, number))
            if author not in authors:
                authors[author] = len(authors) + 1
                run("INSERT INTO author (id, name, sort_name, key) VALUES (?, ?, ?, ?)",
                    (authors[author], author, author.lower(), author.lower()))  # fmt: skip
            run("INSERT INTO title_author VALUES (?, 0, ?, 'author')", (number, authors[author]))
            named = dict.fromkeys(some.split("; "))
            for genre in named:
                if genre not in genres:
                    genres[genre] = len(genres) + 1
                    run("INSERT INTO genre (id, name, key) VALUES (?, ?, ?)", (genres[genre], genre, genre))
                run("INSERT INTO title_genre VALUES (?, ?)", (number, genres[genre]))
            words = [" ".join(index_words(part)) for part in (title, author, publisher, some, text)]
            run("INSERT INTO title_search (rowid, title, author, publisher, genre, description)"
                " VALUES (?, ?, ?, ?, ?, ?)", (number, *words))  # fmt: skip


def raw_loans(folder: Path, path: Path) -> None:
    """The least that could be called an import of loans: copies and members are looked up, nothing is checked."""
    with _transaction(folder) as run, path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for key, member, book, number, issued, due, back in rows:
            (of,) = run(
                "SELECT title_id FROM title_source WHERE source_id = ? AND source = 'titles'", (book,)
            ).fetchone()
            (copy,) = run(
                "SELECT id FROM copy WHERE source = 'titles' AND source_id = ?", (f"{book}#{number}",)
            ).fetchone()
            (who,) = run("SELECT id FROM account WHERE source = 'members' AND source_id = ?", (member,)).fetchone()
            at = issued.replace("T", " ") + ".000000"
            run(_LOAN, (copy, of, who, at, at[:10], due, f"{back} 18:00:00.000000", back, key))
            run("UPDATE title SET loan_count = loan_count + 1 WHERE id = ?", (of,))


@contextmanager
def _transaction(folder: Path) -> Iterator[Callable[..., Any]]:
    connection = sqlite_module().connect(str(folder / "library.db"))
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    yield connection.execute
    connection.execute("COMMIT")
    connection.close()


def run(size: str) -> dict[str, Any]:
    """The time of each import, ours and raw; `rate` is ours as a share of raw, `memory` how peak memory grows when
    the file is three times as long."""
    count = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        folder = Path(place)
        titles, loans = folder / "titles.csv", folder / "loans.csv"
        write_titles(titles, count)
        write_loans(loans, count * 4, count, max(10, count // 10))
        empty = _prepared(folder / "empty")
        stocked = _stocked(folder, empty, titles, count)
        found = {
            "titles": _compare(folder, empty, titles, "titles", raw_titles, count),
            "loans": _compare(folder, stocked, loans, "loans", raw_loans, count * 4),
        }
        found["titles"]["memory"] = _growth(folder, empty, count)
    rows = [{"file": name} | {key: str(value) for key, value in figures.items()} for name, figures in found.items()]
    return {"name": NAME, "size": size, "rows": count, "files": found, "table": table(rows), "machine": machine()}


def _open(folder: Path) -> Installation:
    return open_installation(Config(mode=Mode.DEMO, data_dir=folder), SetClock(_NOW))


def _prepared(folder: Path) -> Path:
    library = _open(folder)
    prepare_database(library.engine)
    _close(library)
    return folder


def _close(library: Installation) -> None:
    with library.engine.connect().execution_options(read_only=True) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()


def _stocked(folder: Path, empty: Path, titles: Path, count: int) -> Path:
    place = folder / "stocked"
    shutil.copytree(empty, place)
    copies, members = folder / "copies.csv", folder / "members.csv"
    copies.write_text("id,copies\n" + "".join(f"{n},1\n" for n in range(1, count + 1)))
    members.write_text("id,name\n" + "".join(f"{n},Reader {n}\n" for n in range(1, max(10, count // 10) + 1)))
    library = _open(place)
    for kind, path in (("titles", titles), ("copies", copies), ("members", members)):
        import_file(library, SYSTEM, kind, path)
    _close(library)
    return place


def _compare(
    folder: Path, base: Path, path: Path, kind: str, raw: Callable[[Path, Path], None], rows: int
) -> dict[str, Any]:  # fmt: skip
    places = iter([folder / f"{kind}-{number}" for number in range(2 * (ROUNDS + 1))])
    fresh = []
    for place in places:
        shutil.copytree(base, place)
        fresh.append(place)

    def ours(_: str) -> None:
        library = _open(fresh.pop())
        report = import_file(library, SYSTEM, kind, path)
        assert (report.added + report.merged, report.refused) == (rows, 0), report.reasons
        library.close()

    times = interleaved({"ours": ours, "raw": lambda _: raw(fresh.pop(), path)}, [kind], ROUNDS)
    figures = compared(times["ours"], times["raw"])
    seconds = times["ours"].wall[0] / 1000
    return {
        "rows": rows, "seconds": round(seconds, 2), "rows_a_second": round(rows / seconds),
        "rate": round(1 / figures["p50_ratio"], 3), "cpu_rate": round(1 / figures["p50_cpu_ratio"], 3),
    }  # fmt: skip


def _growth(folder: Path, empty: Path, count: int) -> float:
    peaks = []
    for part in (count, count * 3):
        path, place = folder / f"memory-{part}.csv", folder / f"memory-{part}"
        write_titles(path, part)
        shutil.copytree(empty, place)
        library = _open(place)
        tracemalloc.start()
        import_file(library, SYSTEM, "titles", path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        library.close()
    return round(peaks[1] / peaks[0], 2)


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
