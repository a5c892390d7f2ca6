"""Holds through the API: placed, refused with every reason, cancelled, suspended, moved, and seen by nobody else."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.api.conftest import Caller, caller
from tests.api.steps import a_new_title, copy_id_of, is_pdf, ok, refused, the_staff
from tests.builders import a_copy, a_member, a_title
from tests.circulation.hold_steps import a_lent_title

EXAM = {"position": 1, "reason": "The reader needs it for an exam."}


def _queue(desk: Caller, title: int) -> list[tuple[int, int | None]]:
    return [(row["account_id"], row["position"]) for row in ok(desk("GET", f"/titles/{title}/holds"))["items"]]


def test_a_hold_of_ones_own_is_cancelled_with_an_empty_object_as_without_a_body(served: Installation) -> None:
    desk, reader = the_staff(served)
    for form in (None, {}, {"reason": ""}):
        title, _ = a_lent_title(served)
        number = ok(reader("POST", "/me/holds", json={"title_id": title}), 201)["hold_id"]
        if form is not None:
            assert desk("POST", f"/holds/{number}/cancel", json=form).status_code == 422
        sent = {} if form is None else {"json": form}
        assert ok(reader("POST", f"/holds/{number}/cancel", **sent))["hold_id"] == number
    (seen, *_) = ok(reader("GET", "/me/acts"))["items"]
    told = ok(reader("POST", f"/me/acts/{seen['act_id']}/undo"))["done"]
    assert told.endswith("is reserved for you again, at place 1 of the queue.")


def test_the_desk_places_moves_and_cancels_for_a_written_reason(served: Installation) -> None:
    desk, reader = the_staff(served)
    title, _ = a_lent_title(served)
    one, two = a_member(served).account_id, a_member(served).account_id
    holds = [
        ok(desk("POST", "/holds", json={"title_id": title, "member_id": who}), 201)["hold_id"] for who in (one, two)
    ]
    assert _queue(desk, title) == [(one, 1), (two, 2)]
    moved = ok(desk("POST", f"/holds/{holds[1]}/move", json=EXAM))
    assert moved["done"] == "The hold stands at place 1 now."
    assert _queue(desk, title) == [(two, 1), (one, 2)]
    assert desk("POST", f"/holds/{holds[0]}/cancel").status_code == 422
    gone = ok(desk("POST", f"/holds/{holds[0]}/cancel", json={"reason": "The reader has moved away."}))
    assert gone["hold_id"] == holds[0]
    over = refused(desk("POST", f"/holds/{holds[0]}/move", json=EXAM), 409, "hold-is-over")
    assert over["state"] == "cancelled"
    assert [reason["facts"]["rule"] for reason in over["reasons"]] == ["states of a hold"]
    key = {"Idempotency-Key": "site-000091"}
    mine = [ok(reader("POST", "/me/holds", json={"title_id": title}, headers=key), 201) for _ in "ab"]
    assert (mine[0], mine[0]["position"]) == (mine[1], 2)
    all_gone = ok(desk("POST", f"/titles/{title}/holds/cancel", json={"reason": "It leaves the collection."}))
    assert all_gone["done"] == "2 holds were cancelled."
    assert _queue(desk, title) == []


def test_a_program_hears_every_reason_and_the_way_out(served_sqlite: Installation) -> None:
    _, reader = the_staff(served_sqlite)
    title = a_title(served_sqlite)
    a_copy(served_sqlite, title)
    dry = ok(reader("POST", "/me/holds/dry-run", json={"title_id": title}))
    (reason,) = dry["reasons"]
    assert (dry["may"], reason["code"], reason["way_out_action"]) == (False, "on-shelf", "borrow")
    facts = refused(reader("POST", "/me/holds", json={"title_id": title}), 409, "cannot-hold")
    assert [one["way_out_action"] for one in facts["reasons"]] == ["borrow"]
    assert refused(reader("POST", "/me/holds", json={"title_id": 987}), 404, "not-found") == {"thing": "title"}
    waited, _ = a_lent_title(served_sqlite)
    ok(reader("POST", "/me/holds", json={"title_id": waited}), 201)
    facts = refused(reader("POST", "/me/holds", json={"title_id": waited}), 409, "cannot-hold")
    assert [one["code"] for one in facts["reasons"]] == ["already-held"]


def test_a_suspended_hold_is_passed_over_and_served_again(served: Installation) -> None:
    desk, reader = the_staff(served)
    title, (barcode,) = a_lent_title(served)
    hold = ok(reader("POST", "/me/holds", json={"title_id": title}), 201)["hold_id"]
    key = {"Idempotency-Key": "pause-000001"}
    for _ in range(2):
        ok(reader("POST", f"/holds/{hold}/suspend", json={"until": "2026-03-20"}, headers=key))
    assert ok(reader("GET", "/me/holds"))["items"][0]["suspended_until"] == "2026-03-20"
    assert ok(desk("POST", "/returns", json={"barcode": barcode}))["copy_status"] == "available"
    ok(reader("POST", f"/holds/{hold}/resume"))
    (pull,) = ok(desk("GET", "/holds/pull-list"))["items"]
    assert is_pdf(desk("GET", "/holds/pull-list/pdf"))
    assert (pull["hold_id"], pull["barcode"]) == (hold, barcode)
    assert ok(desk("GET", "/holds/pull-list", params={"location": "NOWHERE"}))["items"] == []
    assert ok(desk("POST", "/returns", json={"barcode": barcode}))["hold"]["hold_id"] == hold
    cancelled = ok(reader("POST", f"/holds/{hold}/cancel"))
    assert (cancelled["freed_copy_id"], cancelled["offer"]) == (copy_id_of(served, barcode), None)
    assert [row["barcode"] for row in ok(desk("GET", "/holds/take-off"))["items"]] == [barcode]


def test_nobody_reaches_the_hold_of_somebody_else(served_sqlite: Installation) -> None:
    desk, reader = the_staff(served_sqlite)
    title, _ = a_lent_title(served_sqlite)
    other = a_member(served_sqlite).account_id
    hold = ok(desk("POST", "/holds", json={"title_id": title, "member_id": other}), 201)["hold_id"]
    for act, body in (("cancel", None), ("resume", None), ("suspend", {"until": "2026-03-20"})):
        assert reader("POST", f"/holds/{hold}/{act}", json=body).status_code == 404, act
    assert reader("POST", f"/holds/{hold}/move", json=EXAM).status_code == 403
    assert reader("POST", "/holds", json={"title_id": title, "member_id": other}).status_code == 403
    assert reader("GET", f"/members/{other}/holds").status_code == 403
    said = caller(served_sqlite, Role.GUEST)("GET", f"/titles/{title}/waiting").json()
    assert (set(said), said["waiting"]) == ({"wait", "waiting"}, 1)


def test_slips_of_what_is_ready_are_printed_together(served_sqlite: Installation) -> None:
    desk, reader = the_staff(served_sqlite)
    holds = []
    for _ in range(2):
        title, (barcode,) = a_lent_title(served_sqlite)
        holds.append(ok(reader("POST", "/me/holds", json={"title_id": title}), 201)["hold_id"])
        ok(desk("POST", "/returns", json={"barcode": barcode}))
    assert is_pdf(desk("GET", "/holds/slips", params={"hold_id": holds}))
    assert ok(desk("GET", "/holds/slips/new"))["items"] == holds
    assert is_pdf(desk("POST", "/holds/slips/new"))
    assert ok(desk("GET", "/holds/slips/new"))["items"] == []
    assert desk("POST", "/holds/slips/new").status_code == 404
    found = ok(desk("GET", "/holds/shelf", params={"text": barcode}))["items"]
    assert [row["hold_id"] for row in found] == holds[1:]
    assert desk("GET", "/holds/slips").status_code == 422
    assert desk("GET", "/holds/slips", params={"hold_id": 987}).status_code == 404
    assert reader("GET", f"/holds/{holds[0]}/slip").status_code == 403


def test_a_copy_that_is_wanted_says_so_when_it_comes_back_into_the_collection(served_sqlite: Installation) -> None:
    desk, reader = the_staff(served_sqlite)
    title, (lent, spare) = a_new_title(desk, "The Long Orbit", 2)
    number = copy_id_of(served_sqlite, spare)
    ok(desk("POST", f"/copies/{number}/withdraw", json={"reason": "Pages are missing."}))
    ok(desk("POST", "/loans", json={"barcode": lent, "member_id": a_member(served_sqlite).account_id}), 201)
    hold = ok(reader("POST", "/me/holds", json={"title_id": title}), 201)["hold_id"]
    assert ok(desk("POST", f"/copies/{number}/reinstate"))["hold_id"] == hold
