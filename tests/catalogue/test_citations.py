"""Citations in three styles, case by case."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lib.catalogue.citations import cite, cite_parts
from lib.catalogue.names import person_name
from lib.catalogue.rows import ContributorRow, TitleDetail

_AT = datetime(2026, 3, 10, tzinfo=UTC)


def a_detail(*people: str, **given: Any) -> TitleDetail:
    """A title by people written "Family, Given" or "role: Family, Given"."""
    contributors = []
    for number, text in enumerate(people):
        role, _, name = text.rpartition(": ")
        person = person_name(name)
        contributors.append(ContributorRow(number, person.name, role or "author", person.sort_name))
    values: dict[str, Any] = {
        "id": 1, "version": 1, "kind_id": 1, "kind": "book", "kind_name": "Book", "title": "A Title", "subtitle": "",
        "original_title": "", "isbns": (), "publisher": "", "year": None, "edition": "", "language": "en",
        "pages": None, "volume": "", "description": "", "series": None, "series_number": "", "genres": (), "tags": (),
        "sections": (), "call_number": "", "price_minor": None, "has_cover": False, "rating": None, "rating_count": 0,
        "loan_count": 0, "copies": (), "added_at": _AT, "changed_at": _AT, "archived_at": None,
    }  # fmt: skip
    return TitleDetail(contributors=tuple(contributors), **(values | given))


ONE = a_detail("Collins, Suzanne", title="The Hunger Games", publisher="Scholastic Press", year=2008)
TWO = a_detail("Gaiman, Neil", "Pratchett, Terry", title="Good Omens", publisher="Gollancz", year=1990,
               subtitle="The Nice and Accurate Prophecies")  # fmt: skip
THREE = a_detail("Cormen, Thomas H.", "Leiserson, Charles E.", "Rivest, Ronald L.", title="Introduction to Algorithms",
                 edition="Second edition", publisher="MIT Press", year=2001)  # fmt: skip
SEVEN = a_detail(*(f"Writer{n}, Ann" for n in range(1, 8)), title="Many Hands", publisher="Guild", year=2020)
TRANSLATED = a_detail("Dostoevsky, Fyodor", "translator: Pevear, Richard", "translator: Volokhonsky, Larissa",
                      title="Crime and Punishment", publisher="Vintage", year=1993)  # fmt: skip
EDITED = a_detail("editor: Atwood, Margaret", "editor: Pitlor, Heidi", title="The Best Stories", publisher="Mariner",
                  year=2019)  # fmt: skip
ONE_EDITOR = a_detail("editor: Atwood, Margaret", title="Poems", publisher="Oxford UP", year=1982)
NO_AUTHOR = a_detail(title="Beowulf", publisher="Penguin", year=1973)
NO_DATE = a_detail("Woolf, Virginia", title="Flush", publisher="Hogarth Press")
BARE = a_detail(title="Fragments")
ANCIENT = a_detail("Plato", title="Republic", year=-375)
EBOOK = a_detail("Weir, Andy", title="The Martian", kind="ebook", publisher="Crown", year=2014)
AUDIO = a_detail("Austen, Jane", "narrator: Stevenson, Juliet", title="Emma", kind="audiobook", publisher="Naxos",
                 year=2007)  # fmt: skip
VOLUME = a_detail("Knuth, Donald E.", title="The Art of Computer Programming", volume="Vol. 1", edition="3",
                  publisher="Addison-Wesley", year=1997)  # fmt: skip
PARTICLE = a_detail("Simone de Beauvoir", "translator: Parshley, H. M.", title="The Second Sex", publisher="Knopf",
                    year=1953)  # fmt: skip
SUFFIX = a_detail("King, Martin Luther, Jr.", title="Why We Can't Wait", publisher="Harper", year=1964)
BODY = a_detail("World Health Organization", title="ICD-11", publisher="World Health Organization", year=2019)
QUESTION = a_detail("Dick, Philip K.", title="Do Androids Dream of Electric Sheep?", publisher="Doubleday", year=1968)
FILM = a_detail("director: Kurosawa, Akira", title="Ran", kind="film", publisher="Toho", year=1985)
JAPANESE = a_detail("村上春樹", title="海辺のカフカ", publisher="新潮社", year=2002)
ARABIC = a_detail("محفوظ, نجيب", title="أولاد حارتنا", year=1959)
HYPHEN = a_detail("Sartre, Jean-Paul", title="Nausea", year=1938, publisher="Gallimard")


@pytest.mark.parametrize(
    ("detail", "apa", "mla", "chicago"),
    [
        (ONE, "Collins, S. (2008). The Hunger Games. Scholastic Press.",
         "Collins, Suzanne. The Hunger Games. Scholastic Press, 2008.",
         "Collins, Suzanne. The Hunger Games. Scholastic Press, 2008."),
        (TWO, "Gaiman, N., & Pratchett, T. (1990). Good Omens: The Nice and Accurate Prophecies. Gollancz.",
         "Gaiman, Neil, and Terry Pratchett. Good Omens: The Nice and Accurate Prophecies. Gollancz, 1990.",
         "Gaiman, Neil, and Terry Pratchett. Good Omens: The Nice and Accurate Prophecies. Gollancz, 1990."),
        (THREE, "Cormen, T. H., Leiserson, C. E., & Rivest, R. L. (2001). Introduction to Algorithms (2nd ed.)."
         " MIT Press.",
         "Cormen, Thomas H., et al. Introduction to Algorithms. 2nd ed., MIT Press, 2001.",
         "Cormen, Thomas H., Charles E. Leiserson, and Ronald L. Rivest. Introduction to Algorithms. 2nd ed."
         " MIT Press, 2001."),
        (SEVEN, "Writer1, A., Writer2, A., Writer3, A., Writer4, A., Writer5, A., Writer6, A., & Writer7, A. (2020)."
         " Many Hands. Guild.",
         "Writer1, Ann, et al. Many Hands. Guild, 2020.",
         "Writer1, Ann, Ann Writer2, Ann Writer3, et al. Many Hands. Guild, 2020."),
        (TRANSLATED, "Dostoevsky, F. (1993). Crime and Punishment (R. Pevear & L. Volokhonsky, Trans.). Vintage.",
         "Dostoevsky, Fyodor. Crime and Punishment. Translated by Richard Pevear and Larissa Volokhonsky, Vintage,"
         " 1993.",
         "Dostoevsky, Fyodor. Crime and Punishment. Translated by Richard Pevear and Larissa Volokhonsky. Vintage,"
         " 1993."),
        (EDITED, "Atwood, M., & Pitlor, H. (Eds.). (2019). The Best Stories. Mariner.",
         "Atwood, Margaret, and Heidi Pitlor, editors. The Best Stories. Mariner, 2019.",
         "Atwood, Margaret, and Heidi Pitlor, eds. The Best Stories. Mariner, 2019."),
        (ONE_EDITOR, "Atwood, M. (Ed.). (1982). Poems. Oxford UP.",
         "Atwood, Margaret, editor. Poems. Oxford UP, 1982.", "Atwood, Margaret, ed. Poems. Oxford UP, 1982."),
        (NO_AUTHOR, "Beowulf. (1973). Penguin.", "Beowulf. Penguin, 1973.", "Beowulf. Penguin, 1973."),
        (NO_DATE, "Woolf, V. (n.d.). Flush. Hogarth Press.", "Woolf, Virginia. Flush. Hogarth Press.",
         "Woolf, Virginia. Flush. Hogarth Press, n.d."),
        (BARE, "Fragments. (n.d.).", "Fragments.", "Fragments. n.d."),
        (ANCIENT, "Plato. (375 B.C.E.). Republic.", "Plato. Republic. 375 BCE.", "Plato. Republic. 375 BCE."),
        (EBOOK, "Weir, A. (2014). The Martian. Crown.", "Weir, Andy. The Martian. E-book ed., Crown, 2014.",
         "Weir, Andy. The Martian. Crown, 2014. E-book."),
        (AUDIO, "Austen, J. (2007). Emma (J. Stevenson, Narr.) [Audiobook]. Naxos.",
         "Austen, Jane. Emma. Narrated by Juliet Stevenson, audiobook ed., Naxos, 2007.",
         "Austen, Jane. Emma. Narrated by Juliet Stevenson. Naxos, 2007. Audiobook."),
        (VOLUME, "Knuth, D. E. (1997). The Art of Computer Programming (3rd ed., Vol. 1). Addison-Wesley.",
         "Knuth, Donald E. The Art of Computer Programming. 3rd ed., vol. 1, Addison-Wesley, 1997.",
         "Knuth, Donald E. The Art of Computer Programming. 3rd ed. Vol. 1. Addison-Wesley, 1997."),
        (PARTICLE, "de Beauvoir, S. (1953). The Second Sex (H. M. Parshley, Trans.). Knopf.",
         "Beauvoir, Simone de. The Second Sex. Translated by H. M. Parshley, Knopf, 1953.",
         "Beauvoir, Simone de. The Second Sex. Translated by H. M. Parshley. Knopf, 1953."),
        (SUFFIX, "King, M. L., Jr. (1964). Why We Can't Wait. Harper.",
         "King, Martin Luther, Jr. Why We Can't Wait. Harper, 1964.",
         "King, Martin Luther, Jr. Why We Can't Wait. Harper, 1964."),
        (BODY, "World Health Organization. (2019). ICD-11.", "World Health Organization. ICD-11. 2019.",
         "World Health Organization. ICD-11. 2019."),
        (QUESTION, "Dick, P. K. (1968). Do Androids Dream of Electric Sheep? Doubleday.",
         "Dick, Philip K. Do Androids Dream of Electric Sheep? Doubleday, 1968.",
         "Dick, Philip K. Do Androids Dream of Electric Sheep? Doubleday, 1968."),
        (FILM, "Kurosawa, A. (Director). (1985). Ran [Film]. Toho.",
         "Kurosawa, Akira, director. Ran. Toho, 1985.", "Kurosawa, Akira, dir. Ran. Toho, 1985. Film."),
        (JAPANESE, "村上春樹. (2002). 海辺のカフカ. 新潮社.", "村上春樹. 海辺のカフカ. 新潮社, 2002.",
         "村上春樹. 海辺のカフカ. 新潮社, 2002."),
        (ARABIC, "محفوظ, نجيب. (1959). أولاد حارتنا.", "محفوظ, نجيب. أولاد حارتنا. 1959.",
         "محفوظ, نجيب. أولاد حارتنا. 1959."),
        (HYPHEN, "Sartre, J.-P. (1938). Nausea. Gallimard.", "Sartre, Jean-Paul. Nausea. Gallimard, 1938.",
         "Sartre, Jean-Paul. Nausea. Gallimard, 1938."),
    ],
)  # fmt: skip
def test_a_title_is_cited_as_the_guides_say(detail: TitleDetail, apa: str, mla: str, chicago: str) -> None:
    assert cite(detail, "apa") == apa
    assert cite(detail, "mla") == mla
    assert cite(detail, "chicago") == chicago


@pytest.mark.parametrize(
    ("typed", "cited"),
    [
        ("2", "2nd ed."), ("2nd ed.", "2nd ed."), ("11th edition", "11th ed."), ("21", "21st ed."), ("1st", ""),
        ("First edition", ""), ("Revised", "Rev. ed."), ("Revised edition", "Rev. ed."), ("3. Auflage", "3rd ed."),
        ("Kindle", "Kindle"), ("", ""),
    ],
)  # fmt: skip
def test_editions_are_numbered_however_they_are_typed(typed: str, cited: str) -> None:
    expected = "Knuth, Donald E. Volume. " + (f"{cited} " if cited.endswith(".") else f"{cited}. " if cited else "")
    detail = a_detail("Knuth, Donald E.", title="Volume", edition=typed, publisher="AW", year=1997)
    assert cite(detail, "chicago") == f"{expected}AW, 1997."


def test_twenty_one_authors_are_shortened_in_apa() -> None:
    detail = a_detail(*(f"Writer{n}, Ann" for n in range(1, 22)), year=2020)
    assert "Writer19, A., … Writer21, A. (2020)." in cite(detail, "apa")
    assert "Writer20" not in cite(detail, "apa")


def test_only_the_title_is_set_in_italics() -> None:
    parts = cite_parts(TWO, "mla")
    assert [part.text for part in parts if part.italic] == ["Good Omens: The Nice and Accurate Prophecies"]
    assert "".join(part.text for part in parts) == cite(TWO, "mla")
