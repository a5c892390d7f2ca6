"""What stands under a title's name: subtitle, who made it, rating, form."""

from lib.catalogue.queries import ContributorRow, TitleDetail
from lib.ui.linked import anchor, esc
from lib.ui.navigation import href
from lib.ui.title_card import kind_name, language_name, stars, year_text
from lib.ui.words import count

ROLES = {
    "author": "", "translator": "translated by ", "illustrator": "illustrated by ", "editor": "edited by ",
    "narrator": "read by ", "composer": "composed by ", "director": "directed by ",
}  # fmt: skip
MOST_PEOPLE = 8


def head_html(detail: TitleDetail) -> str:
    """The lines below the heading as HTML."""
    subtitle = f'<p class="byline soft" dir="auto">{esc(detail.subtitle)}</p>' if detail.subtitle else ""
    facts = [year_text(detail.year), kind_name(detail.kind), language_name(detail.language)]
    marks = [f"<span>{esc(' · '.join(filter(None, facts)))}</span>", stars(detail.rating, detail.rating_count)]
    if detail.loan_count:
        marks.append(f"<span>lent {esc(count(detail.loan_count, 'time', 'times'))}</span>")
    series = _series(detail)
    return f'{subtitle}{_people(detail.contributors)}{series}<p class="marks soft">{"".join(filter(None, marks))}</p>'


def _people(people: tuple[ContributorRow, ...]) -> str:
    parts = [f"{esc(_role(one.role))}{_name(one)}" for one in people[:MOST_PEOPLE]]
    if len(people) > MOST_PEOPLE:
        parts.append("and others")
    return f'<p class="byline">{", ".join(parts)}</p>' if parts else ""


def _role(role: str) -> str:
    return ROLES.get(role, f"{role.replace('-', ' ')}: ")


def _name(one: ContributorRow) -> str:
    return anchor(href("catalogue", author_id=one.author_id), f"<bdi>{esc(one.name)}</bdi>", more='class="text"')


def _series(detail: TitleDetail) -> str:
    if detail.series is None:
        return ""
    name = f"<bdi>{esc(detail.series.name)}</bdi>"
    link = anchor(href("catalogue", series_id=detail.series.id), name, more='class="text"')
    number = f", {esc(detail.series_number)}" if detail.series_number else ""
    return f"<p>Part of {link}{number}</p>"
