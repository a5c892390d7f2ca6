"""Search: our whole answer (12 cards, total, facets with counts, availability) against FTS5's bare top 20 by bm25.

The reference is asked for the same words (the last one a beginning) of the same index on its own connection.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.corpus import Words, fill
from bench.measure import compared, interleaved, machine, table
from lib.access.actor import GUEST, SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.search import SearchQuery, search
from lib.catalogue.search_index import rebuild_index, reindex_titles
from lib.catalogue.search_query import parse
from lib.catalogue.search_sqlite import expression
from lib.kit.config import Config, Mode
from lib.kit.database import Statement
from lib.ops.schema import prepare_database

NAME = "search"
SIZES = {"small": 2_000, "medium": 100_000, "large": 1_000_000}
_QUESTIONS = 40
_RAW = Statement(
    "SELECT t.id, t.title, t.subtitle, t.year FROM"
    " (SELECT rowid, rank FROM title_search WHERE title_search MATCH :words ORDER BY rank LIMIT 20) found"
    " JOIN title t ON t.id = found.rowid ORDER BY found.rank"
)
_SAMPLE = Statement("SELECT title FROM title WHERE id IN (:*ids)")


def run(size: str) -> dict[str, Any]:
    """Figures for a catalogue of a size of SIZES: p50 and p95 of each class of question and their ratios."""
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as folder:
        library = open_installation(Config(mode=Mode.DEMO, data_dir=Path(folder)))
        try:
            return _measured(library, size)
        finally:
            library.close()


def _measured(library: Installation, size: str) -> dict[str, Any]:
    prepare_database(library.engine)
    titles = SIZES[size]
    with begin_work(library, SYSTEM) as uow:
        words, filling = _timed(lambda: fill(uow.connection, titles))
        _, indexing = _timed(lambda: rebuild_index(uow))
        uow.connection.exec_driver_sql("ANALYZE")
    _, loading = _timed(lambda: _ask(library, SearchQuery("x")))
    found = {name: _class(library, questions) for name, questions in _questions(library, words, titles).items()}
    rows = [{"class": name} | {key: str(value) for key, value in figures.items()} for name, figures in found.items()]
    return {
        "name": NAME, "size": size, "titles": titles, "classes": found, "table": table(rows),
        "indexed_per_s": round(titles / indexing), "filled_per_s": round(titles / filling),
        "first_search_s": round(loading, 3), "one_edit_then_search_ms": round(_edit_then_search(library), 3),
        "machine": machine(),
    }  # fmt: skip


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return act(), time.perf_counter() - start


def _ask(library: Installation, query: SearchQuery) -> Any:
    with begin_reading(library, GUEST) as uow:
        return search(uow, query)


def _questions(library: Installation, words: Words, titles: int) -> dict[str, list[str]]:
    ids = words.rng.sample(range(1, titles + 1), min(titles, _QUESTIONS * 4))
    with begin_reading(library, GUEST) as uow:
        names = [row[0].lower().split() for row in _SAMPLE.rows(uow.connection, ids=ids)]
    long = [[word for word in name if len(word) > 3] for name in names]
    return {
        "one word": [name[0] for name in long if name][:_QUESTIONS],
        "two words": [" ".join(name[:2]) for name in long if len(name) > 1][:_QUESTIONS],
        "beginning": [name[0][:4] for name in long if name][_QUESTIONS : _QUESTIONS * 2],
        "heavy word": [word for word in words.words if len(word) > 3][:10],
    }


def _class(library: Installation, questions: list[str]) -> dict[str, float]:
    with begin_reading(library, GUEST) as reader:

        def raw(text: str) -> object:
            return _RAW.rows(reader.connection, words=expression(parse(text).terms))

        def ours(text: str) -> object:
            return _ask(library, SearchQuery(text))

        times = interleaved({"ours": ours, "raw": raw}, questions)
    return compared(times["ours"], times["raw"])


def _edit_then_search(library: Installation) -> float:
    """Milliseconds from the start of an edit to the answer that shows it; the median of seven."""
    spent = []
    for number in range(1, 8):
        start = time.perf_counter()
        with begin_work(library, SYSTEM) as uow:
            Statement("UPDATE title SET title = :title WHERE id = :id").count(
                uow.connection, title=f"Unheardof{number}", id=number
            )
            reindex_titles(uow, [number])
        if _ask(library, SearchQuery(f"unheardof{number}")).total != 1:
            raise AssertionError("an edited title was not found by the next query")
        spent.append((time.perf_counter() - start) * 1000)
    return sorted(spent)[3]
