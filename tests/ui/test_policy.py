"""The lending policy: what holds, its lines, membership types and kinds of item."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.accounts.membership_types import list_types
from lib.catalogue.queries import kinds
from lib.circulation.rules import policy_lines
from lib.ui.policy_lines import line_name
from tests.builders import a_title, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, read

PAGE = "admin/policy.py"
SessionOf = Callable[[Role], int]


def part(session: int, name: str) -> AppTest:
    at = at_page(session, PAGE)
    at.radio(key="part").set_value(name).run()
    return at


def general_days(library: Installation) -> int | None:
    with begin_reading(library, an_admin(library)) as uow:
        return policy_lines(uow)[0].values["loan_days"]


def test_what_holds_is_a_table_of_everyone(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert '<th scope="row">Public</th>' in html_of(at)
    at.selectbox(key="value").set_value("fine_per_day").run()
    assert "€0.10" in html_of(at)


def test_a_line_is_changed_and_holds(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    next(found for found in at.number_input if found.label == "Loan period (days)").set_value(14)
    button(at, "Save this line").click().run()
    assert general_days(served) == 14
    assert "open loans keep their own rules" in read(at)


def test_a_new_line_is_added_and_taken_out(served: Installation, session_of: SessionOf) -> None:
    with begin_reading(served, an_admin(served)) as uow:
        student = next(row for row in list_types(uow) if row.code == "staff")
        before = len(policy_lines(uow))
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.radio[-1].set_value(0).run()
    next(found for found in at.selectbox if found.label == "Member type").set_value(student).run()
    next(found for found in at.number_input if found.label == "Loan period (days)").set_value(7)
    button(at, "Save this line").click().run()
    with begin_reading(served, an_admin(served)) as uow:
        lines = policy_lines(uow)
    assert len(lines) == before + 1
    made = next(line for line in lines if line.membership_type_id == student.id)
    at.radio[-1].set_value(made.id).run()
    button(at, "Take it out").click().run()
    with begin_reading(served, an_admin(served)) as uow:
        assert len(policy_lines(uow)) == before


def test_a_membership_type_is_added_and_renamed(served: Installation, session_of: SessionOf) -> None:
    at = part(session_of(Role.ADMIN), "Membership types")
    at.text_input(key="type-new-name").set_value("Guest")
    at.text_input(key="type-new-code").set_value("guest")
    button(at, "Add the type").click().run()
    with begin_reading(served, an_admin(served)) as uow:
        assert "Guest" in [row.name for row in list_types(uow)]


def test_a_type_without_a_code_is_refused_by_the_name_of_its_field(served: Installation, session_of: SessionOf) -> None:
    at = part(session_of(Role.ADMIN), "Membership types")
    at.text_input(key="type-new-name").set_value("Guest")
    at.text_input(key="type-new-code").set_value("Ünïque!")
    button(at, "Add the type").click().run()
    assert "**Short name:**" in at.error[0].value


def test_a_type_that_members_have_is_not_retired(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    at = part(session, "Membership types")
    toggle = next(found for found in at.toggle if found.key and "-public-" in found.key)
    toggle.set_value(True)
    place = [found.key for found in at.toggle].index(toggle.key)
    [found for found in at.button if found.label == "Save"][place].click().run()
    assert "members have this type" in at.error[0].value


def test_a_kind_is_added_and_deleted_while_nothing_is_of_it(served: Installation, session_of: SessionOf) -> None:
    a_title(served, kind="book")
    at = part(session_of(Role.ADMIN), "Kinds of item")
    at.text_input(key="kind-new-name").set_value("Seeds")
    at.text_input(key="kind-new-code").set_value("seeds")
    button(at, "Add the kind").click().run()
    with begin_reading(served, an_admin(served)) as uow:
        made = next(row for row in kinds(uow) if row.code == "seeds")
        book = next(row for row in kinds(uow) if row.code == "book")
    assert at.button(key=f"kind-{book.id}-delete").disabled
    at.button(key=f"kind-{made.id}-delete").click().run()
    with begin_reading(served, an_admin(served)) as uow:
        assert "seeds" not in [row.code for row in kinds(uow)]
    assert "Delete this kind" in labels(at)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("any × any", "Everybody, everything"),
        ("Student × any", "Student, everything"),
        ("any × Film", "Everybody, film"),
    ],
)
def test_a_line_is_called_as_people_say_it(label: str, words: str) -> None:
    assert line_name(label) == words
