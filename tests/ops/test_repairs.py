"""Repairs mend what they say, once, on both databases; where none is safe the page says what to look at."""

import os

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.kit.errors import Forbidden, NotFound
from lib.ops.auditor import findings_of, run_audit
from lib.ops.file_check import FILE_KNOWN, FILE_THERE, FILE_UNCHANGED
from lib.ops.integrity import AUDIT_CHAIN, invariants
from lib.ops.repairs import ADVICE, REPAIRS, NoSafeRepair, Repaired, StillBroken, proposal, repair
from tests.builders import a_copy, a_librarian, a_member, a_title, an_admin
from tests.circulation.steps import issue, rows
from tests.ops.broken import BREAKS, break_it, lived_in
from tests.ops.test_integrity import names_of


def mended(library: Installation, name: str) -> Repaired:
    with begin_work(library, an_admin(library)) as uow:
        return repair(uow, name)


@pytest.mark.parametrize("name", [name for name in BREAKS if name in REPAIRS])
def test_a_repair_mends_what_it_says_and_a_second_one_finds_nothing(library: Installation, name: str) -> None:
    lived_in(library)
    break_it(library, *BREAKS[name])
    assert name in names_of(library)
    done = mended(library, name)
    assert done.rows >= 1
    assert name not in names_of(library)
    audited = rows(library, "SELECT facts FROM audit WHERE action = 'integrity.repair'")
    assert len(audited) == 1
    again = mended(library, name)
    assert again.rows == 0
    assert "already" in again.text
    assert len(rows(library, "SELECT 1 FROM audit WHERE action = 'integrity.repair'")) == 1


WHOLE = (
    "copy-out-has-open-loan", "shelved-copy-has-ready-hold", "ready-hold-has-copy-shelved", "title-counts-its-loans",
    "queue-counts-from-one", "charge-is-sum-of-entries", "receipt-counter-stands-at-last", "ledger-is-guarded",
    "general-rule-is-whole", "sent-notice-stays-sent",
)  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_after_a_repair_nothing_else_is_broken_either(library: Installation, name: str) -> None:
    lived_in(library)
    break_it(library, *BREAKS[name])
    mended(library, name)
    assert names_of(library) == set()


@pytest.mark.parametrize("name", sorted({*BREAKS, FILE_THERE, FILE_UNCHANGED, FILE_KNOWN}))
def test_whatever_can_break_has_a_repair_or_a_word_of_advice(name: str) -> None:
    assert (name in REPAIRS) is (name not in ADVICE)
    assert proposal(name, 2).text.endswith(".")


def test_no_repair_or_advice_is_left_over() -> None:
    known = {invariant.name for invariant in invariants()} | {AUDIT_CHAIN, FILE_THERE, FILE_UNCHANGED, FILE_KNOWN}
    assert (set(REPAIRS) | set(ADVICE)) - known == set()


def test_a_copy_that_is_freed_goes_to_whoever_waits(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title = a_title(library)
    barcode = a_copy(library, title, status="on_loan")
    with begin_work(library, desk) as uow:
        uow.connection.execute(
            text(
                "INSERT INTO hold (title_id, account_id, state, position, placed_at, shelf_days, end_reason, version)"
                " SELECT id, :who, 'waiting', 1, added_at, 7, '', 1 FROM title WHERE id = :title"
            ),
            {"who": reader.account_id, "title": title},
        )
    mended(library, "copy-out-has-open-loan")
    assert rows(library, f"SELECT status FROM copy WHERE barcode = '{barcode}'") == [("on_hold_shelf",)]
    assert rows(library, "SELECT state FROM hold") == [("ready",)]


def test_a_repair_that_leaves_a_row_broken_is_refused_whole(library: Installation) -> None:
    lived_in(library)
    break_it(library, "UPDATE copy SET status = 'lost' WHERE status = 'on_hold_shelf'")
    with pytest.raises(StillBroken) as refused:
        mended(library, "ready-hold-has-copy-shelved")
    assert "1 row" in str(refused.value)
    assert rows(library, "SELECT 1 FROM audit WHERE action = 'integrity.repair'") == []
    assert rows(library, "SELECT count(*) FROM copy WHERE status = 'lost'") == [(1,)]


def test_what_a_person_must_look_at_is_not_touched(library: Installation) -> None:
    lived_in(library)
    break_it(library, *BREAKS["renewals-within-limit"])
    with pytest.raises(NoSafeRepair) as refused:
        mended(library, "renewals-within-limit")
    assert "Look who renewed" in str(refused.value)
    with pytest.raises(NotFound):
        mended(library, "no-such-thing")


def test_only_admins_repair(library: Installation) -> None:
    lived_in(library)
    for who in (a_librarian(library), a_member(library)):
        with pytest.raises(Forbidden), begin_work(library, who) as uow:
            repair(uow, "title-counts-its-loans")


def test_a_repair_is_noted_beside_the_last_runs_finding(library: Installation) -> None:
    admin = an_admin(library)
    break_it(library, "UPDATE policy_rule SET loan_days = NULL")
    made = run_audit(library, asked_by="page", actor=admin)
    mended(library, "general-rule-is-whole")
    with begin_reading(library, admin) as uow:
        (found,) = findings_of(uow, made.run.id)
    assert found.repaired_at == library.clock.now()
    assert found.repair.startswith("The open values")


def test_files_of_nobody_are_deleted_and_others_stay(library: Installation) -> None:
    stray = library.files.path(library.files.put(b"nobody's"))
    young = library.files.path(library.files.put(b"just uploaded"))
    old = library.clock.now().timestamp() - 7200
    os.utime(stray, (old, old))
    mended(library, FILE_KNOWN)
    assert (stray.exists(), young.exists()) == (False, True)


def test_a_recount_and_an_issue_do_not_lose_each_other(library: Installation) -> None:
    desk = lived_in(library)
    break_it(library, "UPDATE title SET loan_count = 40")
    mended(library, "title-counts-its-loans")
    (title_id,) = rows(library, "SELECT min(id) FROM title")[0]
    issue(library, desk, a_copy(library, title_id), a_member(library))
    assert "title-counts-its-loans" not in names_of(library)
