"""The integrity check finds each thing that must never be, and nothing when all is well."""

from datetime import date

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import record
from lib.catalogue.search_index import rebuild_index
from lib.kit.errors import Forbidden
from lib.ops.integrity import Finding, findings, invariants
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import hand_in, issue


def broken(library: Installation) -> tuple[Finding, ...]:
    with begin_reading(library, SYSTEM) as uow:
        return findings(uow)


def _lend_some(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title = a_title(library, "Dune")
    first, second = a_copy(library, title), a_copy(library, title)
    issue(library, desk, first, reader)
    issue(library, desk, second, a_member(library))
    hand_in(library, desk, second)
    with begin_work(library, desk) as uow:
        rebuild_index(uow)


def _break(library: Installation, *statements: str) -> None:
    with library.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(text(statement))


def test_a_library_in_use_has_no_findings(library: Installation) -> None:
    _lend_some(library)
    assert broken(library) == ()


def test_every_name_is_there_once_and_every_sentence_is_one() -> None:
    names = [invariant.name for invariant in invariants()]
    assert len(names) == len(set(names)) > 30
    assert all(invariant.says.endswith(".") for invariant in invariants())


BREAKS = [
    ("one-open-loan-per-copy", [
        "DROP INDEX uq_loan_open_copy",
        "UPDATE loan SET returned_at = NULL, returned_on = NULL, copy_id = (SELECT min(copy_id) FROM loan)",
    ]),
    ("open-loan-has-copy-out", ["UPDATE copy SET status = 'lost' WHERE status = 'on_loan'"]),
    ("copy-out-has-open-loan", ["UPDATE copy SET status = 'on_loan'"]),
    ("title-counts-its-loans", ["UPDATE title SET loan_count = loan_count + 1"]),
    ("loan-of-its-copys-title", [
        "INSERT INTO title (kind_id, title, subtitle, original_title, sort_title, match_key, publisher, edition,"
        " language, volume, description, series_number, call_number, rating_sum, rating_count, rating_rank, loan_count,"
        " added_at, changed_at, version) SELECT kind_id, 'x', '', '', 'x', 'x', '', '', '', '', '', '', '', 0, 0, 0, 0,"
        " added_at, changed_at, 1 FROM title",
        "UPDATE loan SET title_id = (SELECT max(id) FROM title)",
    ]),
    ("general-rule-is-there", ["DELETE FROM policy_rule"]),
    ("general-rule-is-whole", ["UPDATE policy_rule SET loan_days = NULL"]),
    ("renewals-within-limit", ["UPDATE loan SET renewals = 9"]),
    ("fine-within-cap", ["UPDATE loan SET fine_settled = fine_cap + 1"]),
    ("archived-title-lends-nothing", ["UPDATE title SET archived_at = added_at"]),
    ("every-title-is-indexed", ["DELETE FROM title_search"]),
    ("loan-has-audit-row", ["DELETE FROM audit"]),
    ("audit-chain", ["UPDATE audit SET action = 'nothing'"]),
    ("not-closed-for-good", [
        f"INSERT INTO closure (kind, weekday, is_open, reason, created_at) VALUES"
        f" ('weekly', {day}, :no, '', '2026-01-01 00:00:00.000000+00:00')".replace(":no", "false")
        for day in range(7)
    ]),
    ("disabled-account-has-no-key", [
        "INSERT INTO api_key (account_id, name, key_hash, hint, scopes, created_at) SELECT id, 'k', 'h' || id, 'x',"
        " '[]', registered_at FROM account",
        "UPDATE account SET status = 'disabled'",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "statements"), BREAKS, ids=[name for name, _ in BREAKS])
def test_it_finds_what_must_never_be(library: Installation, name: str, statements: list[str]) -> None:
    _lend_some(library)
    _break(library, *statements)
    assert name in [finding.name for finding in broken(library)]


def test_a_finding_says_how_often_and_where(library: Installation) -> None:
    _lend_some(library)
    _break(library, "UPDATE title SET loan_count = 7")
    (found,) = broken(library)
    assert found.count == 1
    assert str(found).startswith("A title's number of loans is not what its loans add up to. 1 time (first: ")


def test_only_jobs_and_admins_may_ask(library: Installation) -> None:
    with pytest.raises(Forbidden), begin_reading(library, a_member(library)) as uow:
        findings(uow)


def test_the_chain_can_be_left_out(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        record(uow, "test.act", "thing", 1)
    _break(library, "UPDATE audit SET action = 'nothing'")
    with begin_reading(library, SYSTEM) as uow:
        assert findings(uow, chain=False) == ()


def test_a_loan_before_its_time_is_found(library: Installation) -> None:
    loan = a_loan(library, a_member(library))
    before = date(2025, 12, 31)
    if library.is_sqlite:
        _break(library, f"UPDATE loan SET due_on = '{before}' WHERE id = {loan}")
    else:
        _break(
            library, "ALTER TABLE loan DROP CONSTRAINT ck_loan_due_not_before_issue",
            f"UPDATE loan SET due_on = '{before}' WHERE id = {loan}",
        )  # fmt: skip
    assert "due-not-before-issue" in [finding.name for finding in broken(library)]
