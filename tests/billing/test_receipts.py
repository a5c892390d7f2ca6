"""Receipts, statements and closings on paper. What a PDF says is read from what is handed to its layout."""

import json
import re
from datetime import date
from typing import Any

import pytest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing import paper
from lib.billing.ledger import adjust
from lib.billing.receipts import receipt_pdf, statement_pdf
from lib.billing.till import close_day
from lib.billing.till_paper import day_close_pdf
from lib.billing.waivers import waive
from lib.kit.errors import Forbidden, NotFound, NotSignedIn
from lib.ops.preferences import change_settings
from tests.billing.steps import CARD, owes, paid, refunded, taken_back
from tests.builders import a_librarian, a_member, an_admin

DAY = date(2026, 3, 10)
NAMES = [
    "Ada Lovelace",
    "ابن رشد",
    "李小龙",
    "अदिति",
    "צביה לוי",
    '"], #image("/etc/passwd") //',
    "A" * 120,
    "#panic() $x$ `y` \\",
]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the layouts were given, one a paper; the typesetter runs as ever."""
    import typst

    given: list[dict[str, Any]] = []
    compile_really = typst.compile

    def listen(source: bytes, **how: Any) -> Any:
        given.append(json.loads(how["sys_inputs"]["paper"]))
        return compile_really(source, **how)

    monkeypatch.setattr(typst, "compile", listen)
    return given


def printed(library: Installation, actor: Actor, payment_id: int) -> bytes:
    with begin_reading(library, actor) as uow:
        return receipt_pdf(uow, payment_id)


def pages(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def settled(library: Installation, **values: str) -> None:
    with begin_work(library, an_admin(library)) as uow:
        change_settings(uow, "library", dict(values), seen_version=0)


def test_a_receipt_says_who_paid_what_when_and_what_is_left(
    sqlite_library: Installation, said: list[dict[str, Any]]
) -> None:
    settled(
        sqlite_library, name="The Nexus", address="1 Comet Lane", contact_email="desk@example.org", locale="de",
        time_zone="Europe/Berlin",
    )  # fmt: skip
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library, card_number="2901234567896")
    owes(sqlite_library, reader, 200, what="Fine for a late return")
    owes(sqlite_library, reader, 300, what="Coffee on the cover")
    receipt = paid(sqlite_library, desk, reader, 350, method=CARD)
    assert pages(printed(sqlite_library, reader, receipt.payment_id)) == 1
    (paper_of,) = said
    assert (paper_of["library"], paper_of["address"], paper_of["contact"]) == (
        "The Nexus", "1 Comet Lane", "desk@example.org",
    )  # fmt: skip
    assert (paper_of["title"], paper_of["number"], paper_of["remark"]) == ("Receipt", "R-000001", "")
    assert paper_of["about"] == [
        ["Date", "10.03.2026, 13:00:00"], ["Member", reader.name], ["Card", "2901234567896"], ["Paid by", "Card"],
    ]  # fmt: skip
    assert paper_of["parts"] == [
        {"what": "Fine for a late return", "amount": "2,00\xa0€", "left": "settled"},
        {"what": "Coffee on the cover", "amount": "1,50\xa0€", "left": "still owed: 1,50\xa0€"},
    ]
    assert (paper_of["total-words"], paper_of["total"]) == ("Paid", "3,50\xa0€")


def test_refunds_and_receipts_taken_back_say_so_clearly(
    sqlite_library: Installation, said: list[dict[str, Any]]
) -> None:
    library = sqlite_library
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 400)
    second = paid(library, desk, reader, 100)
    counter = taken_back(library, desk, second.payment_id)
    with begin_work(library, desk) as uow:
        adjust(uow, charge, -300, reason="It was less")
    back = refunded(library, desk, charge, 150)
    for receipt in (second, counter, back):
        printed(library, desk, receipt.payment_id)
    assert [(p["title"], p["remark"], p["total-words"], p["total"], p["note"]) for p in said] == [
        ("Receipt", "Not valid any more: taken back by R-000003.", "Paid", "€1.00", ""),
        ("Receipt taken back", "This takes back receipt R-000002.", "Given back to you", "€1.00", "Wrong member"),
        ("Refund", "Money was given back.", "Given back to you", "€1.50", "Charged by mistake"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_papers_are_set_in_any_script_and_take_nothing_for_markup(sqlite_library: Installation, name: str) -> None:
    library = sqlite_library
    settled(library, name=name[:60] + " Lib", address=name)
    desk, reader = a_librarian(library, name=name), a_member(library, name=name)
    owes(library, reader, 500, what=name)
    receipt = paid(library, desk, reader, 300)
    with begin_work(library, desk) as uow:
        closed = close_day(uow, cash_counted_minor=300, note=name)
    assert pages(printed(library, reader, receipt.payment_id)) == 1
    with begin_reading(library, desk) as uow:
        assert pages(statement_pdf(uow, reader.account_id or 0, DAY, DAY)) == 1
        assert pages(day_close_pdf(uow, closed.id)) == 1


@pytest.mark.parametrize("locale", ["en", "ar", "ja", "hi", "pt-BR", "zh-Hant-TW"])
def test_papers_are_set_in_any_locale(sqlite_library: Installation, locale: str) -> None:
    settled(sqlite_library, locale=locale, currency="JPY")
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library, card_number=None)
    owes(sqlite_library, reader, 500)
    assert pages(printed(sqlite_library, desk, paid(sqlite_library, desk, reader, 500).payment_id)) == 1


def test_a_receipt_is_its_payers_and_the_desks(sqlite_library: Installation) -> None:
    desk, reader, other = a_librarian(sqlite_library), a_member(sqlite_library), a_member(sqlite_library)
    owes(sqlite_library, reader)
    number = paid(sqlite_library, desk, reader, 500).payment_id
    assert printed(sqlite_library, desk, number)
    for actor, refusal in ((other, NotFound), (GUEST, NotSignedIn)):
        with pytest.raises(refusal):
            printed(sqlite_library, actor, number)
    with pytest.raises(NotFound):
        printed(sqlite_library, desk, 99)
    with pytest.raises(Forbidden), begin_reading(sqlite_library, other) as uow:
        statement_pdf(uow, reader.account_id or 0, DAY, DAY)
    with pytest.raises(Forbidden), begin_reading(sqlite_library, other) as uow:
        day_close_pdf(uow, 1)


def test_a_statement_on_paper_runs_over_its_pages(sqlite_library: Installation, said: list[dict[str, Any]]) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    charges = [owes(sqlite_library, reader, 100, what=f"Thing {n}") for n in range(60)]
    paid(sqlite_library, desk, reader, 100)
    with begin_work(sqlite_library, desk) as uow:
        waive(uow, charge_id=charges[-1], amount_minor=None, reason="Because")
    with begin_reading(sqlite_library, reader) as uow:
        assert pages(statement_pdf(uow, reader.account_id or 0, DAY, DAY)) == 2
    (found,) = said
    assert (found["opening"], found["ending"]) == (["Balance before", "€0.00"], ["Balance after", "€58.00"])
    assert found["closing"] == "You owe the library €58.00."
    assert found["lines"][-2:] == [
        {"day": "10 Mar 2026", "what": "Paid: Thing 0", "amount": "-€1.00", "balance": "€59.00", "more": "R-000001"},
        {"day": "10 Mar 2026", "what": "Waived: Thing 59", "amount": "-€1.00", "balance": "€58.00", "more": "Because"},
    ]


def test_a_closing_on_paper_has_its_sums_and_its_difference(
    sqlite_library: Installation, said: list[dict[str, Any]]
) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    owes(sqlite_library, reader, 500)
    paid(sqlite_library, desk, reader, 300)
    paid(sqlite_library, desk, reader, 200, method=CARD)
    with begin_work(sqlite_library, desk) as uow:
        closed = close_day(uow, cash_counted_minor=295, note="Five cents short")
    with begin_reading(sqlite_library, desk) as uow:
        day_close_pdf(uow, closed.id)
    (found,) = said
    assert found["by-method"]["rows"] == [
        ["Card", "€2.00", "€0.00", "€0.00", "€2.00"], ["Cash", "€3.00", "€0.00", "€0.00", "€3.00"],
    ]  # fmt: skip
    assert found["taken-for"]["rows"] == [["Other", "€5.00"]]
    assert found["difference"] == ["Difference", "-€0.05"]
    assert found["cash"] == [["Cash expected", "€3.00"], ["Cash counted", "€2.95"]]


def test_every_layout_is_shipped_beside_its_code() -> None:
    here = paper._HERE
    assert {path.name for path in here.glob("*.typ")} == {"paper.typ", "receipt.typ", "statement.typ", "till.typ"}
