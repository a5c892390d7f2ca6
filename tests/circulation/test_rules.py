"""The policy table: saved, found, deleted, with its general line always there."""

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.membership_types import list_types, save_type
from lib.catalogue.kinds import rename_kind
from lib.catalogue.vocabulary import kinds_of
from lib.circulation.errors import LastLine, LineExists
from lib.circulation.policy import DEFAULTS, EffectiveRule
from lib.circulation.policy_sets import PolicyLineRow
from lib.circulation.rules import delete_line, policy_lines, rule_for, save_line
from lib.kit.errors import Forbidden, Invalid, NotFound, StaleEdit
from tests.builders import a_librarian, an_admin
from tests.circulation.steps import rows


def _lines(library: Installation) -> tuple[PolicyLineRow, ...]:
    with begin_reading(library, an_admin(library)) as uow:
        return policy_lines(uow)


def _rule(library: Installation, type_id: int | None, kind_id: int | None) -> EffectiveRule:
    with begin_reading(library, an_admin(library)) as uow:
        return rule_for(uow, type_id, kind_id)


def _save(
    library: Installation, type_id: int | None, kind_id: int | None, *, seen: int | None = None, **values: int | None
) -> int:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        return save_line(uow, type_id, kind_id, values, seen_version=seen)


def _delete(library: Installation, line_id: int) -> None:
    with begin_work(library, an_admin(library)) as uow:
        delete_line(uow, line_id)


def test_a_library_starts_with_the_default_line(library: Installation) -> None:
    (line,) = _lines(library)
    assert (line.label, dict(line.values)) == ("any × any", dict(DEFAULTS))


def test_a_saved_line_is_in_force_at_once(library: Installation) -> None:
    assert _rule(library, 1, 1).loan_days == 21
    line = _save(library, 1, None, loan_days=14)
    assert _rule(library, 1, 1).loan_days == 14
    assert _rule(library, 2, 1).loan_days == 21
    _save(library, 1, None, seen=1, loan_days=7)
    assert _rule(library, 1, 1).loan_days == 7
    _delete(library, line)
    assert _rule(library, 1, 1).loan_days == 21
    actions = [row[0] for row in rows(library, "SELECT action FROM audit ORDER BY id")]
    assert actions == ["policy.save", "policy.save", "policy.delete"]


def test_a_change_that_is_rolled_back_is_not_in_force(library: Installation) -> None:
    def fail() -> None:
        with begin_work(library, an_admin(library)) as uow:
            save_line(uow, 1, None, {"loan_days": 3})
            assert rule_for(uow, 1, 1).loan_days == 3
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _rule(library, 1, 1).loan_days == 21


def test_one_line_a_pair(library: Installation) -> None:
    _save(library, 1, 2, max_loans=3)
    with pytest.raises(LineExists):
        _save(library, 1, 2, max_loans=4)
    with pytest.raises(NotFound):
        _save(library, 10**6, 2, max_loans=4)
    with pytest.raises(NotFound):
        _save(library, 3, 3, seen=1, max_loans=4)


def test_a_stale_edit_overwrites_nothing(library: Installation) -> None:
    _save(library, None, None, seen=1, **{**DEFAULTS, "loan_days": 30})
    with pytest.raises(StaleEdit):
        _save(library, None, None, seen=1, **{**DEFAULTS, "loan_days": 40})
    assert _rule(library, None, None).loan_days == 30


def test_the_general_line_stays_and_stays_whole(library: Installation) -> None:
    (line,) = _lines(library)
    with pytest.raises(LastLine):
        _delete(library, line.id)
    with pytest.raises(Invalid) as refusal:
        _save(library, None, None, seen=1, loan_days=30)
    assert {fault.field for fault in refusal.value.faults} == set(DEFAULTS) - {"loan_days"}


def test_values_out_of_bounds_are_refused_all_at_once(library: Installation) -> None:
    with pytest.raises(Invalid) as refusal:
        _save(library, 1, None, loan_days=0, max_loans=-1, fine_per_day=10**12, nonsense=1)
    fields = {fault.field for fault in refusal.value.faults}
    assert fields == {"loan_days", "max_loans", "fine_per_day", "nonsense"}


def test_only_admins_change_the_policy(library: Installation) -> None:
    desk: Actor = a_librarian(library)
    with pytest.raises(Forbidden), begin_work(library, desk) as uow:
        save_line(uow, 1, None, {"loan_days": 3})
    with pytest.raises(Forbidden), begin_work(library, desk) as uow:
        delete_line(uow, 1)


def test_a_line_shows_the_new_name_of_a_membership_type_and_of_a_kind(library: Installation) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        types = {row.code: row for row in list_types(uow)}
        book = kinds_of(uow)["book"]
        save_line(uow, types["student"].id, book, {"loan_days": 7})
        before = policy_lines(uow)
    assert before[-1].label == f"{types['student'].name} × Book"
    with begin_reading(library, admin) as uow:
        assert policy_lines(uow)[-1].label == before[-1].label
    with begin_work(library, admin) as uow:
        save_type(uow, type_id=types["student"].id, code="student", name="Pupils", months=12)
    with begin_reading(library, admin) as uow:
        assert policy_lines(uow)[-1].label == "Pupils × Book"
    with begin_work(library, admin) as uow:
        rename_kind(uow, book, "Printed book")
    with begin_reading(library, admin) as uow:
        assert policy_lines(uow)[-1].label == "Pupils × Printed book"
