"""A row of covers under a heading, to be leafed through sideways."""

from dataclasses import dataclass
from datetime import date

from lib.access.work import UnitOfWork
from lib.catalogue.queries import Related, SectionRow, TitleCard, TitleDetail, sections, shelf
from lib.catalogue.queries import Shelf as Which
from lib.ui.linked import anchor, esc, listed
from lib.ui.navigation import href
from lib.ui.title_card import small_card

ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Shelf:
    """A heading, its titles, and where there are more of them."""

    heading: str
    cards: tuple[TitleCard, ...]
    more: str = ""
    line: str = ""


def shelves_html(shelves: list[Shelf]) -> str:
    """Shelves one under another; empty ones are left out."""
    return f'<div class="gap">{"".join(_shelf(shelf) for shelf in shelves if shelf.cards)}</div>'


def _shelf(shelf: Shelf) -> str:
    more = (
        anchor(shelf.more, f"See all<span hidden> of {esc(shelf.heading)}</span>", more='class="text"')
        if shelf.more
        else ""
    )
    line = f'<p class="soft small">{esc(shelf.line)}</p>' if shelf.line else ""
    head = f'<div class="head"><div><h2>{esc(shelf.heading)}</h2>{line}</div>{more}</div>'
    return f'<section class="shelf">{head}{listed(map(small_card, shelf.cards), "row")}</section>'


def in_focus(sections: tuple[SectionRow, ...], today: date) -> SectionRow | None:
    """The section that has its turn this week, among those with enough titles to fill a shelf."""
    full = [section for section in sections if section.titles >= ENOUGH]
    return full[today.toordinal() // 7 % len(full)] if full else None


def shelves_of(uow: UnitOfWork) -> list[Shelf]:
    """The shelves of the home page: new, popular, best rated, and the section of the week; empty ones left out."""
    found = [Shelf(heading, shelf(uow, which), f"/catalogue?sort={sort}") for heading, which, sort in _SHELVES]
    focus = in_focus(sections(uow), uow.today)
    if focus:
        more = href("catalogue", section=focus.id)
        found.append(Shelf(focus.name, shelf(uow, "popular", section_id=focus.id), more, "The section of this week"))
    return [one for one in found if one.cards]


_SHELVES: tuple[tuple[str, Which, str], ...] = (
    ("New in the library", "recent", "newest"),
    ("Read most", "popular", "popularity"),
    ("Best rated", "rated", "rating"),
)


def related_shelves(detail: TitleDetail, near: Related, together: tuple[TitleCard, ...]) -> list[Shelf]:
    """What stands near a title: its series, its authors, and what its readers borrowed too; none twice."""
    shown = {card.id for card in (*near.series, *near.authors)}
    also = tuple(card for card in together if card.id not in shown)
    series = detail.series.name if detail.series else ""
    writer = next((one for one in detail.contributors if one.role == "author"), None)
    found = [
        Shelf(f"More of {series}", near.series, href("catalogue", series_id=detail.series.id) if detail.series else "")
    ]
    if writer:
        more = href("catalogue", author_id=writer.author_id)
        found.append(Shelf(f"More by {writer.name}", near.authors, more))
    found.append(Shelf("Its readers also borrowed", also))
    return [one for one in found if one.cards]
