"""The integrity check finds each thing that must never be, and nothing when all is well."""

import json
import os
import re
from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import record
from lib.catalogue.covers import set_cover
from lib.catalogue.search_index import rebuild_index
from lib.circulation.rules import delete_line
from lib.kit.clock import SetClock
from lib.kit.config import HOME
from lib.kit.errors import Forbidden
from lib.ops.file_check import FILE_KNOWN, FILE_THERE, FILE_UNCHANGED, YOUNG
from lib.ops.integrity import AUDIT_CHAIN, SHOWN, Finding, findings, invariants, statement_of
from lib.ops.night_jobs import JOBS
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.catalogue.test_covers import a_picture
from tests.circulation.hold_steps import a_lent_title, hold, sound
from tests.circulation.steps import hand_in, issue, rows, set_rule, undone
from tests.ops.broken import BREAKS, break_it, lived_in


def broken(library: Installation) -> tuple[Finding, ...]:
    with begin_reading(library, SYSTEM) as uow:
        return findings(uow)


def names_of(library: Installation) -> set[str]:
    return {finding.name for finding in broken(library)}


def test_a_library_in_use_has_no_findings(library: Installation) -> None:
    lived_in(library)
    assert broken(library) == ()


def test_every_name_is_there_once_and_every_sentence_is_one() -> None:
    names = [invariant.name for invariant in invariants()]
    assert len(names) == len(set(names)) > 60
    assert all(invariant.says.endswith(".") for invariant in invariants())


def test_every_block_of_the_file_is_understood() -> None:
    written = (HOME / "lib/ops/invariants.sql").read_text("utf-8").count("-- says: ")
    assert len(invariants()) == written


def test_every_invariant_has_an_example_that_breaks_it() -> None:
    assert {invariant.name for invariant in invariants()} | {AUDIT_CHAIN} == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_it_finds_what_must_never_be(library: Installation, name: str) -> None:
    lived_in(library)
    break_it(library, *BREAKS[name])
    found = {finding.name: finding for finding in broken(library)}
    assert name in found
    assert str(found[name])


def test_a_finding_says_how_often_and_where(library: Installation) -> None:
    lived_in(library)
    break_it(library, "UPDATE title SET loan_count = 7 WHERE loan_count > 0")
    (found,) = broken(library)
    assert found.count == 1
    assert str(found).startswith("A title's number of loans is not what its loans add up to. 1 time (first: ")


def test_only_jobs_and_admins_may_ask(library: Installation) -> None:
    with pytest.raises(Forbidden), begin_reading(library, a_member(library)) as uow:
        findings(uow)


def test_the_chain_can_be_left_out(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        record(uow, "test.act", "thing", 1)
    break_it(library, "UPDATE audit SET action = 'nothing'")
    with begin_reading(library, SYSTEM) as uow:
        assert findings(uow, chain=False) == ()


def test_a_finding_shows_its_first_rows_with_ids_and_facts_and_nothing_personal(library: Installation) -> None:
    loans = [a_loan(library, a_member(library)) for _ in range(SHOWN + 5)]
    break_it(library, "UPDATE copy SET status = 'available'")
    (found,) = [one for one in broken(library) if one.name == "open-loan-has-copy-out"]
    assert found.count == len(loans)
    assert len(found.rows) == SHOWN
    assert {row["loan_id"] for row in found.rows} <= set(loans)
    assert set(found.rows[0]) == {"copy_id", "title_id", "barcode", "status", "loan_id"}
    assert json.loads(json.dumps(found.rows)) == list(found.rows)


PERSONAL = {
    "name", "sort_name", "email", "username", "card_number", "phone_sealed", "address_sealed", "address", "note",
    "reason", "what", "body", "device", "status_reason", "password_hash", "token_hash",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in BREAKS if name != AUDIT_CHAIN])
def test_no_question_shows_who_somebody_is(sqlite_library: Installation, name: str) -> None:
    asked = next(invariant for invariant in invariants() if invariant.name == name)
    with begin_reading(sqlite_library, SYSTEM) as uow:
        cursor = uow.connection.exec_driver_sql(statement_of(asked, True).sqlite, {"now": "2026-03-10"})
        assert PERSONAL & {column[0] for column in cursor.cursor.description} == set()


def test_a_limit_that_was_overridden_is_no_fault(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, max_loans=1)
    issue(library, desk, a_copy(library), reader)
    issue(library, desk, a_copy(library), reader, override="Thesis week")
    assert "loans-within-limit" not in names_of(library)
    break_it(library, "DELETE FROM audit WHERE subject_id = (SELECT max(id) FROM loan)")
    assert "loans-within-limit" in names_of(library)


def test_a_limit_is_that_of_the_day_not_todays(library: Installation, clock: SetClock) -> None:
    desk, reader = a_librarian(library), a_member(library)
    first, second = a_copy(library), a_copy(library)
    for barcode in (first, second):
        issue(library, desk, barcode, reader)
    set_rule(library, max_loans=1)
    assert "loans-within-limit" not in names_of(library)
    clock.at += timedelta(days=1)
    for barcode in (first, second):
        hand_in(library, desk, barcode)
    issue(library, desk, first, reader)
    assert "loans-within-limit" not in names_of(library)


