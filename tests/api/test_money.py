"""Money through the API: charged, paid, forgiven, given back, counted; each once, and for whom it is."""

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.ledger import adjust
from tests.api.conftest import Caller
from tests.api.steps import is_pdf, ok, refused, the_staff
from tests.builders import a_charge, a_librarian, a_member

OPEN = {"open_only": True}
SPAN = {"first": "2026-01-01", "last": "2026-12-31"}


def _charged(desk: Caller, who: int | None, amount: int = 300) -> int:
    form = {"kind": "other", "amount_minor": amount, "what": "A bag"}
    return int(ok(desk("POST", f"/members/{who}/charges", json=form), 201)["id"])


def test_a_charge_by_hand_is_paid_waived_and_counted(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    me = reader.actor.account_id
    first, second = _charged(desk, me), _charged(desk, me, 200)
    asked = {"amount_minor": 250, "method": "cash", "charge_ids": [second, first]}
    paid = ok(desk("POST", f"/members/{me}/payments", json=asked), 201)
    assert [(part["charge_id"], part["amount_minor"]) for part in paid["parts"]] == [(second, 200), (first, 50)]
    assert ok(reader("GET", f"/receipts/{paid['payment_id']}")) == paid
    assert [row["number"] for row in ok(reader("GET", "/me/receipts"))["items"]] == [paid["number"]]
    third = _charged(desk, me, 70)
    act = ok(desk("GET", "/desk/acts"))["items"][0]
    assert (act["kind"], act["amount_minor"]) == ("charge", 70)
    ok(desk("POST", f"/desk/acts/{act['id']}/undo"))
    assert third not in [row["id"] for row in ok(desk("GET", f"/members/{me}/charges", params=OPEN))["items"]]
    ok(desk("POST", f"/charges/{first}/waive", json={"reason": "A gift of the friends."}), 201)
    assert ok(reader("GET", "/me/owed")) == {"owed_minor": 0, "items": []}
    till = ok(desk("GET", "/till"))
    assert (till["cash_expected_minor"], till["totals"]["cash"]) == (250, {"payment": 250})
    (row,) = ok(desk("GET", "/till/receipts"))["items"]
    assert (row["number"], row["closed"]) == (paid["number"], False)
    key = {"Idempotency-Key": "close-000001"}
    closed = ok(desk("POST", "/till/closings", json={"cash_counted_minor": 245}, headers=key), 201)
    assert ok(desk("POST", "/till/closings", json={"cash_counted_minor": 245}, headers=key), 201) == closed
    assert closed["difference_minor"] == -5
    refused(desk("POST", "/till/closings", json={"cash_counted_minor": 0}), 409, "nothing-to-close")
    assert [row["id"] for row in ok(desk("GET", "/till/closings"))["items"]] == [closed["id"]]
    assert is_pdf(desk("GET", f"/till/closings/{closed['id']}/pdf"))


def test_a_receipt_is_taken_back_once_and_for_a_reason(served: Installation) -> None:
    desk, reader = the_staff(served)
    who = a_member(served).account_id
    _charged(desk, who)
    paid = ok(desk("POST", f"/members/{who}/payments", json={"amount_minor": 300, "method": "card"}), 201)
    address = f"/receipts/{paid['payment_id']}/take-back"
    assert reader("POST", address, json={"reason": "The wrong reader."}).status_code == 403
    assert desk("POST", address, json={"reason": ""}).status_code == 422
    counter = ok(desk("POST", address, json={"reason": "The wrong reader."}), 201)
    assert (counter["reverses"], counter["amount_minor"]) == (paid["number"], -300)
    refused(desk("POST", address, json={"reason": "The wrong reader."}), 409, "already-reversed")
    assert ok(desk("GET", f"/members/{who}/owed"))["owed_minor"] == 300
    (found,) = ok(desk("GET", "/till/receipts", params={"number": paid["number"]}))["items"]
    assert found["reversed_by"] == counter["number"]


def test_too_much_is_refused_with_the_numbers(served_sqlite: Installation) -> None:
    desk, _ = the_staff(served_sqlite)
    who = a_member(served_sqlite).account_id
    charge = _charged(desk, who)
    asked = {"amount_minor": 301, "method": "card"}
    facts = refused(desk("POST", f"/members/{who}/payments", json=asked), 409, "pays-too-much")
    (reason,) = facts["reasons"]
    assert (reason["code"], reason["way_out_action"]) == ("pays-too-much", "pay-owed")
    assert (reason["facts"]["rule"], reason["facts"]["owed_minor"]) == ("ledger", facts["owed_minor"])
    assert reason["way_out"] == f"Take {facts['owed']}."
    assert (facts["amount_minor"], facts["owed_minor"]) == (301, 300)
    waiver = {"amount_minor": 301, "reason": "The book drop was out of order."}
    assert refused(desk("POST", f"/charges/{charge}/waive", json=waiver), 409, "waiver-too-high")["owed_minor"] == 300
    for wrong in ({"amount_minor": 0}, {"amount_minor": -5}, {"amount_minor": 1.5}, {"method": "shells"}, {"tip": 1}):
        assert desk("POST", f"/members/{who}/payments", json=asked | wrong).status_code == 422, wrong
    fine = {"kind": "fine", "amount_minor": 100, "what": "Late"}
    assert desk("POST", f"/members/{who}/charges", json=fine).json()["faults"][0]["field"] == "kind"


def test_statements_are_for_whom_they_are(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    other = a_member(served)
    with begin_work(served, a_librarian(served)) as uow:
        a_charge(uow, reader.actor, 120)
    _charged(desk, other.account_id)
    paid = ok(desk("POST", f"/members/{other.account_id}/payments", json={"amount_minor": 300, "method": "cash"}), 201)
    assert reader("GET", f"/receipts/{paid['payment_id']}").status_code == 404
    assert reader("GET", f"/receipts/{paid['payment_id']}/pdf").status_code == 404
    assert reader("GET", f"/members/{other.account_id}/statement", params=SPAN).status_code == 403
    mine = ok(reader("GET", "/me/statement", params=SPAN))
    assert (mine["account_id"], mine["closing_minor"]) == (reader.actor.account_id, 120)
    assert is_pdf(reader("GET", "/me/statement/pdf", params=SPAN))
    theirs = ok(desk("GET", f"/members/{other.account_id}/statement", params=SPAN))
    assert [line["amount_minor"] for line in theirs["lines"]] == [300, -300]
    assert [row["number"] for row in ok(desk("GET", f"/members/{other.account_id}/receipts"))["items"]] == [
        paid["number"]
    ]
    assert is_pdf(desk("GET", f"/members/{other.account_id}/statement/pdf", params=SPAN))
    backwards = {"first": "2026-03-02", "last": "2026-03-01"}
    assert reader("GET", "/me/statement", params=backwards).json()["faults"][0]["field"] == "last"


def test_what_is_nobodys_is_not_found(served_sqlite: Installation) -> None:
    desk, _ = the_staff(served_sqlite)
    for what in ("owed", "charges", "receipts", "statement", "statement/pdf", "holds", "holds/past", "exceptions"):
        params = SPAN if "statement" in what else None
        assert desk("GET", f"/members/987/{what}", params=params).status_code == 404, what
    asked = {"amount_minor": 100, "method": "cash"}
    assert desk("POST", "/members/987/payments", json=asked).status_code == 404
    assert desk("POST", "/charges/987/waive", json={"reason": "because"}).status_code == 404
    assert desk("GET", "/till/closings/987").status_code == 404


def test_a_credit_is_set_off_once(served: Installation) -> None:
    desk, _ = the_staff(served)
    who = a_member(served).account_id
    first = _charged(desk, who, 500)
    ok(desk("POST", f"/members/{who}/payments", json={"amount_minor": 500, "method": "card"}), 201)
    with begin_work(served, SYSTEM) as uow:
        adjust(uow, first, -300)
    assert refused(desk("POST", f"/members/{who}/set-off"), 409, "nothing-to-set-off")["net_minor"] == -300
    _charged(desk, who, 200)
    assert ok(desk("GET", f"/members/{who}/set-off")) == {"amount_minor": 200}
    for _ in range(2):
        key = {"Idempotency-Key": "set-off-000001"}
        assert ok(desk("POST", f"/members/{who}/set-off", headers=key), 201) == {"amount_minor": 200}
    act = ok(desk("GET", "/desk/acts"))["items"][0]
    assert (act["kind"], act["amount_minor"], act["can_undo"]) == ("set-off", 200, True)
    ok(desk("POST", f"/desk/acts/{act['id']}/undo"))
    assert ok(desk("GET", f"/members/{who}/set-off")) == {"amount_minor": 200}
