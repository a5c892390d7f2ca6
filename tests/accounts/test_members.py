"""Members at the desk and their own profiles: edits, doubles, encryption, and finding them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.bulk import put_people
from lib.accounts.errors import LinkInvalid, TypeInUse
from lib.accounts.members import MemberForm, ProfileForm, add_member, edit_member, edit_profile
from lib.accounts.membership_types import list_types, save_type
from lib.accounts.models import AccountStatus
from lib.accounts.people import Person, insert_person
from lib.accounts.queries import account_counts, find_members, member, names_of, profile
from lib.accounts.recovery import request_password_reset, reset_password
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, StaleEdit
from tests.accounts.steps import PASSWORD, column, mails, token_in
from tests.builders import a_librarian, a_member, an_admin


def _form(**given: object) -> MemberForm:
    fields: dict[str, object] = {
        "name": "Grace Hopper", "email": "grace@example.org", "phone": "+1 212 555 0100",
        "address": "1 Navy Way", "note": "likes compilers",
    }  # fmt: skip
    return MemberForm.model_validate(fields | given)


def _add(library: Installation, **given: object) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        return add_member(uow, _form(**given))


def test_a_member_made_at_the_desk_has_card_end_and_invitation(library: Installation) -> None:
    account_id = _add(library)
    with begin_reading(library, a_librarian(library)) as uow:
        found = member(uow, account_id)
    assert (found.status, found.role, found.membership_type) == (AccountStatus.ACTIVE, Role.MEMBER, "Public")
    assert (found.phone, found.address, found.note) == ("+1 212 555 0100", "1 Navy Way", "likes compilers")
    assert found.membership_ends_on == date(2027, 3, 10)
    assert found.card_number is not None
    assert not found.has_password
    assert mails(library)[-1].kind == "choose-password"


def test_a_child_needs_no_address(sqlite_library: Installation) -> None:
    _add(sqlite_library, email="", phone="", address="")
    _add(sqlite_library, email="", phone="", address="")
    assert mails(sqlite_library) == []


def test_phone_address_and_nothing_else_are_sealed(library: Installation) -> None:
    _add(library)
    with begin_reading(library, SYSTEM) as uow:
        raw = str(uow.connection.execute(text("SELECT * FROM account")).all())
    assert "Navy" not in raw
    assert "555" not in raw
    assert "Grace" in raw


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card_number", "2901234567895"), ("card_number", "12"), ("email", "no"), ("username", "7777"),
        ("phone", "x"), ("membership_type_id", 999), ("name", ""),
    ],
)  # fmt: skip
def test_a_faulty_field_is_named(sqlite_library: Installation, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        _add(sqlite_library, **{field: value})
    assert [fault.field for fault in refused.value.faults] == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "GRACE@example.org"), ("username", "Amazing.Grace"), ("card_number", "2901234567896")],
)
def test_what_is_taken_is_named(library: Installation, field: str, value: str) -> None:
    _add(library, **{"email": "", "username": "", field: value})
    with pytest.raises(Invalid) as refused:
        _add(library, **{"email": "", "username": "", field: value.lower()})
    assert [fault.field for fault in refused.value.faults] == [field]


def test_an_edit_on_an_old_state_is_refused(library: Installation) -> None:
    account_id, librarian = _add(library), a_librarian(library)
    with begin_work(library, librarian) as uow:
        edit_member(uow, account_id, _form(name="Grace B. Hopper"), seen_version=1)
    with pytest.raises(StaleEdit), begin_work(library, librarian) as uow:
        edit_member(uow, account_id, _form(name="Somebody"), seen_version=1)
    assert column(library, account_id, "name") == "Grace B. Hopper"


def test_an_edit_keeps_a_card_that_came_from_elsewhere(sqlite_library: Installation) -> None:
    with begin_work(sqlite_library, SYSTEM) as uow:
        account_id = insert_person(uow, Person(name="Old Card", card_number="OLD-77"))
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        edit_member(uow, account_id, _form(card_number="OLD-77"), seen_version=1)
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        edit_member(uow, account_id, _form(card_number=""), seen_version=2)
    assert column(sqlite_library, account_id, "card_number") == "OLD-77"


def test_a_changed_address_is_unproved_and_the_old_one_is_told(sqlite_library: Installation) -> None:
    account_id = _add(sqlite_library)
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        edit_member(uow, account_id, _form(email="hopper@example.org"), seen_version=1)
    assert mails(sqlite_library, "email-changed")[-1].address == "grace@example.org"
    assert column(sqlite_library, account_id, "email_verified_at") is None


def test_links_in_the_old_mailbox_end_and_who_was_invited_there_is_invited_anew(sqlite_library: Installation) -> None:
    """A mistyped address is a stranger's; its link would give them the account."""
    account_id = _add(sqlite_library)
    astray = token_in(sqlite_library, "choose-password")
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        edit_member(uow, account_id, _form(email="hopper@example.org"), seen_version=1)
    with pytest.raises(LinkInvalid):
        reset_password(sqlite_library, astray, PASSWORD)
    assert mails(sqlite_library, "choose-password")[-1].address == "hopper@example.org"
    reset_password(sqlite_library, token_in(sqlite_library, "choose-password"), PASSWORD)


