"""Reads of lending: own loans, standing, availability, a title's life, and what the desk is told."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountWord
from lib.catalogue.models import TitleIsbn
from lib.catalogue.queries import kinds
from lib.catalogue.search_index import rebuild_index
from lib.circulation.availability import Availability, availability
from lib.circulation.queries import KindLimit, LoanRow, borrowed_together, loans_of, standing, title_activity
from lib.desk.counter import Scan, ScanKind, card_end, member_at_desk, read_scan
from lib.kit.errors import Forbidden, NotFound
from lib.kit.text import index_words
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.steps import hand_in, rows, set_rule

TODAY = date(2026, 3, 10)


def _loans(library: Installation, actor: Actor, of: Actor) -> tuple[LoanRow, ...]:
    with begin_reading(library, actor) as uow:
        return loans_of(uow, of.account_id or 0).rows


def test_open_loans_come_with_due_dates_fines_and_whether_they_may_be_renewed(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader, a_copy(library, a_title(library, "Emma")), days_ago=1, renewals=2)
    a_loan(library, reader, a_copy(library, a_title(library, "Dune")), days_ago=30)
    dune, emma = _loans(library, reader, reader)
    assert (dune.title, dune.overdue, dune.overdue_days, dune.fine_minor, dune.may_renew) == ("Dune", True, 9, 90, True)
    assert (emma.title, emma.overdue, emma.overdue_days, emma.fine_minor) == ("Emma", False, 0, 0)
    assert (emma.may_renew, emma.renewals_left, emma.why_not[0].code) == (False, 0, "renewals-used")


def test_loans_are_for_their_member_and_the_desk(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader)
    assert len(_loans(library, a_librarian(library), reader)) == 1
    with pytest.raises(Forbidden):
        _loans(library, a_member(library), reader)
    with pytest.raises(NotFound), begin_reading(library, a_librarian(library)) as uow:
        loans_of(uow, 10**9)


def test_pages_of_loans_have_a_bound(library: Installation) -> None:
    reader = a_member(library)
    for _ in range(5):
        a_loan(library, reader)
    with begin_reading(library, reader) as uow:
        page = loans_of(uow, reader.account_id or 0, page=3, size=2)
    assert (len(page.rows), page.total, page.pages) == (1, 5, 3)


def test_standing_counts_and_tells_what_blocks(library: Installation) -> None:
    reader = a_member(library)
    set_rule(library, max_loans=1)
    a_loan(library, reader, days_ago=30)
    with begin_reading(library, reader) as uow:
        found = standing(uow, reader.account_id or 0)
    assert (found.open_loans, found.overdue, found.owed_minor, found.limits.max_loans) == (1, 1, 90, 1)
    assert {reason.code for reason in found.blocks} == {"limit-reached", "has-overdue"}


def test_loans_of_a_kind_with_a_limit_of_its_own_are_counted_apart(library: Installation) -> None:
    reader = a_member(library)
    set_rule(library, max_loans=3)
    with begin_reading(library, reader) as uow:
        film = next(kind for kind in kinds(uow) if kind.code == "film")
    set_rule(library, kind="film", max_loans=2)
    for kind in ("book", "film", "book"):
        a_loan(library, reader, a_copy(library, a_title(library, kind=kind)))
    with begin_reading(library, reader) as uow:
        found = standing(uow, reader.account_id or 0)
    assert (found.open_loans, found.counted, found.limits.max_loans) == (3, 2, 3)
    assert found.apart == (KindLimit(film.name, 1, 2),)


def test_availability_tells_where_a_copy_stands_or_when_one_is_due(library: Installation) -> None:
    on_shelf, all_out, none = (a_title(library) for _ in range(3))
    a_loan(library, a_member(library), a_copy(library, on_shelf))
    a_copy(library, on_shelf, shelf="B-12")
    for status in ("lost", "withdrawn", "on_order"):
        a_copy(library, on_shelf, status=status)
    a_loan(library, a_member(library), a_copy(library, all_out), days_ago=3)
    with begin_reading(library, a_member(library)) as uow:
        found = availability(uow, [on_shelf, all_out, none])
    assert found[on_shelf] == Availability(2, 1, "Main library", "B-12", TODAY + timedelta(days=21))
    assert found[all_out] == Availability(1, 0, "", "", TODAY + timedelta(days=18))
    assert found[none] == Availability(0, 0)


def test_a_titles_life_has_twelve_months(library: Installation) -> None:
    title = a_title(library)
    a_loan(library, a_member(library), a_copy(library, title), days_ago=40)
    a_loan(library, a_member(library), a_copy(library, title))
    with begin_reading(library, a_librarian(library)) as uow:
        found = title_activity(uow, title)
    assert (found.loans_ever, found.out_now, found.last_issued_on) == (2, 2, TODAY)
    assert len(found.months) == 12
    assert found.months[0][0] == date(2025, 4, 1)
    assert found.months[-2:] == ((date(2026, 2, 1), 0), (date(2026, 3, 1), 1))


def test_what_three_readers_had_in_common_is_shown_and_what_two_had_is_not(library: Installation) -> None:
    title, common, rare = (a_title(library, name) for name in ("Dune", "Emma", "Rare"))
    for number in range(3):
        reader = a_member(library)
        a_loan(library, reader, a_copy(library, title))
        a_loan(library, reader, a_copy(library, common))
        if number < 2:
            a_loan(library, reader, a_copy(library, rare))
    with begin_reading(library, a_member(library)) as uow:
        assert [card.title for card in borrowed_together(uow, title)] == ["Emma"]


def _named(library: Installation, name: str, **given: object) -> Actor:
    reader = a_member(library, name=name, **given)
    with begin_work(library, a_librarian(library)) as uow:
        for word in set(index_words(name)):
            uow.connection.execute(insert(AccountWord).values(word=word, account_id=reader.account_id))
    return reader


def _scan(library: Installation, text: str) -> Scan:
    with begin_reading(library, a_librarian(library)) as uow:
        return read_scan(uow, text)


def test_the_desk_tells_cards_copies_isbns_names_and_titles_apart(library: Installation) -> None:
    ada = _named(library, "Ada Lovelace", card_number="2900000000018", email_key="ada@example.org")
    title = a_title(library, "Dune")
    barcode = a_copy(library, title)
    a_loan(library, ada, barcode)
    with begin_work(library, a_librarian(library)) as uow:
        uow.connection.execute(insert(TitleIsbn).values(isbn13="9780441172719", title_id=title))
        rebuild_index(uow)
    copy = _scan(library, f" {barcode} ").copy
    assert copy is not None
    assert (copy.title, copy.member, copy.member_id) == ("Dune", "Ada Lovelace", ada.account_id)
    assert _scan(library, "2900000000018").people[0].name == "Ada Lovelace"
    assert _scan(library, "Ada@Example.org").kind is ScanKind.MEMBER
    assert [card.title for card in _scan(library, "0-441-17271-7").titles] == ["Dune"]
    assert _scan(library, "lovel ada").people[0].id == ada.account_id
    assert _scan(library, "dune").kind is ScanKind.TITLE
    _named(library, "Adam Smith")
    assert {row.name for row in _scan(library, "ad").people} == {"Ada Lovelace", "Adam Smith"}


NOTHING = [
    ("2900000000019", "check digit is wrong"), ("2900000000018", "No copy and no card"),
    ("9780441172719", "no such title"),
    ("xyzzy", "No member, copy or title"), ("  \x00 ", "Scan a card"), ("%_'\"", "No member"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hint"), NOTHING)
def test_a_wrong_scan_says_so_in_words(library: Installation, text: str, hint: str) -> None:
    found = _scan(library, text)
    assert found.kind is ScanKind.NOTHING
    assert hint in found.hint


def test_a_member_at_the_desk_is_shown_whole_and_the_look_is_audited_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    a_loan(library, reader, days_ago=30)
    for _ in range(2):
        with begin_reading(library, desk) as uow:
            found = member_at_desk(uow, reader.account_id or 0)
    assert (found.detail.name, found.detail.membership, found.open_loans, found.owed_minor) == ("Ada", "Public", 1, 90)
    assert [reason.code for reason in found.blocks] == ["has-overdue"]
    assert rows(library, "SELECT action, actor_id FROM audit") == [("account.read", desk.account_id)]


def test_the_desk_sees_what_lies_ready_for_a_member_and_what_they_wait_for(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada", card_number="2999000000018")
    here, out = a_copy(library, a_title(library, "Emma")), a_copy(library, a_title(library, "Dune"))
    for barcode in (here, out):
        a_loan(library, a_member(library), barcode)
    for (title_id,) in rows(library, "SELECT id FROM title ORDER BY id"):
        hold(library, desk, title_id, member_id=reader.account_id)
    hand_in(library, desk, here)
    with begin_reading(library, desk) as uow:
        found = member_at_desk(uow, reader.account_id or 0)
        assert card_end(uow, reader.account_id or 0) == "0018"
    assert [(hold.title, hold.barcode, hold.shelf_until is not None) for hold in found.ready] == [("Emma", here, True)]
    assert [(hold.title, hold.position, hold.barcode) for hold in found.waiting] == [("Dune", 1, "")]


def test_only_the_desk_scans(library: Installation) -> None:
    with begin_reading(library, a_member(library)) as uow:
        with pytest.raises(Forbidden):
            read_scan(uow, "x")
        with pytest.raises(Forbidden):
            member_at_desk(uow, 1)
