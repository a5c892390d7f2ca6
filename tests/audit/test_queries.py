"""Reading the audit trail: newest first, narrowed, paged."""

from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.queries import AuditEntry, actions, audit_rows
from lib.audit.trail import record
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden
from lib.kit.logs import request_id
from tests.builders import a_librarian, an_admin


def _fill(library: Installation, clock: SetClock) -> tuple[Actor, Actor]:
    admin, librarian = an_admin(library), a_librarian(library)
    acts = [
        (librarian, "loan.issue", "loan", 12), (librarian, "loan.return", "loan", 12),
        (librarian, "loan.issue", "loan", 13),
        (admin, "title.edit", "title", 12), (SYSTEM, "job.run", "job", None),
    ]  # fmt: skip
    for number, (actor, action, kind, subject) in enumerate(acts):
        with request_id(f"abcdef00000{number}"), begin_work(library, actor) as uow:
            record(uow, action, kind, subject, number=number)
        clock.forward(timedelta(days=1))
    return admin, librarian


def _numbers(library: Installation, admin: Actor, **given: object) -> list[int]:
    with begin_reading(library, admin) as uow:
        return [row.facts["number"] for row in audit_rows(uow, **given).rows]  # type: ignore[arg-type]


def test_it_is_narrowed_by_whatever_one_knows(library: Installation, clock: SetClock) -> None:
    start = clock.now()
    admin, librarian = _fill(library, clock)
    asked: list[tuple[dict[str, object], list[int]]] = [
        ({}, [4, 3, 2, 1, 0]), ({"text": "loan 12"}, [1, 0]), ({"text": "Loan #12"}, [1, 0]),
        ({"text": "loan"}, [2, 1, 0]),
        ({"text": "loan.issue"}, [2, 0]), ({"text": "abcdef000003"}, [3]), ({"text": "nothing"}, []),
        ({"text": "100%_"}, []), ({"text": "\x00\ud800"}, [4, 3, 2, 1, 0]), ({"action": "loan.issue"}, [2, 0]),
        ({"actor_id": librarian.account_id}, [2, 1, 0]), ({"subject": ("title", 12)}, [3]),
        ({"actor_id": librarian.account_id, "text": "loan 13"}, [2]),
        ({"since": start + timedelta(days=1), "until": start + timedelta(days=3)}, [2, 1]),
        ({"page": 2, "size": 2}, [2, 1]), ({"page": 99}, []),
    ]  # fmt: skip
    assert [_numbers(library, admin, **given) for given, _ in asked] == [expected for _, expected in asked]


def test_an_entry_says_who_what_when(library: Installation, clock: SetClock) -> None:
    start = clock.now()
    admin, librarian = _fill(library, clock)
    with begin_reading(library, admin) as uow:
        page = audit_rows(uow, size=2, page=3)
        assert actions(uow) == ("job.run", "loan.issue", "loan.return", "title.edit")
    assert (page.total, page.pages) == (5, 3)
    entry = page.rows[0]
    assert entry == AuditEntry(
        entry.id, start, librarian.account_id, "librarian", "loan.issue", "loan", 12, {"number": 0}, "abcdef000000"
    )


def test_only_those_who_may_read_it(sqlite_library: Installation) -> None:
    for ask in (audit_rows, actions):
        with pytest.raises(Forbidden), begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
            ask(uow)