def test_a_limit_of_a_kind_counts_that_kind_alone(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, kind="film", max_loans=1)
    issue(library, desk, a_copy(library), reader)
    issue(library, desk, a_copy(library, a_title(library, kind="film")), reader)
    assert "loans-within-limit" not in names_of(library)
    film = a_copy(library, a_title(library, kind="film"))
    issue(library, desk, film, reader, override="For the film club")
    break_it(library, "DELETE FROM audit WHERE subject_id = (SELECT max(id) FROM loan)")
    assert "loans-within-limit" in names_of(library)


def test_a_limit_that_is_exceeded_is_found_whatever_kind_it_counts(library: Installation) -> None:
    """A limit of a kind and the general one, each gone over behind the library's back."""
    set_rule(library, kind="film", max_loans=5, max_holds=5)
    desk, reader = a_librarian(library), a_member(library)
    for kind in ("book", "film", "book", "film"):
        issue(library, desk, a_copy(library, a_title(library, kind=kind)), reader)
        hold(library, reader, a_lent_title(library, kind=kind)[0])
    sound(library)
    for table, limit, name in (
        ("loan", "max_loans", "loans-within-limit"), ("hold", "max_holds", "holds-within-limit"),
    ):  # fmt: skip
        for of_kind in ("IS NULL", "IS NOT NULL"):
            break_it(library, f"UPDATE {table} SET {limit} = 1 WHERE {limit} IS NOT NULL AND limit_kind_id {of_kind}")
            (found,) = broken(library)
            assert (found.name, found.count) == (name, 1), (table, of_kind)
            break_it(library, f"UPDATE {table} SET {limit} = 5 WHERE {limit} = 1")
    assert broken(library) == ()


@pytest.mark.parametrize(("old", "new"), [("book", "film"), ("film", "book")])
def test_a_title_whose_kind_is_corrected_makes_no_past_loan_or_hold_a_fault(
    library: Installation, old: str, new: str
) -> None:
    set_rule(library, max_loans=2, max_holds=2)
    set_rule(library, kind="film", max_loans=2, max_holds=2)
    desk, reader = a_librarian(library), a_member(library)
    wrong = [a_title(library, kind=old), a_lent_title(library, kind=old)[0]]
    issue(library, desk, a_copy(library, wrong[0]), reader)
    hold(library, reader, wrong[1])
    for _ in range(2):
        issue(library, desk, a_copy(library, a_title(library, kind=new)), reader)
        hold(library, reader, a_lent_title(library, kind=new)[0])
    for title in wrong:
        break_it(
            library, f"UPDATE title SET kind_id = (SELECT id FROM item_kind WHERE code = '{new}') WHERE id = {title}"
        )
    sound(library)


def test_a_limit_for_a_kind_that_came_and_went_makes_no_fault(library: Installation) -> None:
    """What was borrowed before the line is apart from the general limit while the line holds, and that is fine."""
    set_rule(library, max_loans=2)
    desk, reader = a_librarian(library), a_member(library)
    for kind in ("film", "book", "book"):
        if kind == "book" and not _film_line(library):
            set_rule(library, kind="film", max_loans=2)
        issue(library, desk, a_copy(library, a_title(library, kind=kind)), reader)
    with begin_work(library, an_admin(library)) as uow:
        delete_line(uow, _film_line(library)[0][0])
    sound(library)


def _film_line(library: Installation) -> list[tuple[int]]:
    return rows(library, "SELECT id FROM policy_rule WHERE item_kind_id IS NOT NULL")


def test_a_return_that_was_taken_back_does_not_make_the_next_loan_a_fault(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, max_loans=1)
    first = a_copy(library)
    issue(library, desk, first, reader)
    back = hand_in(library, desk, first)
    issue(library, desk, a_copy(library), reader)
    undone(library, desk, back.act_id)
    assert "loans-within-limit" not in names_of(library)


def test_a_stored_file_that_is_gone_changed_or_nobodys_is_found(library: Installation) -> None:
    title, files = a_title(library), library.files
    with begin_work(library, a_librarian(library)) as uow:
        set_cover(uow, title, a_picture())
        rebuild_index(uow)
    (digest,) = rows(library, "SELECT sha256 FROM stored_file")[0]
    assert broken(library) == ()
    whole = files.get(digest)
    files.path(digest).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    (found,) = broken(library)
    assert (found.name, found.rows[0]["title_id"]) == (FILE_UNCHANGED, title)
    files.path(digest).unlink()
    assert names_of(library) == {FILE_THERE}
    files.put(whole)
    stray = files.path(files.put(b"nobody's"))
    old = (library.clock.now() - YOUNG - timedelta(minutes=1)).timestamp()
    os.utime(stray, (old, old))
    assert names_of(library) == {FILE_KNOWN}
    os.utime(stray, (old + 120, old + 120))
    assert names_of(library) == set()  # it may be part of an upload that is under way


def test_the_handbook_names_every_check_under_its_rule() -> None:
    text = (HOME / "docs/operations.md").read_text("utf-8")
    named = {
        name: line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ") and "`" in line
        for name in re.findall(r"`([a-z0-9-]+)`", line)
    }  # fmt: skip
    wanted = {invariant.name: str(invariant.rule or "") for invariant in invariants()}
    wanted |= {AUDIT_CHAIN: "12", FILE_THERE: "15", FILE_UNCHANGED: "15", FILE_KNOWN: "15"}
    assert {name: rule for name, rule in wanted.items() if named.get(name) != rule} == {}


def test_the_handbook_names_every_night_job() -> None:
    text = (HOME / "docs/operations.md").read_text("utf-8")
    assert [job.name for job in JOBS if f"`{job.name}`" not in text] == []
