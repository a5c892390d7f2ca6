"""Finding people: any part of the name, typos, other scripts, cards, addresses, telephone numbers; by index only."""

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.members import ProfileForm, edit_profile
from lib.accounts.models import AccountStatus
from lib.accounts.people import Person, index_people, insert_person
from lib.accounts.queries import find_members
from tests.builders import a_librarian

PEOPLE = [
    "Ada Lovelace", "Grace Hopper", "Elżbieta Konstantynowicz", "Pacífica Garrido Bermejo", "Seán O’Connor",
    "李小龙", "ابن رشد", "Фёдор Достоевский", "Anna Mortensen", "Annabel Mortimer", "Ann Mortensen",
]  # fmt: skip


def _fill(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        for number, name in enumerate(PEOPLE):
            insert_person(
                uow,
                Person(
                    name=name, email=f"p{number}@example.org", card_number=f"28{number:011d}",
                    phone=f"+44 20 7946 {number:04d}",
                ),
            )  # fmt: skip


def _found(library: Installation, typed: str, **given: object) -> list[str]:
    with begin_reading(library, a_librarian(library, name="Zz Zz")) as uow:
        return [row.name for row in find_members(uow, typed, **given).rows]  # type: ignore[arg-type]


def test_people_are_found_by_what_one_remembers(library: Installation) -> None:
    _fill(library)
    asked = {
        "ada": ["Ada Lovelace"], "lovelace ada": ["Ada Lovelace"], "LOVE": ["Ada Lovelace"],
        "lovelac a": ["Ada Lovelace"],
        "elzbieta": ["Elżbieta Konstantynowicz"], "oconnor": ["Seán O’Connor"], "sean o'connor": ["Seán O’Connor"],
        "bermejo pacifica": ["Pacífica Garrido Bermejo"], "李小龙": ["李小龙"], "小龙": ["李小龙"], "龙": ["李小龙"],
        "رشد": ["ابن رشد"], "федор": ["Фёдор Достоевский"],
        "lovelase": ["Ada Lovelace"], "hoper grace": ["Grace Hopper"], "gracee hopepr": ["Grace Hopper"],
        "konstantinowicz": ["Elżbieta Konstantynowicz"], "konstanti": ["Elżbieta Konstantynowicz"],
        "p3@example.org": ["Pacífica Garrido Bermejo"], "P3@EXAMPLE.ORG": ["Pacífica Garrido Bermejo"],
        "2800000000005": ["李小龙"], "28 00000 00000 5": ["李小龙"], "+44 20 7946 0001": ["Grace Hopper"],
        "+44 (20) 7946-0001": ["Grace Hopper"],
        "ann mortensen": ["Ann Mortensen", "Anna Mortensen"],
        "ann": ["Ann Mortensen", "Anna Mortensen", "Annabel Mortimer"],
        "nobody at all": [], "ada hopper": [], "!!!": [], "\x00\ud800": _by_name(),
    }  # fmt: skip
    assert {typed: _found(library, typed, role=Role.MEMBER) for typed in asked} == asked


def _by_name() -> list[str]:
    from lib.kit.text import fold

    return sorted(PEOPLE, key=lambda name: fold(name).encode())


def test_filters_and_pages(sqlite_library: Installation) -> None:
    _fill(sqlite_library)
    with begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        page = find_members(uow, "", role=Role.MEMBER, page=2, size=4)
        assert (page.total, page.pages, len(page.rows), page.number) == (11, 3, 4, 2)
        assert find_members(uow, "", status=AccountStatus.PENDING).total == 0
        assert find_members(uow, "ada", role=Role.LIBRARIAN).total == 0
        assert find_members(uow, "ada", page=-5, size=10**9).size == 200


def test_a_new_name_is_found_at_once_with_its_typos(library: Installation) -> None:
    _fill(library)
    assert _found(library, "tereshkova") == []
    with begin_work(library, SYSTEM) as uow:
        reader = insert_person(uow, Person(name="Valentina Tereshkova"))
    assert _found(library, "tereschkova") == ["Valentina Tereshkova"]
    with begin_work(library, Actor(reader, Role.MEMBER)) as uow:
        edit_profile(uow, ProfileForm(name="Valentina Nikolayeva"))
    assert _found(library, "tereshkova") == []
    assert _found(library, "nikolaeva") == ["Valentina Nikolayeva"]


def test_an_ordinary_new_name_does_not_end_the_cache(sqlite_library: Installation) -> None:
    def mark() -> object:
        with begin_reading(sqlite_library, SYSTEM) as uow:
            return uow.connection.scalar(text("SELECT version FROM version_mark WHERE name = 'people'"))

    _fill(sqlite_library)
    before = mark()
    with begin_work(sqlite_library, SYSTEM) as uow:
        insert_person(uow, Person(name="Ada Hopper"))
    assert mark() == before


def test_indexing_again_changes_nothing(sqlite_library: Installation) -> None:
    _fill(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        index_people(uow, dict(enumerate(PEOPLE, start=1)))
    assert _found(sqlite_library, "lovelace") == ["Ada Lovelace"]


@pytest.mark.parametrize("typed", ["mortensen anna", "2800000000005", "p3@example.org", "+44 20 7946 0001"])
def test_no_table_of_people_is_scanned(sqlite_library: Installation, typed: str) -> None:
    from sqlalchemy import event

    _fill(sqlite_library)
    librarian = a_librarian(sqlite_library)
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cur: object, statement: str, values: object, *_rest: object) -> None:
        if "FROM account" in statement:
            asked.append((statement, values))

    event.listen(sqlite_library.engine, "before_cursor_execute", note)
    with begin_reading(sqlite_library, librarian) as uow:
        assert find_members(uow, typed).total >= 1
        event.remove(sqlite_library.engine, "before_cursor_execute", note)
        plans = [uow.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, values).all() for sql, values in asked]
    assert plans
    assert "SCAN account" not in str(plans).replace("SCAN account_word USING COVERING", "")
