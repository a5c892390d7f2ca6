"""From a hold to a settled account, by a program alone, on both databases; nothing is broken afterwards."""

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.ops.night import run_night
from tests.api.conftest import caller
from tests.api.steps import a_new_title, is_pdf, later, ok, refused, the_staff
from tests.builders import a_member


def test_a_reader_waits_collects_is_late_pays_and_the_account_adds_up(served: Installation) -> None:
    desk, reader = the_staff(served)
    admin, guest = caller(served, Role.ADMIN), caller(served, Role.GUEST)
    assert reader.actor is not None
    me, other = reader.actor.account_id, a_member(served)
    title, (barcode,) = a_new_title(desk, "The Long Orbit")
    ok(desk("POST", "/loans", json={"barcode": barcode, "member_id": other.account_id}), 201)

    assert ok(reader("POST", "/me/holds/dry-run", json={"title_id": title}))["may"] is True
    hold = ok(reader("POST", "/me/holds", json={"title_id": title}), 201)
    assert (hold["position"], hold["title"]) == (1, "The Long Orbit")
    assert ok(guest("GET", f"/titles/{title}/waiting"))["waiting"] == 1

    back = ok(desk("POST", "/returns", json={"barcode": barcode}))
    assert (back["copy_status"], back["hold"]["hold_id"]) == ("on_hold_shelf", hold["hold_id"])
    assert [row["barcode"] for row in ok(desk("GET", "/holds/shelf"))["items"]] == [barcode]
    assert is_pdf(desk("GET", f"/holds/{hold['hold_id']}/slip"))
    facts = refused(
        desk("POST", "/loans", json={"barcode": barcode, "member_id": other.account_id}), 409, "cannot-lend"
    )
    assert [reason["code"] for reason in facts["reasons"]] == ["on-hold-shelf"]

    loan = ok(desk("POST", "/loans", json={"barcode": barcode, "member_id": me}), 201)
    assert loan["hold_id"] == hold["hold_id"]
    assert ok(reader("GET", "/me/holds"))["items"] == []
    assert [row["state"] for row in ok(reader("GET", "/me/holds/past"))["items"]] == ["collected"]

    later(served, desk, reader, admin, days=41)
    run_night(served)
    owed = ok(reader("GET", "/me/owed"))
    (item,) = owed["items"]
    assert item["running"] is True
    assert item["fine"]["days_late"] * item["fine"]["per_day_minor"] == owed["owed_minor"] == item["charged_minor"]
    late = owed["owed_minor"]

    asked = {"amount_minor": 50, "method": "cash"}
    key = {"Idempotency-Key": "till-1-000001"}
    receipt = ok(desk("POST", f"/members/{me}/payments", json=asked, headers=key), 201)
    assert ok(desk("POST", f"/members/{me}/payments", json=asked, headers=key), 201) == receipt
    assert is_pdf(reader("GET", f"/receipts/{receipt['payment_id']}/pdf"))
    ok(desk("POST", "/returns", json={"barcode": barcode}))
    (charge,) = ok(desk("GET", f"/members/{me}/charges", params={"open_only": True}))["items"]
    assert (charge["state"], charge["balance_minor"]) == ("final", late - 50)

    waived = {"amount_minor": 30, "reason": "The book drop was out of order."}
    ok(desk("POST", f"/charges/{charge['id']}/waive", json=waived), 201)
    assert ok(reader("GET", "/me/owed"))["owed_minor"] == late - 80
    act = ok(desk("GET", "/desk/acts", params={"mine": True}))["items"][0]
    assert (act["kind"], act["amount_minor"], act["can_undo"]) == ("waive", 30, True)
    ok(desk("POST", f"/desk/acts/{act['id']}/undo"))
    assert ok(reader("GET", "/me/owed"))["owed_minor"] == late - 50

    told = ok(reader("GET", "/me/statement", params={"first": "2026-01-01", "last": "2026-12-31"}))
    assert sum(line["amount_minor"] for line in told["lines"]) == told["closing_minor"] == late - 50
    assert ok(desk("GET", "/till"))["cash_expected_minor"] == 50
    assert ok(admin("POST", "/integrity/runs"), 201)["findings"] == []