def test_an_import_gives_no_librarian_a_way_into_an_account_of_staff(library: Installation) -> None:
    """An address filled in would be mailed a new password."""
    boss = an_admin(library, email=None, email_key=None, username=None, username_key=None)
    reader = a_member(library, email=None, email_key=None)
    for target, address in ((boss, None), (reader, "eve@example.org")):
        person = Person(
            name=target.name, card_number=str(column(library, target.account_id, "card_number")),
            email="eve@example.org", username="eve", source="file", source_id=str(target.account_id),
        )  # fmt: skip
        with begin_work(library, a_librarian(library)) as uow:
            put_people(uow, [person])
        assert column(library, target.account_id, "email") == address
        assert column(library, target.account_id, "source") == "file"


def test_a_librarian_edits_no_staff(sqlite_library: Installation) -> None:
    for target in (an_admin(sqlite_library), a_librarian(sqlite_library)):
        with pytest.raises(Forbidden), begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
            edit_member(uow, target.account_id or 0, _form(), seen_version=1)


def test_a_reader_edits_the_own_profile(library: Installation) -> None:
    reader = a_member(library, note="pays late")
    with begin_work(library, reader) as uow:
        edit_profile(uow, ProfileForm(name="Nadia Öz", phone="030 123456", language="de", preferences={"page": 24}))
    with begin_reading(library, reader) as uow:
        mine = profile(uow)
    assert (mine.name, mine.phone, mine.language, mine.preferences) == ("Nadia Öz", "030 123456", "de", {"page": 24})
    assert mine.note == ""
    with pytest.raises(StaleEdit), begin_work(library, reader) as uow:
        edit_profile(uow, ProfileForm(name="Late"), seen_version=1)


@pytest.mark.parametrize("preferences", [{"x": "y" * 9000}, {"x": float("nan")}, {"x": object()}])
def test_preferences_are_small_plain_values(sqlite_library: Installation, preferences: dict[str, object]) -> None:
    with pytest.raises(Invalid), begin_work(sqlite_library, a_member(sqlite_library)) as uow:
        edit_profile(uow, ProfileForm(name="Ada", preferences=preferences))


def _looks(library: Installation) -> list[tuple[int, int]]:
    with begin_reading(library, SYSTEM) as uow:
        rows = uow.connection.execute(
            text("SELECT actor_id, subject_id FROM audit WHERE action = 'account.read' ORDER BY id")
        )
        return [tuple(row) for row in rows]


def test_a_look_at_a_record_is_noted_once_in_ten_minutes(library: Installation, clock: SetClock) -> None:
    librarian, reader = a_librarian(library), a_member(library)
    for minutes in (0, 3, 6, 2):
        clock.forward(timedelta(minutes=minutes))
        with begin_reading(library, librarian) as uow:
            member(uow, reader.account_id or 0)
    assert _looks(library) == [(librarian.account_id, reader.account_id)] * 2
    with begin_work(library, librarian) as uow:
        member(uow, librarian.account_id or 0)
    assert len(_looks(library)) == 2  # one's own record is no look at somebody


def test_readers_look_up_nobody(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    for ask in (lambda u: member(u, 1), find_members, account_counts, lambda u: names_of(u, [1])):
        with pytest.raises(Forbidden), begin_reading(sqlite_library, reader) as uow:
            ask(uow)
    with pytest.raises(NotFound), begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        member(uow, 10**9)


def test_people_are_counted(sqlite_library: Installation) -> None:
    librarian = a_librarian(sqlite_library)
    a_member(sqlite_library)
    a_member(sqlite_library, status=AccountStatus.PENDING)
    a_member(sqlite_library, status=AccountStatus.SUSPENDED, status_reason="x")
    with begin_reading(sqlite_library, librarian) as uow:
        counts = account_counts(uow)
        assert names_of(uow, [librarian.account_id or 0, 10**9]) == {librarian.account_id: librarian.name}
    assert counts.roles == {Role.MEMBER: 2, Role.LIBRARIAN: 1}
    assert counts.waiting == 1


def test_membership_types_are_kept_in_order(library: Installation) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        new = save_type(uow, code="Seniors", name="Seniors", months=24)
    with pytest.raises(Invalid) as refused, begin_work(library, admin) as uow:
        save_type(uow, code="seniors", name="Again", months=None)
    assert refused.value.faults[0].field == "code"
    with pytest.raises(Invalid) as refused, begin_work(library, admin) as uow:
        save_type(uow, code="Not a code!", name="", months=0)
    assert len(refused.value.faults) == 3
    _add(library, membership_type_id=new)
    with pytest.raises(TypeInUse), begin_work(library, admin) as uow:
        save_type(uow, type_id=new, code="seniors", name="Seniors", months=24, retired=True)
    with pytest.raises(NotFound), begin_work(library, admin) as uow:
        save_type(uow, type_id=999, code="ghosts", name="Ghosts", months=1)
    with begin_reading(library, Actor(None, Role.GUEST)) as uow:
        assert "Seniors" in [kind.name for kind in list_types(uow)]


def test_a_new_password_cannot_be_chosen_from_a_mailbox_that_was_given_up(sqlite_library: Installation) -> None:
    account_id = _add(sqlite_library)
    reset_password(sqlite_library, token_in(sqlite_library, "choose-password"), PASSWORD)
    request_password_reset(sqlite_library, "grace@example.org", "192.0.2.1")
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        edit_member(uow, account_id, _form(email="hopper@example.org"), seen_version=1)
    with pytest.raises(LinkInvalid):
        reset_password(sqlite_library, token_in(sqlite_library, "password-reset"), PASSWORD)
