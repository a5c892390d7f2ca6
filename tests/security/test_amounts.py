"""Amounts that no form of ours would send: each is a fault of whoever sends it, never one of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lib.access.installation import Installation
from lib.access.opened import close_opened, serve
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.api_tokens import issue_tokens
from lib.api.app import api
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind
from lib.kit.errors import Invalid
from lib.kit.money import parse_money
from tests.builders import a_member
from tests.live_server import PASSWORD, somebody


@pytest.mark.parametrize(
    "text", ["1e999999", "1e-9999999999", "1E+1000000000000000000", "sNaN", "1_000", "0x10", "+", ".", "e5", "1e99"]
)
def test_text_that_only_a_machine_would_take_for_a_number_is_no_amount(text: str) -> None:
    with pytest.raises(Invalid, match="not an amount"):
        parse_money(text, "EUR")


@pytest.fixture
def debtor(sqlite_library: Installation) -> Iterator[tuple[TestClient, dict[str, str], int]]:
    """A client, the headers of a librarian, and a member who owes ten euros."""
    somebody(sqlite_library, Role.LIBRARIAN, "till")
    owes = a_member(sqlite_library)
    with begin_work(sqlite_library, owes) as uow:
        open_charge(uow, account_id=owes.account_id or 0, kind=ChargeKind.OTHER, amount_minor=1000, what="A bag")
    serve(sqlite_library)
    token = issue_tokens(sqlite_library, "till", PASSWORD, "127.0.0.1").access
    client = TestClient(api, raise_server_exceptions=False)
    yield client, {"Authorization": f"Bearer {token}"}, owes.account_id or 0
    close_opened()


@pytest.mark.parametrize("amount", [True, "5", 5.0, 5.5, -5, 0, 2**62, None, [5]])
def test_money_over_the_api_is_a_whole_number_and_nothing_that_looks_like_one(
    debtor: tuple[TestClient, dict[str, str], int], amount: Any
) -> None:
    client, headers, member_id = debtor
    paid = {"amount_minor": amount, "method": "cash"}
    assert client.post(f"/members/{member_id}/payments", json=paid, headers=headers).status_code == 422
    assert client.get(f"/members/{member_id}/owed", headers=headers).json()["owed_minor"] == 1000
