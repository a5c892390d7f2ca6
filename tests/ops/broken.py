"""A library with something of everything in it, and for each invariant a way to break it behind the library's back."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_work
from lib.accounts.models import ApiKey, LinkKind, MailedLink, RefreshToken, SignInSession
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind, ChargeState, PaymentMethod
from lib.billing.payments import pay
from lib.catalogue.search_index import rebuild_index
from lib.circulation.hold_models import Hold, HoldState
from lib.notices.models import Notice, NoticeStatus
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.steps import hand_in, issue, rows

LATE = "'2030-01-01 00:00:00.000000+00:00'"
FIRST_ACCOUNT = "(SELECT min(id) FROM account)"
NO_GUARD = ["sqlite:DROP TRIGGER payment_no_delete", "postgresql:DROP TRIGGER payment_no_delete ON payment"]


def lived_in(library: Installation) -> Actor:
    """Loans, a queue with a copy on the hold shelf, charges, a payment, notices, sessions and keys; all is well.

    Returns the librarian.
    """
    desk, reader, other, third = (a_librarian(library), *(a_member(library) for _ in range(3)))
    title, _spare = a_title(library, "Dune"), a_title(library, "Emma")
    first, second, shelved = (a_copy(library, title) for _ in range(3))
    receipt = issue(library, desk, first, reader)
    issue(library, desk, second, other)
    hand_in(library, desk, second)
    copy_id = rows(library, f"SELECT id FROM copy WHERE barcode = '{shelved}'")[0][0]
    with begin_work(library, desk) as uow:
        rebuild_index(uow)
        uow.connection.execute(text("UPDATE copy SET status = 'on_hold_shelf' WHERE id = :id"), {"id": copy_id})
        _queue(uow, title, copy_id, [other, third, desk, reader])
        _money(uow, third, reader, receipt.loan_id)
        _proofs(uow, reader)
    return desk


def _queue(uow: UnitOfWork, title_id: int, copy_id: int, people: list[Actor]) -> None:
    ready, first, second, gone = (person.account_id for person in people)
    shelf = {"shelf_copy_id": copy_id, "ready_at": uow.now, "shelf_until": uow.today + timedelta(days=7)}
    found: list[dict[str, Any]] = [
        {"account_id": ready, "state": HoldState.READY} | shelf,
        {"account_id": first, "state": HoldState.WAITING, "position": 1},
        {"account_id": second, "state": HoldState.WAITING, "position": 2},
        {"account_id": gone, "state": HoldState.CANCELLED, "ended_at": uow.now},
        {"account_id": gone, "state": HoldState.EXPIRED, "ended_at": uow.now} | shelf,
    ]
    for row in found:
        uow.connection.execute(insert(Hold).values(title_id=title_id, placed_at=uow.now, shelf_days=7, **row))


def _money(uow: UnitOfWork, payer: Actor, late: Actor, loan_id: int) -> None:
    assert payer.account_id is not None
    assert late.account_id is not None
    open_charge(uow, account_id=payer.account_id, kind=ChargeKind.OTHER, amount_minor=300, what="Copies")
    open_charge(
        uow, account_id=late.account_id, kind=ChargeKind.FINE, amount_minor=20, what="Fine", loan_id=loan_id,
        state=ChargeState.ACCRUING,
    )  # fmt: skip
    pay(uow, account_id=payer.account_id, amount_minor=100, method=PaymentMethod.CASH)


def _proofs(uow: UnitOfWork, reader: Actor) -> None:
    account_id, later = reader.account_id, uow.now + timedelta(days=7)
    uow.connection.execute(
        insert(SignInSession).values(
            account_id=account_id, created_at=uow.now, last_seen_at=uow.now, expires_at=later, device="", address="",
        )
    )  # fmt: skip
    uow.connection.execute(
        insert(ApiKey).values(account_id=account_id, name="k", key_hash="h", hint="x", scopes=[], created_at=uow.now)
    )
    uow.connection.execute(
        insert(RefreshToken).values(
            account_id=account_id, family="f", token_hash="t", created_at=uow.now, expires_at=later
        )
    )
    uow.connection.execute(
        insert(MailedLink).values(
            account_id=account_id, kind=LinkKind.RESET_PASSWORD, token_hash="l", created_at=uow.now, expires_at=later
        )
    )
    uow.connection.execute(
        insert(Notice).values(
            account_id=account_id, address="reader@example.org", kind="welcome", subject_key="x", period="",
            language="en", subject="Welcome", body="Welcome.", status=NoticeStatus.SENT, message_id="<m@x>",
            created_at=uow.now, sent_at=uow.now,
        )
    )  # fmt: skip


def break_it(library: Installation, *statements: str) -> None:
    """Changes rows behind the library's back. "LOOSE loan" takes every constraint, index and trigger off a table
    first; "sqlite:" and "postgresql:" stand before what only one of them understands."""
    with library.engine.begin() as connection:
        if library.is_sqlite:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            only, _, own = statement.partition(":") if re.match("sqlite:|postgresql:", statement) else ("", "", "")
            if only and only != connection.dialect.name:
                continue
            asked = own or statement
            if asked.startswith("LOOSE "):
                _loosen(connection, asked.split()[1])
            else:
                connection.execute(text(asked))
        if library.is_sqlite:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def _loosen(connection: Connection, table: str) -> None:
    connection.execute(text(f"ALTER TABLE {table} RENAME TO guarded_{table}"))
    connection.execute(text(f"CREATE TABLE {table} AS SELECT * FROM guarded_{table}"))


def _till(number: int, first: int, last: int) -> str:
    return (
        "INSERT INTO day_close (id, on_date, closed_at, closed_by, first_payment_id, last_payment_id, totals,"
        " cash_expected_minor, cash_counted_minor, note)"
        f" VALUES ({number}, '2026-03-10', {LATE}, 1, {first}, {last}, '{{}}', 1, 1, '')"
    )


BREAKS: dict[str, list[str]] = {
    "one-open-loan-per-copy": [
        "DROP INDEX uq_loan_open_copy",
        "UPDATE loan SET returned_at = NULL, returned_on = NULL, copy_id = (SELECT min(copy_id) FROM loan)",
    ],
    "open-loan-has-copy-out": ["UPDATE copy SET status = 'lost' WHERE status = 'on_loan'"],
    "open-loan-has-member": ["LOOSE loan", "UPDATE loan SET account_id = NULL"],
    "loan-of-its-copys-title": ["UPDATE loan SET title_id = (SELECT max(id) FROM title)"],
    "due-not-before-issue": ["LOOSE loan", "UPDATE loan SET due_on = '2025-12-31'"],
    "return-not-before-issue": [
        "LOOSE loan", "UPDATE loan SET returned_on = '2025-12-31' WHERE returned_on IS NOT NULL",
    ],
    "return-is-whole": ["LOOSE loan", "UPDATE loan SET returned_on = NULL"],
    "copy-out-has-open-loan": ["UPDATE copy SET status = 'on_loan' WHERE status = 'available'"],
    "shelved-copy-has-ready-hold": ["UPDATE copy SET status = 'on_hold_shelf' WHERE status = 'available'"],
    "ready-hold-has-copy-shelved": ["UPDATE copy SET status = 'available' WHERE status = 'on_hold_shelf'"],
    "withdrawn-copy-says-when": ["LOOSE copy", "UPDATE copy SET withdrawn_at = added_at WHERE status = 'available'"],
    "archived-title-lends-nothing": ["UPDATE title SET archived_at = added_at"],
    "loans-within-limit": ["UPDATE loan SET max_loans = 0"],
    "holds-within-limit": ["UPDATE hold SET max_holds = 0"],
    "renewals-within-limit": ["UPDATE loan SET renewals = 9"],
    "one-live-hold-per-member-and-title": [
        "DROP INDEX uq_hold_member_title",
        "UPDATE hold SET account_id = (SELECT min(account_id) FROM hold WHERE state = 'waiting')",
    ],
    "live-hold-has-member": ["UPDATE hold SET account_id = NULL"],
    "queue-counts-from-one": ["UPDATE hold SET position = position + 10 WHERE state = 'waiting'"],
    "only-waiting-holds-have-places": ["LOOSE hold", "UPDATE hold SET position = 7 WHERE state = 'cancelled'"],
    "ready-hold-has-copy": ["LOOSE hold", "UPDATE hold SET shelf_until = NULL"],
    "one-ready-hold-per-copy": [
        "LOOSE hold",
        "UPDATE hold SET state = 'ready', shelf_copy_id = (SELECT max(shelf_copy_id) FROM hold), position = NULL"
        " WHERE state = 'waiting'",
    ],
    "hold-of-its-copys-title": ["UPDATE hold SET title_id = (SELECT max(id) FROM title) WHERE state = 'ready'"],
    "undone-loan-is-closed": ["LOOSE loan", "UPDATE loan SET undone_at = issued_at"],
    "lost-loan-is-closed": ["LOOSE loan", "UPDATE loan SET found_at = issued_at"],
    "ended-hold-says-when": ["LOOSE hold", "UPDATE hold SET ended_at = NULL"],
    "expired-hold-was-ready": ["UPDATE hold SET ready_at = NULL WHERE state = 'expired'"],
    "only-waiting-holds-are-suspended": ["LOOSE hold", "UPDATE hold SET suspended_until = '2026-05-01'"],
    "known-account-status": ["LOOSE account", "UPDATE account SET status = 'asleep'"],
    "suspension-has-reason": ["LOOSE account", "UPDATE account SET status = 'suspended'"],
    "only-fines-accrue": ["LOOSE charge", "UPDATE charge SET state = 'accruing'"],
    "ledger-is-guarded": NO_GUARD,
    "charge-is-sum-of-entries": ["UPDATE charge SET balance_minor = balance_minor + 1"],
    "entry-of-its-charges-member": [f"UPDATE charge SET account_id = {FIRST_ACCOUNT}"],
    "one-currency": ["LOOSE payment", "UPDATE payment SET currency = 'USD'"],
    "payment-is-sum-of-entries": ["LOOSE payment", "UPDATE payment SET amount_minor = amount_minor + 1"],
    "payment-of-its-entries-member": ["LOOSE payment", f"UPDATE payment SET account_id = {FIRST_ACCOUNT}"],
    "set-off-adds-nothing": ["LOOSE ledger_entry", "UPDATE ledger_entry SET kind = 'set_off' WHERE kind = 'payment'"],
    "refunds-within-payments": [
        "LOOSE ledger_entry", "UPDATE ledger_entry SET amount_minor = 100 WHERE kind = 'payment'",
    ],
    "credit-was-paid": ["UPDATE charge SET balance_minor = -900"],
    "reversal-is-opposite": [
        "LOOSE ledger_entry",
        "UPDATE ledger_entry SET reverses_id = (SELECT min(id) FROM ledger_entry) WHERE kind = 'payment'",
    ],
    "payment-reversal-is-opposite": ["LOOSE payment", "UPDATE payment SET reverses_id = id"],
    "receipts-count-from-one": ["LOOSE payment", "UPDATE payment SET number = 2"],
    "receipt-counter-stands-at-last": ["UPDATE receipt_number SET last = 9"],
    "ledger-in-the-librarys-currency": [
        'INSERT INTO settings_version (group_name, version, "values", changed_at)'
        f""" VALUES ('library', 9, '{{"currency": "USD"}}', {LATE})""",
    ],
    "payment-has-entries-of-its-kind": ["LOOSE payment", "UPDATE payment SET kind = 'refund'"],
    "till-closes-follow-one-another": [_till(1, 1, 1), "LOOSE day_close", _till(2, 1, 1)],
    "till-closes-leave-nothing-out": ["LOOSE day_close", _till(1, 5, 5)],
    "till-was-closed-over-its-cash": [_till(1, 1, 1)],
    "one-growing-fine-per-loan": [
        "LOOSE charge", "UPDATE charge SET state = 'accruing', loan_id = (SELECT min(id) FROM loan)",
    ],
    "growing-fine-has-open-loan": ["UPDATE loan SET returned_at = issued_at, returned_on = issued_on"],
    "fine-within-cap": ["UPDATE loan SET fine_settled = fine_cap + 1"],
    "charged-fines-within-cap": ["UPDATE loan SET fine_cap = 0"],
    "fixed-fine-is-charged": ["UPDATE charge SET state = 'final' WHERE kind = 'fine'"],
    "claim-ends-with-return": ["UPDATE loan SET claimed_on = issued_on WHERE returned_at IS NOT NULL"],
    "loan-numbers-not-negative": ["LOOSE loan", "UPDATE loan SET renewals = -1"],
    "notice-once": ["LOOSE notice", "INSERT INTO notice SELECT * FROM notice"],
    "sent-notice-has-time": ["LOOSE notice", "UPDATE notice SET sent_at = NULL"],
    "sent-notice-stays-sent": ["UPDATE notice SET status = 'queued'"],
    "loan-has-audit-row": ["DELETE FROM audit WHERE action = 'loan.issue'"],
    "return-has-audit-row": ["DELETE FROM audit WHERE action = 'loan.return'"],
    "loss-has-audit-row": ["UPDATE loan SET lost_at = returned_at WHERE returned_at IS NOT NULL"],
    "hold-has-audit-row": ["UPDATE hold SET placed_by = (SELECT min(id) FROM account) WHERE position = 1"],
    "payment-has-audit-row": ["DELETE FROM audit WHERE subject_kind = 'payment'"],
    "entry-has-audit-row": [f"UPDATE audit SET at = {LATE}"],
    "known-audit-heads": ["DELETE FROM audit_lane"],
    "audit-chain": ["UPDATE audit SET action = 'nothing'"],
    "disabled-account-has-no-session": ["UPDATE account SET status = 'disabled'"],
    "disabled-account-has-no-key": ["UPDATE account SET status = 'rejected'"],
    "disabled-account-has-no-token": ["UPDATE account SET status = 'disabled'"],
    "session-ends-with-reason": ["LOOSE session", "UPDATE session SET ended_at = created_at"],
    "link-used-within-its-time": [f"UPDATE mailed_link SET used_at = {LATE}"],
    "cut-history-is-cut-in-the-book-of-acts": ["UPDATE loan SET account_id = NULL WHERE returned_at IS NOT NULL"],
    "cut-loan-has-no-instant": [
        "UPDATE audit SET action = 'loan.self-issue' WHERE action = 'loan.issue'",
        "UPDATE loan SET account_id = NULL WHERE returned_at IS NOT NULL",
    ],
    "closed-account-is-empty": ["UPDATE account SET status = 'closed'"],
    "title-counts-its-loans": ["UPDATE title SET loan_count = loan_count + 1"],
    "every-title-is-indexed": ["DELETE FROM title_search"],
    "index-holds-no-ghosts": [
        "sqlite:INSERT INTO title_search (rowid, title) VALUES (987654, 'gone')",
        "postgresql:LOOSE title_search",
        "postgresql:INSERT INTO title_search (title_id, vector) VALUES (987654, 'gone')",
    ],
    "isbn-has-thirteen-digits": [
        "LOOSE title_isbn", "INSERT INTO title_isbn (isbn13, title_id) SELECT '123', min(id) FROM title",
    ],
    "ratings-add-up": [
        "postgresql:ALTER TABLE title DROP CONSTRAINT ck_title_rating_possible", "UPDATE title SET rating_count = 9",
    ],
    "general-rule-is-there": ["DELETE FROM policy_rule"],
    "general-rule-is-whole": ["UPDATE policy_rule SET loan_days = NULL"],
    "not-closed-for-good": [
        f"INSERT INTO closure (kind, weekday, is_open, reason, created_at) VALUES ('weekly', {day}, false, '', {LATE})"
        for day in range(7)
    ],
}  # fmt: skip
