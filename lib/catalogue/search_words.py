""" "Did you mean": the words of the catalogue that are spelt nearly like those that found nothing."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler
from sqlalchemy import Connection

from lib.access.work import UnitOfWork
from lib.catalogue.search_engine import Ids
from lib.catalogue.search_index import id_list
from lib.catalogue.search_query import Parsed, Term
from lib.kit.database import Statement
from lib.kit.text import fold, is_cjk

_MOST_NEIGHBOURS = 16
_MOST_TRIES = 60
_MOST_WORDS = 6
_WRITTEN = re.compile(r"\w+")
_AFTER = Statement("SELECT id, word FROM search_word WHERE id > :last ORDER BY id")
_LAST = Statement("SELECT max(id) FROM search_word")


@dataclass(slots=True)
class Vocabulary:
    """Every word of the catalogue, kept once a process; new ones are fetched when needed."""

    last: int = 0
    words: dict[str, None] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, connection: Connection) -> None:
        """Fetches the words that came since; all of them after the index was rebuilt."""
        last = _LAST.row(connection)[0] or 0
        with self.guard:
            if last < self.last:
                self.words, self.last = {}, 0
            if last == self.last:
                return
            fresh = dict(self.words)
            for number, word in _AFTER.rows(connection, last=self.last):
                fresh[word] = None
                self.last = number
            self.words = fresh


def suggest(uow: UnitOfWork, parsed: Parsed, find: Callable[[Parsed], Ids], more_than: int) -> str | None:
    """The query with misspelt words set right, if that finds more titles than `more_than`; else None.

    `find` gives the titles that a corrected query finds.
    """
    vocabulary: Vocabulary = uow.installation.cache.get("search words", "", 0, Vocabulary)
    vocabulary.refresh(uow.connection)
    # Words that the catalogue knows are taken to be meant, unless nothing else helps where nothing was found.
    best = _best(vocabulary.words, parsed, find, more_than, known_stay=True)
    if best is None and not more_than:
        best = _best(vocabulary.words, parsed, find, more_than, known_stay=False)
    return _as_written(uow, *best) if best else None


def _best(
    words: dict[str, None], parsed: Parsed, find: Callable[[Parsed], Ids], more_than: int, known_stay: bool
) -> tuple[Parsed, Ids] | None:
    """Of the corrections with the fewest edits that find enough, the one that finds most."""
    choices = [_choices(words, term, known_stay) for term in parsed.terms[:_MOST_WORDS]]
    best: tuple[int, Parsed, Ids] | None = None
    for cost, terms in _combinations(choices):
        if best is not None and cost > best[0]:
            break
        corrected = replace(parsed, terms=terms + parsed.terms[_MOST_WORDS:])
        hits = find(corrected)
        if len(hits) > more_than and (best is None or len(hits) > len(best[2])):
            best = (cost, corrected, hits)
    return best[1:] if best else None


def _as_written(uow: UnitOfWork, parsed: Parsed, hits: Ids) -> str:
    """A query with its words as the catalogue writes them: "война" where the index says "воина"."""
    among = id_list(hits[:20])
    rows = Statement(
        f"SELECT title || ' ' || subtitle FROM title WHERE id IN ({among}) UNION ALL SELECT a.name FROM title_author ta"
        f" JOIN author a ON a.id = ta.author_id WHERE ta.title_id IN ({among})"
    ).rows(uow.connection)
    written = {fold(word): word.lower() for row in rows for word in _WRITTEN.findall(row[0])}
    return spelt(parsed, written)


def _combinations(choices: list[list[tuple[int, tuple[Term, ...]]]]) -> Iterator[tuple[int, tuple[Term, ...]]]:
    every = islice(product(*choices), 2000)
    costed = sorted(
        ((sum(cost for cost, _ in chosen), sum((terms for _, terms in chosen), ())) for chosen in every),
        key=lambda pair: pair[0],
    )
    return islice((pair for pair in costed if pair[0] > 0), _MOST_TRIES)


def _choices(words: dict[str, None], term: Term, known_stay: bool) -> list[tuple[int, tuple[Term, ...]]]:
    """A term as it is (cost 0) and as it may have been meant: (edits, terms)."""
    word = term.words[0]
    options: list[tuple[int, tuple[Term, ...]]] = [(0, (term,))]
    if term.quoted or len(term.words) > 1 or len(word) < 3 or is_cjk(word) or word.isdigit():
        return options
    if known_stay and word in words:
        return options
    for near, edits in neighbours(words, word):
        options.append((edits, (replace(term, words=(near,), prefix=False),)))
    if word not in words:
        options += [
            (1, tuple(replace(term, words=(part,), prefix=False) for part in parts)) for parts in _split(words, word)
        ]
    return options


def neighbours(words: dict[str, None], word: str) -> list[tuple[str, int]]:
    """Words at most one edit away (two from five letters, three from nine), the nearest first, with the edits."""
    most = 1 if len(word) < 5 else 2 if len(word) < 9 else 3
    found = process.extract(
        word, words.keys(), scorer=OSA.distance, processor=None, score_cutoff=most, limit=_MOST_NEIGHBOURS * 8
    )
    near = [(other, int(edits)) for other, edits, _ in found if other != word and abs(len(other) - len(word)) <= most]
    near.sort(key=lambda pair: (pair[1], -JaroWinkler.similarity(word, pair[0]), pair[0]))
    return near[:_MOST_NEIGHBOURS]


def _split(words: dict[str, None], word: str) -> list[tuple[str, str]]:
    pairs = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
    return [pair for pair in pairs if pair[0] in words and pair[1] in words][:2]


def spelt(parsed: Parsed, written: Mapping[str, str]) -> str:
    """A query as one would type it; `written` has the usual spelling of folded words."""
    wanted = [_spelt_term(term, written) for term in parsed.terms]
    unwanted = ["-" + _spelt_term(term, written) for term in parsed.excluded]
    unwanted += [f"-isbn:{isbn}" for isbn in parsed.excluded_isbns]
    return " ".join(wanted + unwanted + [f"isbn:{isbn}" for isbn in parsed.isbns])


def _spelt_term(term: Term, written: Mapping[str, str]) -> str:
    words = " ".join(written.get(word, word) for word in term.words)
    if is_cjk(term.words[0]) and len(term.words) > 1:
        words = term.words[0] + "".join(pair[-1] for pair in term.words[1:])
    words = f'"{words}"' if term.quoted else words
    return f"{term.field}:{words}" if term.field else words
