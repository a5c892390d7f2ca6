"""What must never be, the database itself refuses, and what is asked often has its index."""

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from lib.access.installation import Installation
from lib.ops.tables import METADATA
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.steps import issue

IMPOSSIBLE = [
    "UPDATE loan SET fine_settled = -1",
    "UPDATE loan SET fine_cap = -1",
    "UPDATE loan SET max_renewals = -1",
    "UPDATE loan SET loan_days = 0",
    "UPDATE loan SET due_on = '2020-01-01'",
    "UPDATE loan SET account_id = NULL",
    "UPDATE loan SET returned_at = issued_at",
    "UPDATE copy SET status = 'withdrawn'",
    "UPDATE copy SET withdrawn_at = added_at",
    "UPDATE copy SET status = 'eaten'",
    "UPDATE title SET loan_count = -1",
    "UPDATE title SET rating_count = 1, rating_sum = 6",
    "UPDATE desk_act SET kind = 'guess'",
    "UPDATE membership_type SET months = 0",
    "UPDATE account SET status = 'suspended', status_reason = NULL",
    "INSERT INTO closure (kind, weekday, is_open, reason, created_at)"
    " SELECT 'weekly', 1, 1 = 1, '', registered_at FROM account LIMIT 1",
    "INSERT INTO notice (address, channel, kind, subject_key, period, language, subject, body, status, message_id,"
    " created_at) SELECT 'a', 'email', 'k', '', '', 'en', '', '', 'sent', 'm', registered_at FROM account LIMIT 1",
]
# Parents of these are never deleted, or so rarely that looking through the rows does.
UNINDEXED = {
    "account.membership_type_id", "policy_rule.item_kind_id", "policy_rule.membership_type_id",
    "title.kind_id", "day_close.first_payment_id",
}  # fmt: skip


def test_what_must_never_be_is_refused_by_the_database(library: Installation) -> None:
    issue(library, a_librarian(library), a_copy(library), a_member(library))
    a_loan(library, a_member(library))
    for statement in IMPOSSIBLE:
        if statement.startswith("INSERT") and library.is_sqlite:
            statement = statement.replace("1 = 1", "1")
        with pytest.raises(IntegrityError), library.engine.begin() as connection:
            connection.execute(text(statement))


def _led(table: Table) -> set[str]:
    """The columns by which rows of a table are found at once."""
    keys = [found for found in table.constraints if isinstance(found, PrimaryKeyConstraint | UniqueConstraint)]
    first = {next(iter(key.columns)).name for key in keys if len(key.columns)}
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    return first | {getattr(next(iter(index.expressions)), "name", "") for index in whole}


def test_every_foreign_key_is_indexed_from_its_side() -> None:
    bare = {
        f"{table.name}.{key.parent.name}"
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if key.parent.name not in _led(table)
    }
    assert bare == UNINDEXED
