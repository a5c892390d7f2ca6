"""The slip of what a reader takes home: their loans and no name, for the desk alone."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.loan_slip import loan_slip, loan_slip_pdf
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import hand_in, rows


def test_it_has_titles_and_due_dates_and_the_end_of_the_card(library: Installation) -> None:
    reader = a_member(library, name="Ada Lovelace", card_number="2999000000018")
    first = a_loan(library, reader, a_copy(library, a_title(library, "Emma")), days_ago=7)
    a_loan(library, reader, a_copy(library, a_title(library, "Dune")))
    with begin_reading(library, a_librarian(library)) as uow:
        slip = loan_slip(uow, reader.account_id or 0)
        few = loan_slip(uow, reader.account_id or 0, [first, 999])
        assert loan_slip_pdf(uow, reader.account_id or 0).startswith(b"%PDF")
    assert [loan["title"] for loan in slip["loans"]] == ["Emma", "Dune"]
    assert slip["loans"][1]["due"] == "Tuesday, 31 March 2026"
    assert slip["card"] == "0018"
    assert "Ada" not in str(slip)
    assert [loan["title"] for loan in few["loans"]] == ["Emma"]
    assert rows(library, "SELECT 1 FROM audit WHERE action = 'account.read'"), "the look is noted"


def test_what_is_not_on_loan_to_them_is_on_no_slip(library: Installation) -> None:
    desk, reader, other = a_librarian(library), a_member(library), a_member(library)
    barcode = a_copy(library)
    back = a_loan(library, reader, barcode)
    hand_in(library, desk, barcode)
    theirs = a_loan(library, other)
    with begin_reading(library, desk) as uow:
        for ids in ((), (back,), (theirs,)):
            with pytest.raises(NotFound):
                loan_slip_pdf(uow, reader.account_id or 0, ids)


def test_readers_print_none(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader)
    with begin_reading(library, reader) as uow, pytest.raises(Forbidden):
        loan_slip_pdf(uow, reader.account_id or 0)
