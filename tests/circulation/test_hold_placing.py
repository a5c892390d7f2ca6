"""Placing and cancelling holds: the queue, every reason against it, and what happens to the copy."""

from datetime import timedelta

import pytest

from lib.access.installation import Installation
from lib.circulation.errors import CannotHold, HoldIsOver, HoldIsReady
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import (
    a_lent_title,
    came_back,
    cancelled,
    considered,
    copy_id_of,
    forward,
    hold,
    moved,
    queue,
    resumed,
    set_lending,
    sound,
    states,
    suspended,
)
from tests.circulation.steps import rows, set_rule


def _codes(refusal: CannotHold) -> list[str]:
    return [reason.code for reason in refusal.reasons]


def test_members_wait_in_the_order_in_which_they_came(library: Installation) -> None:
    title, _ = a_lent_title(library, "Dune")
    readers = [a_member(library) for _ in range(3)]
    receipts = [hold(library, reader, title) for reader in readers]
    assert [receipt.position for receipt in receipts] == [1, 2, 3]
    assert receipts[0].title == "Dune"
    assert queue(library, title) == [(reader.account_id, n + 1) for n, reader in enumerate(readers)]
    sound(library)


def test_who_leaves_the_queue_leaves_no_gap(library: Installation) -> None:
    title, _ = a_lent_title(library)
    readers = [a_member(library) for _ in range(4)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    cancelled(library, readers[1], ids[1])
    assert queue(library, title) == [(readers[n].account_id, place) for place, n in enumerate((0, 2, 3), 1)]
    with pytest.raises(HoldIsOver):
        cancelled(library, readers[1], ids[1])
    sound(library)


def test_a_copy_that_comes_back_goes_to_the_first_with_one_notice(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    first, second = a_member(library, name="Ada"), a_member(library)
    hold(library, first, title)
    hold(library, second, title)
    offer = came_back(library, barcode)
    assert offer is not None
    assert (offer.account_id, offer.name) == (first.account_id, "Ada")
    assert offer.shelf_until == library.clock.now().date() + timedelta(days=7)
    assert rows(library, "SELECT status FROM copy") == [("on_hold_shelf",)]
    assert queue(library, title) == [(second.account_id, 1)]
    told = rows(library, "SELECT account_id, kind, body FROM notice")
    assert [row[:2] for row in told] == [(first.account_id, "hold-ready")]
    assert "“Dune”" in told[0][2]
    assert "17 March 2026" in told[0][2]
    sound(library)


def test_cancelling_a_ready_hold_offers_the_copy_to_the_next_at_once(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    first, second, desk = a_member(library), a_member(library), a_librarian(library)
    one, two = (hold(library, reader, title).hold_id for reader in (first, second))
    came_back(library, barcode)
    receipt = cancelled(library, first, one)
    assert receipt.offer is None  # who is next is not for readers to know
    assert states(library) == ["cancelled", "ready"]
    again = cancelled(library, desk, two, reason="Asked by telephone")
    assert (again.offer, again.freed_copy_id) == (None, copy_id_of(library, barcode))
    assert rows(library, "SELECT status FROM copy") == [("available",)]
    assert [row[0] for row in rows(library, "SELECT kind FROM notice ORDER BY id")] == ["hold-cancelled"]
    sound(library)


def test_the_desk_needs_a_reason_to_cancel_and_the_holder_is_told(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader, desk = a_member(library), a_librarian(library)
    number = hold(library, reader, title).hold_id
    with pytest.raises(Invalid):
        cancelled(library, desk, number)
    cancelled(library, desk, number, reason="The copy is lost")
    assert "The copy is lost" in rows(library, "SELECT body FROM notice")[0][0]


def test_one_key_places_and_cancels_once(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader = a_member(library)
    assert hold(library, reader, title, key="k") == hold(library, reader, title, key="k")
    number = int(rows(library, "SELECT id FROM hold")[0][0])
    assert cancelled(library, reader, number, key="c") == cancelled(library, reader, number, key="c")


def test_what_stands_on_the_shelf_is_borrowed_not_held(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    a_copy(library, title, shelf="B-12")
    with pytest.raises(CannotHold) as refused:
        hold(library, reader, title)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.way_out_action) == ("on-shelf", "borrow")
    assert "B-12" in reason.way_out
    set_lending(library, hold_on_shelf=True)
    assert hold(library, reader, title).position == 1
    assert states(library) == ["waiting"]  # it is fetched by the pull list: nobody has it in hand yet


def test_a_hold_on_a_copy_looks_at_that_copy_alone(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    on_shelf, out = a_copy(library, title), a_copy(library, title)
    a_loan(library, a_member(library), out)
    with pytest.raises(CannotHold):
        hold(library, reader, title, copy_id=copy_id_of(library, on_shelf))
    assert hold(library, reader, title, copy_id=copy_id_of(library, out)).position == 1
    with pytest.raises(NotFound):
        hold(library, a_member(library), title, copy_id=copy_id_of(library, a_copy(library)))


def test_a_hold_on_a_copy_is_served_by_that_copy_only(library: Installation) -> None:
    title, (first, second) = a_lent_title(library, copies=2)
    reader, behind = a_member(library), a_member(library)
    hold(library, reader, title, copy_id=copy_id_of(library, second))
    assert came_back(library, first) is None
    hold(library, behind, a_lent_title(library)[0])
    offer = came_back(library, second)
    assert offer is not None
    assert offer.account_id == reader.account_id
    sound(library)


def test_all_reasons_are_told_at_once_and_the_desk_may_override_some(library: Installation) -> None:
    desk, title = a_librarian(library), a_lent_title(library)[0]
    set_rule(library, max_holds=1)
    reader = a_member(library)
    hold(library, reader, a_lent_title(library, "Emma")[0])
    a_loan(library, reader, a_copy(library, title))
    with pytest.raises(CannotHold) as refused:
        hold(library, reader, title)
    assert _codes(refused.value) == ["same-title", "hold-limit-reached"]
    assert refused.value.reasons[1].way_out == "Collect or cancel one of “Emma”."
    with pytest.raises(Forbidden):
        hold(library, reader, title, override="I want it")
    hold(library, desk, title, member_id=reader.account_id, override="For the book club")
    assert states(library) == ["waiting", "waiting"]
    sound(library)


def test_a_title_is_held_once_whatever_the_desk_says(library: Installation) -> None:
    desk, reader, title = a_librarian(library), a_member(library), a_lent_title(library)[0]
    hold(library, reader, title)
    with pytest.raises(CannotHold) as refused:
        hold(library, desk, title, member_id=reader.account_id, override="Twice is better")
    assert _codes(refused.value) == ["already-held"]


def test_what_never_comes_back_is_not_held(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    assert [r.code for r in considered(library, reader, title).reasons] == ["no-copies"]
    lost = a_copy(library, title, status="lost")
    assert [r.code for r in considered(library, reader, title).reasons] == ["no-copies"]
    found = considered(library, reader, title, copy_id=copy_id_of(library, lost))
    assert [r.code for r in found.reasons] == ["copy-gone"]
    a_copy(library, title, status="on_order")
    assert considered(library, reader, title).may
    gone = a_title(library, archived_at=library.clock.now())
    assert [r.code for r in considered(library, reader, gone).reasons] == ["title-archived"]
    with pytest.raises(NotFound):
        considered(library, reader, 10**9)


def test_a_limit_for_a_kind_counts_that_kind_alone(library: Installation) -> None:
    set_rule(library, kind="film", max_holds=1)
    reader = a_member(library)
    hold(library, reader, a_lent_title(library)[0])
    hold(library, reader, a_lent_title(library, kind="film")[0])
    refused = considered(library, reader, a_lent_title(library, kind="film")[0])
    assert [reason.text for reason in refused.reasons] == ["The limit of 1 holds of this kind is reached."]
    assert considered(library, reader, a_lent_title(library)[0]).may


@pytest.mark.parametrize("order", ["book book book film film", "film film book book book"])
def test_how_many_may_be_held_does_not_depend_on_the_order(library: Installation, order: str) -> None:
    set_rule(library, max_holds=3)
    set_rule(library, kind="film", max_holds=2)
    reader = a_member(library)
    for kind in order.split():
        hold(library, reader, a_lent_title(library, kind=kind)[0])
    texts = [considered(library, reader, a_lent_title(library, kind=kind)[0]).reasons for kind in ("book", "film")]
    assert [reason.text for (reason,) in texts] == [
        "The limit of 3 holds is reached; kinds with a limit of their own do not count.",
        "The limit of 2 holds of this kind is reached.",
    ]
    sound(library)


def test_what_a_member_may_not_take_home_they_may_not_wait_for(library: Installation) -> None:
    """The desk may decide otherwise, for a reason."""
    set_rule(library, kind="film", max_loans=0)
    desk, reader, title = a_librarian(library), a_member(library), a_lent_title(library, kind="film")[0]
    with pytest.raises(CannotHold) as refused:
        hold(library, reader, title)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.text) == ("not-lent", "Items of this kind are not lent to this type of member.")
    assert (reason.way_out, reason.way_out_action) == ("Use it in the library.", None)
    assert considered(library, reader, a_lent_title(library)[0]).may
    assert hold(library, desk, title, member_id=reader.account_id, override="For the exhibition").position == 1
    set_rule(library, max_loans=0)
    (reason,) = considered(library, a_member(library), a_lent_title(library)[0]).reasons
    assert reason.text == "Nothing is lent to this type of member."
    sound(library)


def test_where_nothing_is_reserved_nobody_is_told_to_change_the_policy(library: Installation) -> None:
    set_rule(library, max_holds=0)
    (reason,) = considered(library, a_member(library), a_lent_title(library)[0]).reasons
    assert (reason.text, reason.way_out) == ("Nothing is reserved.", "Look for it on the shelf.")
    set_rule(library, kind="film", max_holds=0)
    (reason,) = considered(library, a_member(library), a_lent_title(library, kind="film")[0]).reasons
    assert reason.text == "Items of this kind are not reserved."


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"status": "suspended", "status_reason": "Lost a book"}, "member-suspended"),
        ({"status": "pending"}, "member-not-active"),
    ],
)
def test_who_may_not_borrow_may_not_wait(library: Installation, given: dict[str, str], code: str) -> None:
    desk, reader = a_librarian(library), a_member(library, **given)
    found = considered(library, desk, a_lent_title(library)[0], member_id=reader.account_id)
    assert [reason.code for reason in found.reasons] == [code]


def test_a_suspended_hold_keeps_its_place_and_is_passed_over_through_its_last_day(library: Installation) -> None:
    title, copies = a_lent_title(library, copies=3)
    first, second, third = (a_member(library) for _ in range(3))
    one, _, _ = (hold(library, reader, title).hold_id for reader in (first, second, third))
    today = library.clock.now().date()
    suspended(library, first, one, today + timedelta(days=2))
    assert came_back(library, copies[0]).account_id == second.account_id  # type: ignore[union-attr]
    assert queue(library, title) == [(first.account_id, 1), (third.account_id, 2)]
    forward(library, days=2)
    assert came_back(library, copies[1]).account_id == third.account_id  # type: ignore[union-attr]
    assert came_back(library, copies[2]) is None
    forward(library, days=1)
    assert came_back(library, copies[2]).account_id == first.account_id  # type: ignore[union-attr]
    sound(library)


def test_suspending_has_bounds_and_ends_when_asked(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    reader = a_member(library)
    number = hold(library, reader, title).hold_id
    today = library.clock.now().date()
    for day in (today - timedelta(days=1), today + timedelta(days=400)):
        with pytest.raises(Invalid):
            suspended(library, reader, number, day)
    suspended(library, reader, number, today + timedelta(days=9))
    resumed(library, reader, number)
    assert came_back(library, barcode) is not None
    with pytest.raises(HoldIsReady):
        suspended(library, reader, number, today)
    with pytest.raises(NotFound):
        suspended(library, a_member(library), number, today)


@pytest.mark.parametrize(("old", "new", "order"), [(0, 3, "bcda"), (3, 0, "dabc"), (1, 2, "acbd"), (2, 9, "abdc")])
def test_the_desk_moves_a_hold_within_the_queue(library: Installation, old: int, new: int, order: str) -> None:
    title, _ = a_lent_title(library)
    readers = {letter: a_member(library) for letter in "abcd"}
    ids = [hold(library, reader, title).hold_id for reader in readers.values()]
    assert moved(library, a_librarian(library), ids[old], new + 1) == min(new + 1, 4)
    assert queue(library, title) == [(readers[letter].account_id, n) for n, letter in enumerate(order, 1)]
    with pytest.raises(Forbidden):
        moved(library, readers["a"], ids[0], 1)
    with pytest.raises(Invalid):
        moved(library, a_librarian(library), ids[0], 1, reason=" ")
    sound(library)


def test_a_notice_names_titles_only_to_those_who_want_it(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    reader = a_member(library, language="de", preferences={"notices_name_titles": False})
    hold(library, reader, title)
    came_back(library, barcode)
    subject, body = rows(library, "SELECT subject, body FROM notice")[0]
    assert "Dune" not in subject + body
    assert "ein von Ihnen vorgemerkter Titel" in body
    assert "17. März 2026" in body


def test_own_holds_leave_no_title_in_the_audit_trail(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader = a_member(library)
    cancelled(library, reader, hold(library, reader, title).hold_id)
    told = rows(library, "SELECT action, subject_kind, facts FROM audit ORDER BY id")
    assert [row[:2] for row in told] == [("hold.self-place", "account"), ("hold.self-cancel", "account")]
    assert all(str(row[2]) == "{}" for row in told)
