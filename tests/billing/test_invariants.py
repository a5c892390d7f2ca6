"""What must always hold of the money is looked for, and found when it is broken behind the library's back."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.ledger import adjust
from lib.billing.till import close_day
from lib.billing.waivers import waive
from lib.catalogue.search_index import rebuild_index
from tests.billing.steps import CARD, broken, change, owes, paid, refunded, sound, taken_back
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.steps import hand_in, issue

ENTRY = "INSERT INTO ledger_entry (charge_id, account_id, kind, amount_minor, currency, at, on_date, reason{more})"
FROM_FIRST = "FROM ledger_entry e JOIN charge c ON c.id = e.charge_id ORDER BY e.id LIMIT 1"
AN_ENTRY = f"SELECT charge_id, e.account_id, 'charge', 100, currency, at, on_date, '' {FROM_FIRST}"
OPENED = "(SELECT min(id) FROM loan)"
# the invariant, and what breaks it (the triggers that would refuse some of it are dropped before)
BREAKS = [
    ("charge-is-sum-of-entries", ["UPDATE charge SET balance_minor = balance_minor + 1"]),
    ("charge-is-sum-of-entries", ["UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE kind = 'charge'"]),
    ("charge-is-sum-of-entries", [f"{ENTRY.format(more='')} {AN_ENTRY}"]),
    ("entry-of-its-charges-member", ["UPDATE ledger_entry SET account_id = (SELECT max(id) FROM account)"]),
    ("one-currency", ["UPDATE ledger_entry SET currency = 'USD' WHERE id = (SELECT min(id) FROM ledger_entry)"]),
    ("one-currency", ["UPDATE payment SET currency = 'USD'"]),
    ("payment-is-sum-of-entries", ["UPDATE payment SET amount_minor = amount_minor + 1 WHERE kind = 'payment'"]),
    ("payment-has-entries-of-its-kind", ["UPDATE ledger_entry SET kind = 'refund', amount_minor = 1 WHERE kind ="
                                         " 'payment'"]),
    ("payment-of-its-entries-member", ["UPDATE payment SET account_id = (SELECT max(id) FROM account)"]),
    ("set-off-adds-nothing", ["UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE kind = 'set_off'"]),
    ("refunds-within-payments", ["UPDATE ledger_entry SET amount_minor = 9999 WHERE kind = 'refund'"]),
    ("credit-was-paid", ["UPDATE charge SET balance_minor = balance_minor - 900"]),
    ("reversal-is-opposite", ["UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE kind = 'reversal'"]),
    ("payment-reversal-is-opposite", ["UPDATE payment SET amount_minor = amount_minor - 1 WHERE kind = 'reversal'"]),
    ("receipts-count-from-one", ["UPDATE payment SET number = number + 1 WHERE number = (SELECT max(number) FROM"
                                 " payment)"]),
    ("receipt-counter-stands-at-last", ["UPDATE receipt_number SET last = last + 1"]),
    ("till-was-closed-over-its-cash", ["UPDATE day_close SET cash_expected_minor = cash_expected_minor + 1"]),
    ("till-closes-leave-nothing-out", ["UPDATE day_close SET first_payment_id = last_payment_id"]),
    ("ledger-is-guarded", []),
    ("one-growing-fine-per-loan", [
        "DROP INDEX uq_charge_accruing",
        "INSERT INTO charge (account_id, kind, state, loan_id, what, balance_minor, made_at) SELECT account_id, 'fine',"
        f" 'accruing', {OPENED}, 'x', 0, made_at FROM charge",
    ]),
    ("growing-fine-has-open-loan", [f"UPDATE charge SET kind = 'fine', state = 'accruing', loan_id = {OPENED}"
                                    " WHERE id = (SELECT min(id) FROM charge)"]),
    ("charged-fines-within-cap", [f"UPDATE charge SET kind = 'fine', loan_id = {OPENED}",
                                  "UPDATE loan SET fine_cap = 10"]),
]  # fmt: skip
TRIGGERS = [f"{table}_no_{verb}" for table in ("ledger_entry", "payment", "day_close") for verb in ("update", "delete")]


def _use(library: Installation) -> None:
    """A bit of everything, money taken, given back, forgiven and taken back, and the till closed over most of it."""
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    issue(library, desk, barcode, reader)
    hand_in(library, desk, barcode)
    first, second = owes(library, reader, 500), owes(library, reader, 300)
    paid(library, desk, reader, 600)
    with begin_work(library, desk) as uow:
        rebuild_index(uow)
        adjust(uow, first, -200, reason="It was less")
        waive(uow, charge_id=second, amount_minor=50, reason="Because")
    refunded(library, desk, first, 100)
    taken_back(library, desk, paid(library, desk, reader, 20, method=CARD).payment_id)
    with begin_work(library, desk) as uow:
        close_day(uow, cash_counted_minor=500)
    paid(library, desk, reader, 10)  # after the credit of 200 less 100 for the first
    a_member(library)


def _unguard(library: Installation) -> None:
    for name in TRIGGERS:
        table = name.rpartition("_no_")[0]
        change(library, f"DROP TRIGGER {name}" + ("" if library.is_sqlite else f" ON {table}"))


def test_a_ledger_in_use_has_no_findings(library: Installation) -> None:
    _use(library)
    sound(library)


@pytest.mark.parametrize(("name", "statements"), BREAKS, ids=[f"{n}-{name}" for n, (name, _) in enumerate(BREAKS)])
def test_it_finds_what_must_never_be(library: Installation, name: str, statements: list[str]) -> None:
    _use(library)
    _unguard(library)
    change(library, *statements)
    assert name in broken(library)
