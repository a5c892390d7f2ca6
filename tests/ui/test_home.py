"""Home: the shelves, what is due, the ways in."""

from collections.abc import Callable
from datetime import date

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.billing.models import ChargeKind
from lib.catalogue.queries import SectionRow
from lib.catalogue.sections import add_section
from lib.catalogue.titles import bulk_edit
from lib.circulation.money import charge_member
from lib.ui.title_shelf import in_focus
from tests.builders import a_copy, a_loan, a_title, an_admin
from tests.circulation.hold_steps import a_lent_title, came_back, hold
from tests.ui.conftest import at_page, the_library
from tests.ui.on_screen import links, page_links, read, somebody_called

SessionOf = Callable[[Role], int]


def test_a_guest_sees_the_library_its_shelves_its_days_and_the_way_in(served: Installation) -> None:
    title_id = a_title(served, "The Left Hand of Darkness", loan_count=3)
    at = the_library().run()
    words = read(at)
    assert not at.exception
    assert at.title[0].value == "Galactic Tome Nexus"
    assert "Every book, every reader" in words
    assert "New in the library" in words
    assert "Read most" in words
    assert "Best rated" not in words
    assert "Open today" in words
    assert f"/title?id={title_id}" in links(at)
    assert [found.label for found in at.button if found.label == "Search"] == ["Search"]


def test_a_search_leads_to_the_catalogue_with_the_words_in_the_address(served: Installation) -> None:
    a_title(served, "Emma")
    at = the_library().run()
    at.text_input[0].set_value("emma")
    at.button[0].click().run()
    assert at.title[0].value == "Catalogue"
    assert at.query_params["q"] == "emma"


def test_an_empty_library_says_so_to_readers_and_shows_staff_the_ways_in(
    served: Installation, session_of: SessionOf
) -> None:
    assert "The first titles are on their way" in read(the_library().run())
    staff = the_library(session_of(Role.ADMIN)).run()
    assert "The shelves are still empty" in read(staff)
    assert "Fill them from a file" in read(staff)


def test_a_member_sees_first_what_is_due(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    a_loan(served, somebody_called(served, "member"), days_ago=20)
    words = read(the_library(session).run())
    assert "What you have at home" in words
    assert "Due tomorrow" in words
    assert words.index("Due tomorrow") < words.index("New in the library")


def test_what_stands_against_renewing_anything_is_said_once(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    reader = somebody_called(served, "member")
    for title in ("Emma", "Dune"):
        a_loan(served, reader, a_copy(served, a_title(served, title)))
    with begin_work(served, an_admin(served)) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=900, what="A lost key")
    at = the_library(session).run()
    told = read(at).replace("\\", "")
    assert told.count("Nothing can be renewed just now") == 1
    assert "€9.00 is owed; borrowing stops above €5.00." in told
    assert ("See what you owe", "my-money") in page_links(at)


def test_a_member_sees_what_is_ready_before_what_is_due(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    me = somebody_called(served, "member")
    a_loan(served, me, days_ago=20)
    title_id, (barcode,) = a_lent_title(served, "Emma")
    hold(served, me, title_id)
    came_back(served, barcode)
    words = read(the_library(session).run())
    assert "Ready for you until Tuesday, 17 March 2026" in words
    assert words.index("Ready for you") < words.index("Due tomorrow") < words.index("New in the library")


def test_a_section_with_enough_titles_has_its_shelf(served: Installation) -> None:
    admin = an_admin(served)
    ids = [a_title(served) for _ in range(7)]
    with begin_work(served, admin) as uow:
        section = add_section(uow, "Poems for the road", "Short ones")
        bulk_edit(uow, ids, add_sections=(section,))
        uow.connection.exec_driver_sql("UPDATE title SET loan_count = 1")
    at = the_library().run()
    assert "Poems for the road" in read(at)
    assert f"/catalogue?section={section}" in links(at)


def test_each_section_has_its_week_and_small_ones_none() -> None:
    def section(number: int, titles: int) -> SectionRow:
        return SectionRow(number, f"S{number}", "", date(2026, 1, 1), titles, 1)

    rows = (section(1, 9), section(2, 2), section(3, 9))
    weeks = [in_focus(rows, date.fromordinal(date(2026, 3, 9).toordinal() + 7 * week)) for week in range(4)]
    assert {found.id for found in weeks if found} == {1, 3}
    assert weeks[0] != weeks[1]
    assert in_focus((section(2, 2),), date(2026, 3, 10)) is None


def test_the_home_page_is_the_first_for_everybody(session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), "public/home.py")
    assert not at.exception
    assert at.title[0].value == "Galactic Tome Nexus"
