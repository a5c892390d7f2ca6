"""A title's queue for staff: who waits, who has the copies, and moving somebody with a reason."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.builders import a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, hold, queue
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, links, read

PAGE = "staff/queue.py"
SessionOf = Callable[[Role], int]


def test_it_names_who_waits_in_order_and_who_has_the_copies(served: Installation, session_of: SessionOf) -> None:
    title, (barcode, _) = a_lent_title(served, "Emma", copies=2)
    for name in ("Ada <Vega>", "Bo Lind", "Cy Moss"):
        hold(served, a_member(served, name=name), title)
    came_back(served, barcode)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    said = read(at)
    assert "3 readers" in said
    assert said.index("Ready: Ada") < said.index("1. Bo Lind") < said.index("2. Cy Moss")
    assert f"copy {barcode} on the hold shelf until" in said
    assert "<Vega>" not in html_of(at)
    assert any(link.startswith("/member?id=") for link in links(at))


def test_somebody_is_moved_with_a_reason(served: Installation, session_of: SessionOf) -> None:
    title, _ = a_lent_title(served, "Emma")
    first, second = a_member(served, name="Ada Vega"), a_member(served, name="Bo Lind")
    hold(served, first, title)
    later = hold(served, second, title).hold_id
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    at.number_input(key=f"place-{later}-2").set_value(1)
    at.text_input(key=f"move-why-{later}-2").set_value("Needs it for tomorrow's class")
    at.button(key=f"move-it-{later}").click().run()
    assert [row[0] for row in queue(served, title)] == [second.account_id, first.account_id]
    assert read(at).index("1. Bo Lind") < read(at).index("2. Ada Vega")
    assert [place.value for place in at.number_input] == [1, 2], "each is asked from where it stands now"
    assert not any(why.value for why in at.text_input), "the reason of one move is none of another"


def test_every_hold_of_a_title_ends_at_once_for_a_reason(served: Installation, session_of: SessionOf) -> None:
    title, _ = a_lent_title(served, "Emma")
    for _ in range(2):
        hold(served, a_member(served), title)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    at.text_input(key="cancel-all-why").set_value("It leaves the collection")
    button(at, "Cancel all of them").click().run()
    assert queue(served, title) == []
    assert "Nobody waits for this title" in read(at)


def test_a_title_nobody_waits_for_and_without_copies_says_what_to_do(
    served: Installation, session_of: SessionOf
) -> None:
    a_librarian(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(a_title(served, "Emma")))
    assert "Nobody waits for this title" in read(at)
    assert "Add one on its page" in read(at)
