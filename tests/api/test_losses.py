"""Losses, claims, repair, weeding and exceptions through the API."""

from datetime import timedelta

from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_work
from lib.accounts.api_keys import create_key
from tests.api.steps import a_new_title, later, ok, refused, the_staff
from tests.builders import a_copy, a_loan, a_member


def test_a_lost_copy_is_charged_and_given_back_when_it_is_found(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    barcode = a_copy(served, price_minor=1500)
    loan = a_loan(served, reader.actor, barcode)
    cost = ok(desk("POST", f"/loans/{loan}/lost/dry-run"))
    assert cost["replacement_minor"] == 1500
    assert reader("POST", f"/loans/{loan}/lost").status_code == 403
    key = {"Idempotency-Key": "lost-0000001"}
    lost = [ok(desk("POST", f"/loans/{loan}/lost", json={"reason": "Left on a train."}, headers=key)) for _ in "ab"]
    assert (lost[0], lost[0]["replacement_minor"]) == (lost[1], 1500)
    me, owed = reader.actor.account_id, 1500 + cost["fee_minor"]
    assert ok(reader("GET", "/me/owed"))["owed_minor"] == owed
    ok(desk("POST", f"/members/{me}/payments", json={"amount_minor": owed, "method": "cash"}), 201)
    found = ok(desk("POST", "/returns", json={"barcode": barcode}))
    assert found["given_back_minor"] >= 1500
    (charge,) = [row for row in ok(reader("GET", "/me/charges"))["items"] if row["kind"] == "replacement"]
    assert (charge["balance_minor"], charge["refundable_minor"]) == (-1500, 1500)
    back = {"amount_minor": 1500, "method": "cash", "reason": "The book was found again."}
    refund = ok(desk("POST", f"/charges/{charge['id']}/refund", json=back), 201)
    assert (refund["kind"], refund["amount_minor"]) == ("refund", -1500)
    facts = refused(desk("POST", f"/charges/{charge['id']}/refund", json=back), 409, "refund-too-high")
    assert (facts["most_minor"], facts["currency"]) == (0, "EUR")
    assert ok(desk("GET", "/till"))["totals"]["cash"] == {"payment": owed, "refund": -1500}
    assert desk("POST", f"/loans/{loan}/lost").status_code == 404


def test_what_is_late_lost_or_not_in_its_place_is_listed(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    late, lost = a_loan(served, reader.actor, days_ago=60), a_loan(served, a_member(served), days_ago=2)
    ok(desk("POST", f"/loans/{lost}/lost"))
    assert [row["loan_id"] for row in ok(desk("GET", "/worklists/overdue"))["items"]] == [late]
    inbox = ok(desk("GET", "/worklists/inbox"))
    assert (inbox["overdue"], inbox["repairs"], inbox["to_pull"]) == (1, 0, 0)
    assert ok(desk("GET", "/worklists/overdue", params={"more_than_days": 300}))["items"] == []
    assert [row["owed_minor"] > 0 for row in ok(desk("GET", "/worklists/lost"))["items"]] == [True]
    assert [row["loan_id"] for row in ok(desk("GET", "/worklists/soon-lost"))["items"]] == [late]
    assert ok(desk("GET", "/worklists/copies/lost"))["total"] == 1
    assert desk("GET", "/worklists/copies/eaten").status_code == 422


def test_a_claim_is_noted_listed_and_cleared(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    loan = a_loan(served, reader.actor, days_ago=30)
    said = ok(desk("POST", f"/loans/{loan}/claim", json={"on": "2026-03-04"}))
    assert said["claimed_on"] == "2026-03-04"
    assert [row["loan_id"] for row in ok(desk("GET", "/claims"))["items"]] == [loan]
    assert refused(desk("POST", f"/loans/{loan}/claim"), 409, "already-claimed")["claimed_on"] == "2026-03-04"
    cleared = ok(desk("POST", f"/loans/{loan}/claim/clear"))
    assert (cleared["claimed_on"], cleared["fine_minor"] > said["fine_minor"]) == (None, True)
    refused(desk("POST", f"/loans/{loan}/claim/clear"), 409, "not-claimed")
    assert desk("POST", f"/loans/{loan}/claim", json={"on": "2027-01-01"}).json()["faults"][0]["field"] == "on"


def test_a_damaged_copy_is_charged_mended_and_goes_to_who_waits(served: Installation) -> None:
    desk, reader = the_staff(served)
    barcode = a_copy(served)
    other = a_member(served)
    loan = a_loan(served, other, barcode)
    title = ok(desk("GET", f"/copies/{barcode}"))["title_id"]
    hold = ok(reader("POST", "/me/holds", json={"title_id": title}), 201)["hold_id"]
    assert desk("POST", "/returns", json={"barcode": barcode, "charge_minor": 400}).status_code == 422
    looked = {"condition": "damaged", "note": "Pages 17 to 24 are loose.", "charge_minor": 400}
    back = ok(desk("POST", "/returns", json={"barcode": barcode} | looked))
    assert (back["loan_id"], back["copy_status"], back["charge_minor"], back["hold"]) == (loan, "in_repair", 400, None)
    assert ok(desk("GET", f"/members/{other.account_id}/owed"))["owed_minor"] == 400
    (row,) = ok(desk("GET", "/repairs"))["items"]
    assert (row["barcode"], row["waiting"], row["note"]) == (barcode, 1, "Pages 17 to 24 are loose.")
    refused(desk("POST", f"/copies/{row['copy_id']}/mend", json={"condition": "damaged"}), 409, "still-damaged")
    mended = ok(desk("POST", f"/copies/{row['copy_id']}/mend", json={"condition": "good"}))
    assert (mended["status"], mended["hold_id"]) == ("on_hold_shelf", hold)


def test_what_nobody_borrowed_for_years_is_listed(served_sqlite: Installation) -> None:
    desk, reader = the_staff(served_sqlite)
    old = a_copy(served_sqlite, added_at=served_sqlite.clock.now() - timedelta(days=4000))
    a_copy(served_sqlite)
    assert [row["barcode"] for row in ok(desk("GET", "/weeding", params={"years": 5}))["items"]] == [old]
    assert ok(desk("GET", "/weeding", params={"years": 5, "worn": True}))["items"] == []
    assert ok(desk("GET", "/weeding", params={"location": "NOWHERE"}))["items"] == []
    lines = desk("GET", "/weeding/csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["barcode", old]
    assert desk("GET", "/weeding", params={"years": 101}).status_code == 422
    assert reader("GET", "/weeding").status_code == 403


def test_an_exception_holds_until_it_is_ended(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    me = reader.actor.account_id
    limit = {"name": "max_loans", "amount": 0, "until": "2026-06-30", "reason": "Agreed with the parents."}
    made = ok(desk("POST", f"/members/{me}/exceptions", json=limit | {"amount": 1}), 201)["id"]
    assert refused(desk("POST", f"/members/{me}/exceptions", json=limit), 409, "exception-stands")["until"]
    title, barcodes = a_new_title(desk, "The Long Orbit", 2)
    other, _ = a_new_title(desk, "Tide Tables")
    assert ok(reader("POST", "/me/loans", json={"title_id": title}), 201)["barcode"] in barcodes
    dry = ok(reader("POST", "/me/loans/dry-run", json={"title_id": other}))
    assert "limit-reached" in {reason["code"] for reason in dry["reasons"]}
    (mine,) = ok(reader("GET", "/me/exceptions"))["items"]
    assert (mine["id"], mine["holds"]) == (made, True)
    ok(desk("POST", f"/exceptions/{made}/end"))
    assert [row["holds"] for row in ok(desk("GET", f"/members/{me}/exceptions"))["items"]] == [False]
    assert desk("POST", f"/members/{me}/exceptions", json=limit | {"name": "shoe_size"}).status_code == 422
    assert desk("POST", "/members/987/exceptions", json=limit).status_code == 404


def test_a_key_for_the_till_takes_money_and_lends_nothing(served_sqlite: Installation) -> None:
    desk, reader = the_staff(served_sqlite)
    assert desk.actor is not None
    assert reader.actor is not None
    who = reader.actor.account_id
    form = {"kind": "other", "amount_minor": 300, "what": "A bag"}
    ok(desk("POST", f"/members/{who}/charges", json=form), 201)
    with begin_work(served_sqlite, desk.actor) as uow:
        _, secret = create_key(uow, "till", [Permission.TAKE_PAYMENTS])
    later(served_sqlite, minutes=1)
    till = reader
    till.headers = {"Authorization": f"Bearer {secret}"}
    asked = {"amount_minor": 100, "method": "card"}
    assert ok(till("POST", f"/members/{who}/payments", json=asked), 201)["amount_minor"] == 100
    assert ok(till("GET", f"/members/{who}/charges"))["items"][0]["balance_minor"] == 200
    for route in ("GET /holds/shelf", "GET /claims", f"GET /members/{who}/owed", "POST /exceptions/1/end", "GET /me"):
        assert till(*route.split()).status_code == 403, route


def test_a_membership_that_has_run_out_is_renewed_and_lends_again(served: Installation) -> None:
    desk, reader = the_staff(served)
    assert reader.actor is not None
    who = a_member(served, membership_ends_on=served.clock.now().date() - timedelta(days=3)).account_id
    issue = {"barcode": a_copy(served), "member_id": who}
    facts = refused(desk("POST", "/loans", json=issue), 409, "cannot-lend")
    assert [reason["way_out_action"] for reason in facts["reasons"]] == ["renew-membership"]
    key = {"Idempotency-Key": "renew-000001"}
    renewed = [ok(desk("POST", f"/members/{who}/renew-membership", headers=key)) for _ in "ab"]
    assert (renewed[0], renewed[0]["membership_ends_on"] > "2026-03-10") == (renewed[1], True)
    ok(desk("POST", "/loans", json=issue), 201)
    assert reader("POST", f"/members/{reader.actor.account_id}/renew-membership").status_code == 403
