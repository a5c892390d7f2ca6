"""Ways to narrow a search: facets with counts, chips of what is chosen, orders. All of it links."""

from lib.catalogue.search_facets import FacetCount
from lib.catalogue.search_query import SearchQuery, Sort
from lib.ui.linked import anchor, esc
from lib.ui.search_address import address_of, toggled
from lib.ui.words import number

HEADINGS = {
    "available": "Availability", "kind": "Kind", "genre": "Genre", "section": "Section", "language": "Language",
    "decade": "Published", "location": "Place", "rating": "Rating",
}  # fmt: skip
SHOWN = 8
SORTS = {
    Sort.RELEVANCE: "Best match", Sort.NEWEST: "Newest", Sort.TITLE: "Title", Sort.AUTHOR: "Author",
    Sort.POPULARITY: "Most borrowed", Sort.RATING: "Best rated",
}  # fmt: skip
CROSS = '<span aria-hidden="true">✕</span>'


def facets_html(query: SearchQuery, facets: dict[str, tuple[FacetCount, ...]]) -> str:
    """The panel: open beside the results, behind a button where the screen is narrow."""
    groups = "".join(_facet(query, name, facets.get(name, ())) for name in HEADINGS)
    return (
        f'<details class="facets" data-wide><summary>Narrow the results</summary>{groups}</details>' if groups else ""
    )


def _facet(query: SearchQuery, name: str, values: tuple[FacetCount, ...]) -> str:
    useful = [value for value in values if value.count or value.chosen]
    if not useful or (len(useful) == 1 and name not in ("available", "rating") and not useful[0].chosen):
        return ""
    links = "".join(f"<li>{_choice(query, name, value)}</li>" for value in useful[:SHOWN])
    rest = "".join(f"<li>{_choice(query, name, value)}</li>" for value in useful[SHOWN:])
    more = f"<details><summary>More</summary><ul>{rest}</ul></details>" if rest else ""
    return f'<div class="facet"><h2>{esc(HEADINGS[name])}</h2><ul>{links}</ul>{more}</div>'


def _choice(query: SearchQuery, name: str, value: FacetCount) -> str:
    address = address_of(query, **toggled(query, name, value.value, value.chosen))
    inner = f"<span><bdi>{esc(value.label)}</bdi></span><span>{number(value.count)}</span>"
    return anchor(address, inner, more='aria-current="true"' if value.chosen else "")


def chips_html(query: SearchQuery, facets: dict[str, tuple[FacetCount, ...]], people: dict[str, str]) -> str:
    """What narrows the search now, each to be taken away by a click; `people` names the author and the series."""
    chips = [_chip(label, address_of(query, **change)) for label, change in _chosen(query, facets, people)]
    if len(chips) > 1:
        bare = SearchQuery(text=query.text, sort=query.sort, size=query.size)
        chips.append(anchor(address_of(bare), "Clear all", more='class="text"'))
    return f'<div class="chips">{"".join(chips)}</div>' if chips else ""


def _chosen(
    query: SearchQuery, facets: dict[str, tuple[FacetCount, ...]], people: dict[str, str]
) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    for name, text in query.fields.items():
        found.append((f"{name.capitalize()}: {text}", {"fields": {k: v for k, v in query.fields.items() if k != name}}))
    if query.author_id is not None:
        found.append((people.get("author") or "One author", {"author_id": None}))
    if query.series_id is not None:
        found.append((people.get("series") or "One series", {"series_id": None}))
    for name in HEADINGS:
        if name != "decade":
            found += [(v.label, toggled(query, name, v.value, True)) for v in facets.get(name, ()) if v.chosen]
    if query.year_from is not None or query.year_to is not None:
        found.append((_years(query), {"year_from": None, "year_to": None}))
    return found


def _years(query: SearchQuery) -> str:
    low, high = query.year_from, query.year_to
    if low is None:
        return f"Until {high}"
    return f"Since {low}" if high is None else f"{low} to {high}"


def _chip(label: str, address: str) -> str:
    return anchor(address, f"<bdi>{esc(label)}</bdi>{CROSS}", more=f'class="chip" aria-label="Take away: {esc(label)}"')


def sorts_html(query: SearchQuery) -> str:
    """The orders as links; the one in force is marked. Where no word was asked for, nothing matches best: then what
    is borrowed most comes first."""
    current = Sort.POPULARITY if query.sort is Sort.RELEVANCE and not query.text else query.sort
    links = [
        anchor(address_of(query, sort=sort), label, more='aria-current="true"' if sort is current else "")
        for sort, label in SORTS.items() if sort is not Sort.RELEVANCE or query.text
    ]  # fmt: skip
    return f'<nav class="sorts" aria-label="Order">{"".join(links)}</nav>'
