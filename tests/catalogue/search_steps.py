"""Steps that tests of search take, and titles of their small catalogue."""

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.catalogue.search import SearchQuery, SearchResult, search

HOBBIT, RINGS, BIOGRAPHY = "The Hobbit", "The Lord of the Rings", "Tolkien: A Biography"
SKETCHBOOK, SOLITUDE, MOUNTAIN = "The Lord of the Rings: Sketchbook", "Cien años de soledad", "Der Zauberberg"
CAT, CATS, KINGDOMS, DAYS = "吾輩は猫である", "猫", "三国演义 第3卷", "الأيام"
WAR, HINDI, ART, ARTHUR = "Война и мир", "हिन्दी साहित्य", "A History of Art", "Arthur and the Round Table"
CAFE, ODES = "Café Society", "Odes"


def look(library: Installation, query: SearchQuery | str, actor: Actor = GUEST) -> SearchResult:
    with begin_reading(library, actor) as uow:
        return search(uow, SearchQuery(query) if isinstance(query, str) else query)


def titles(result: SearchResult) -> list[str]:
    return [card.title for card in result.cards]


def counts(result: SearchResult, facet: str) -> dict[str, int]:
    return {value.label: value.count for value in result.facets[facet]}
