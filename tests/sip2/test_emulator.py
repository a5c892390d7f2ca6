"""A classic machine's day: every message with number and checksum, over a real socket."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.terminals import revoke_terminal
from lib.kit.clock import SetClock
from lib.reports.worklists import inbox
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import set_lending
from tests.circulation.steps import rows, set_rule
from tests.sip2.emulator import DATE, Emulator, field
from tests.sip2.serving import PIN, Place, a_reader, broken, serving


@pytest.fixture
def place(library: Installation) -> Iterator[Place]:
    with serving(library) as found:
        yield found
    assert broken(library) == []


@pytest.fixture
def machine(place: Place) -> Iterator[Emulator]:
    with Emulator(place.host, place.port) as found:
        assert found.login(place.login, place.secret)
        yield found


def test_a_days_work(library: Installation, machine: Emulator) -> None:
    set_lending(library, renew_from_days=0)
    reader, card = a_reader(library, name="Ada Lovelace")
    item = a_copy(library, a_title(library, "Notes on the Engine"))
    status = machine.status()
    assert status[:8] == "98YYYYNN"
    assert status[14:36] == "20260310    1200002.00"
    assert field(status, "BX") == ["YYYYYYYYYYYNYYYY"]
    assert field(status, "AN") == ["Hall"]

    known = machine.patron_status(card, PIN)
    assert known[:37] == f"24{' ' * 14}001{DATE}"
    assert [field(known, name) for name in ("AA", "AE", "BL", "CQ", "BV")] == [
        [card], ["Ada Lovelace"], ["Y"], ["Y"], ["0.00"]
    ]  # fmt: skip

    lent = machine.checkout(card, PIN, item)
    assert lent[:6] == "121NUY"
    assert field(lent, "AH") == ["20260331    235959"]
    assert field(lent, "AJ") == ["Notes on the Engine"]
    assert rows(library, "SELECT channel, account_id FROM loan") == [("self_check", reader.account_id)]

    listed = machine.information(card, PIN, "  Y       ")
    assert listed[37:61] == "000000000001000000000000"
    assert field(listed, "AU") == [item]

    renewed = machine.renew(card, PIN, item)
    assert renewed[:6] == "301YUY"
    assert field(renewed, "AH") == ["20260421    235959"]

    assert machine.end(card)[:3] == "36Y"
    back = machine.checkin(item)
    assert back[:6] == "101YUN"
    assert field(back, "AQ")[0]
    assert field(back, "AA") == []
    assert field(machine.item(item), "AJ") == ["Notes on the Engine"]
    assert machine.item(item)[2:4] == "03"


def test_every_reason_stands_on_the_screen_with_its_way_out(library: Installation, machine: Emulator) -> None:
    set_rule(library, max_loans=1)
    reader, card = a_reader(library)
    late = a_loan(library, reader, a_copy(library, a_title(library, "The Late One")), days_ago=40)
    assert late
    item = a_copy(library)
    refused = machine.checkout(card, PIN, item)
    assert refused[:6] == "120NUN"
    words = " ".join(field(refused, "AF"))
    assert "The limit of 1" in words
    assert "The Late One" in words
    assert "overdue" in words
    assert rows(library, f"SELECT status FROM copy WHERE barcode = '{item}'") == [("available",)]


def test_a_machine_never_overrides(library: Installation, machine: Emulator) -> None:
    set_rule(library, max_loans=0)
    _, card = a_reader(library)
    item = a_copy(library)
    answer = machine.ask(f"11NY{DATE}{DATE}AOtome|AA{card}|AB{item}|AC|AD{PIN}|BOY|BIN|")
    assert answer[:3] == "120"
    assert rows(library, "SELECT count(*) FROM loan") == [(0,)]


def test_without_a_pin_a_card_shows_nothing_of_its_owner(library: Installation, machine: Emulator) -> None:
    reader, card = a_reader(library, name="Ada Lovelace")
    item = a_copy(library)
    a_loan(library, reader)
    for answer in (machine.patron_status(card), machine.information(card, "", "  Y       ")):
        assert "Ada" not in answer
        assert field(answer, "CQ") == ["N"]
        assert field(answer, "BL") == ["Y"]
        assert field(answer, "AU") == []
        assert field(answer, "AF") == ["Please enter your PIN."]
    assert machine.checkout(card, "", item)[:3] == "120"
    assert machine.renew_all(card, "")[:3] == "660"
    assert field(machine.patron_status("2999999999999"), "BL") == ["N"]


def test_a_pin_given_once_holds_until_the_session_ends_or_another_card_comes(
    library: Installation, machine: Emulator, clock: SetClock
) -> None:
    (_, card), (_, other) = a_reader(library), a_reader(library)
    items = [a_copy(library) for _ in range(6)]
    machine.patron_status(card, PIN)
    assert machine.checkout(card, "", items[0])[:3] == "121"
    machine.end(card)
    assert machine.checkout(card, "", items[1])[:3] == "120"
    machine.patron_status(card, PIN)
    assert machine.checkout(other, "", items[2])[:3] == "120"
    assert machine.checkout(card, "", items[3])[:3] == "120"
    machine.patron_status(card, PIN)
    clock.forward(timedelta(minutes=5))
    assert machine.checkout(card, "", items[4])[:3] == "120"
    machine.patron_status(card, PIN)
    machine.patron_status(card, "0815")
    assert machine.checkout(card, "", items[5])[:3] == "120"


def test_five_wrong_pins_close_the_card_and_say_for_how_long(library: Installation, machine: Emulator) -> None:
    _, card = a_reader(library)
    for attempt in range(5):
        assert field(machine.patron_status(card, f"90{attempt}1"), "CQ") == ["N"]
    closed = machine.patron_status(card, PIN)
    assert field(closed, "CQ") == ["N"]
    assert field(closed, "AF")[0].startswith("Too many attempts. Try again in 1")


def test_a_copy_that_the_reader_has_is_renewed_where_the_machines_policy_says_so(
    library: Installation, machine: Emulator
) -> None:
    set_lending(library, renew_from_days=0)
    _, card = a_reader(library)
    item = a_copy(library)
    machine.checkout(card, PIN, item)
    refused = machine.checkout(card, PIN, item, policy="N")
    assert refused[:3] == "120"
    assert "You have this very copy until" in field(refused, "AF")[0]
    assert machine.checkout(card, PIN, item, policy="Y")[:6] == "121YUY"


def test_a_loan_that_the_machine_could_not_hand_out_is_cancelled(library: Installation, machine: Emulator) -> None:
    _, card = a_reader(library)
    item, others = a_copy(library), a_copy(library)
    a_loan(library, a_member(library), others)
    machine.checkout(card, PIN, item)
    assert machine.checkout(card, PIN, item, cancel="Y")[:3] == "121"
    assert machine.checkout(card, PIN, others, cancel="Y")[:3] == "120"
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]


def test_lists_have_a_beginning_and_an_end(library: Installation, machine: Emulator) -> None:
    set_rule(library, max_loans=50)
    reader, card = a_reader(library)
    items = sorted(a_copy(library) for _ in range(5))
    for item in items:
        a_loan(library, reader, item)
    assert field(machine.information(card, PIN, "  Y       ", "BP00002|BQ00004|"), "AU") == items[1:4]
    assert field(machine.information(card, PIN, "  Y       ", "BP00006|BQ00009|"), "AU") == []
    assert field(machine.information(card, PIN, "  Y       ", "BPx|BQ-1|"), "AU") == items
    assert field(machine.information(card, PIN), "AU") == []


def test_a_damaged_message_is_asked_for_again_and_did_nothing(library: Installation, machine: Emulator) -> None:
    _, card = a_reader(library)
    item = a_copy(library)
    machine.number = 4
    good = machine.framed(f"11NN{DATE}{DATE}AOtome|AA{card}|AB{item}|AC|AD{PIN}|BON|BIN|")
    assert machine.raw(good.replace(b"AOtome", b"AOtune")) == b"96AZFEF6"
    assert rows(library, "SELECT count(*) FROM loan") == [(0,)]
    assert machine.raw(good[:-9]) == b"96AZFEF6"
    assert machine.raw(good)[:3] == b"121"


def test_an_answer_that_was_lost_is_given_again_and_the_act_is_done_once(
    library: Installation, machine: Emulator
) -> None:
    _, card = a_reader(library)
    item = a_copy(library)
    machine.number = 4
    sent = machine.framed(f"11NN{DATE}{DATE}AOtome|AA{card}|AB{item}|AC|AD{PIN}|BON|BIN|")
    first = machine.raw(sent)
    assert first[:3] == b"121"
    assert machine.raw(sent) == first
    assert machine.raw(b"97AZFEF5") == first
    assert machine.raw(b"97AZFEF5") == first
    assert rows(library, "SELECT count(*) FROM loan") == [(1,)]


def test_nothing_is_answered_before_the_login(library: Installation, place: Place) -> None:
    _, card = a_reader(library)
    with Emulator(place.host, place.port) as stranger:
        assert stranger.status()[:3] == "98N"
        answer = stranger.patron_status(card, PIN)
        assert answer[:3] == "98N"
        assert field(answer, "AF") == ["Log in first (message 93)."]
        assert not stranger.login("hall", "wrong")
        assert not stranger.login("nobody", place.secret)
        assert not stranger.login("hall", "wrong")  # the fifth in a row
        assert stranger.hear() == b""
    with Emulator(place.host, place.port) as again:
        again.number = 8
        assert again.raw(again.framed(f"9310CN{place.login}|CO{place.secret}|"))[:3] == b"940"
        assert again.login(place.login, place.secret)


def test_a_revoked_terminal_is_cut_off_with_its_next_message(library: Installation, machine: Emulator) -> None:
    (terminal,) = rows(library, "SELECT id FROM terminal")
    with begin_work(library, an_admin(library)) as uow:
        revoke_terminal(uow, terminal[0])
    answer = machine.item("whatever")
    assert answer[:3] == "98N"
    assert machine.hear() == b""


def test_a_kept_card_is_blocked_until_the_desk_has_looked(library: Installation, machine: Emulator) -> None:
    reader, card = a_reader(library)
    staff, staff_card = a_reader(library, role="librarian")
    answer = machine.ask(f"01Y{DATE}AOtome|ALForced the drawer|AA{card}|AC|")
    assert answer[:6] == "24YYYY"
    found = rows(library, f"SELECT status, status_reason FROM account WHERE id = {reader.account_id}")
    assert found == [("suspended", "Blocked at Hall: Forced the drawer. The machine kept the card.")]
    told = " ".join(field(machine.checkout(card, PIN, a_copy(library)), "AF"))
    assert "The staff know why" in told
    assert "Forced" not in told, "what staff noted is for staff"
    assert field(machine.ask(f"25{DATE}AOtome|AA{card}|AC|AD{PIN}|"), "AF")[-1] == "A block is lifted at the desk only."
    machine.ask(f"01Y{DATE}AOtome|ALNo|AA{staff_card}|AC|")
    assert rows(library, f"SELECT status FROM account WHERE id = {staff.account_id}") == [("active",)]


def test_a_machine_blocks_five_cards_a_day_and_the_desk_hears_of_each(
    library: Installation, machine: Emulator, clock: SetClock
) -> None:
    readers = [a_reader(library) for _ in range(7)]

    def block(card: str) -> str:
        return machine.ask(f"01N{DATE}AOtome|ALNo reason at all|AA{card}|AC|")

    for _, card in readers[:5]:
        assert field(block(card), "AF") == ["The card is blocked. Please ask at the desk."]
    block(readers[0][1])  # blocked already: it counts no more
    for _, card in readers[5:]:
        assert field(block(card), "AF") == ["No more cards are blocked from here today. Please ask at the desk."]
    assert rows(library, "SELECT count(*) FROM account WHERE status = 'suspended'") == [(5,)]
    noted = "SELECT action, count(*) FROM audit WHERE action LIKE 'account.block%' GROUP BY action ORDER BY action"
    assert rows(library, noted) == [("account.block", 5), ("account.block-refused", 2)]
    with begin_reading(library, a_librarian(library)) as uow:
        assert inbox(uow).blocked == 5
    clock.forward(timedelta(days=1, seconds=1))
    block(readers[5][1])
    assert rows(library, "SELECT count(*) FROM account WHERE status = 'suspended'") == [(6,)]


def test_titles_of_any_script_and_length_arrive_whole_or_with_an_ellipsis(
    library: Installation, machine: Emulator
) -> None:
    for title in ("Война и мир", "源氏物語", "ألف ليلة وليلة", "A|B", "Straße\u2028und Weg", "long " * 80):
        item = a_copy(library, a_title(library, title))
        (shown,) = field(machine.item(item), "AJ")
        assert len(shown) <= 255
        assert shown.replace("¦", "|").removesuffix("…").strip()[:3] == title[:3]


def test_a_copy_that_is_not_known_or_not_lent_is_answered(library: Installation, machine: Emulator) -> None:
    _, card = a_reader(library)
    assert machine.checkin("31000000")[:6] == "100NUY"
    assert machine.checkout(card, PIN, "31000000")[:3] == "120"
    assert machine.renew(card, PIN, "31000000")[:3] == "300"
    assert machine.item("31000000")[:4] == "1801"
    assert machine.renew(card, PIN, a_copy(library))[:3] == "300"
    withdrawn = a_copy(library, status="withdrawn")
    back = machine.checkin(withdrawn)
    assert back[:6] == "101YUY"
    assert field(back, "AF") == ["Thank you. Please give it to the desk."]


@pytest.mark.parametrize(
    ("said", "day", "fine"),
    [
        ("20260307    200000", "2026-03-07", 0),  # the bin was filled on the due day, while the line was down
        ("20260309   Z080000", "2026-03-09", 100),
        ("20260310    080000", "2026-03-10", 150),
        ("20260311    080000", "2026-03-10", 150),  # cannot be true: tomorrow,
        ("20260201    080000", "2026-03-10", 150),  # more than a fortnight ago,
        ("20260225    080000", "2026-03-10", 150),  # before the issue,
        ("20260230    080000", "2026-03-10", 150),  # on no day,
        ("20260307 EST080000", "2026-03-10", 150),  # in a zone that nobody agreed on,
        (" " * 18, "2026-03-10", 150),  # or not said
    ],
)
def test_a_bin_that_was_emptied_later_says_when_the_book_came(
    library: Installation, machine: Emulator, said: str, day: str, fine: int
) -> None:
    reader, _ = a_reader(library)
    item = a_copy(library)
    a_loan(library, reader, item, days_ago=13, due_on=date(2026, 3, 7), loan_days=10, fine_per_day=50, grace_days=0)
    answer = machine.checkin(item, said)
    assert answer[:3] == "101"
    assert [str(value) for value in rows(library, "SELECT returned_on, fine_settled FROM loan")[0]] == [day, str(fine)]
