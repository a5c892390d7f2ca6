"""Messages as bytes: the standard's and other makers' examples, and that nothing a stranger sends does harm."""

import contextlib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.sip2.codec import (
    LONGEST,
    REQUESTS,
    BadChecksum,
    BadFrame,
    build,
    checksum,
    count4,
    end_of_day,
    lines_of,
    parse,
    stamp,
    value_of,
)
from lib.sip2.framing import Frames, Overrun

# Sent by machines of several makers, each with the checksum its maker computed.
KNOWN = [
    b"990 402.00AY1AZFCB4",
    b"9900401.00AY1AZFCA5",
    b"9900402.00AZFD6F",
    b"941AY3AZFDFA",
    b"96AZFEF6",
    b"97AZFEF5",
    b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZEC7B",
    b"9300CNadmin|COpassword|CPMainLib|AY0AZF28D",
    b"09N19980821    085721                  APCertification Terminal Location|AOCertification Institute ID"
    b"|ABCheckInBook|ACTPWord|BIN|AY2AZD6A5",
    b"11NN20220505    16042220220505    140235AO|AA201234567801|AB31232005291606|AC|AZEEB1",
    b"2300020220505    145845AO|AA201234567801|AC|AD|AZF4B3",
    b"6300119980723    091905Y         AOInstitutionID|AAPatronID|BP00001|BQ00005|AY1AZEA83",
    b"01N19960213    162352AO|ALCARD BLOCK TEST|AA104000000705|AC|AY2AZF02F",
    b"3719980723    0932110401USDBV111.11|AOCertification Institute ID|AAPatronID|BKTransactionID|AY2AZE1EF",
    b"2519980723    094240AOCertification Institute ID|AAPatronID|AY4AZEBF1",
    b"1719980723    100000AOCertification Institute ID|ABItemBook|AY1AZEBEB",
    b"3519980723    094014AOCertification Institute ID|AAPatronID|AY3AZEBF2",
]


@pytest.mark.parametrize("message", KNOWN, ids=lambda message: message[:2].decode())
def test_checksums_are_those_that_other_makers_compute(message: bytes) -> None:
    assert checksum(message[:-4]) == message[-4:]


@pytest.mark.parametrize("message", [m for m in KNOWN if m[:2].decode() in REQUESTS], ids=lambda m: m[:2].decode())
def test_requests_of_other_makers_are_read(message: bytes) -> None:
    found = parse(message)
    assert found.code == message[:2].decode()
    assert found.checked
    assert (found.sequence is None) is (b"AY" not in message)


@pytest.mark.parametrize("place", range(len(KNOWN[8])))
def test_one_wrong_byte_anywhere_is_noticed(place: int) -> None:
    right = KNOWN[8]
    wrong = right[:place] + bytes([right[place] ^ 1]) + right[place + 1 :]
    try:
        found = parse(wrong)
    except BadFrame:
        return
    assert not found.checked  # a conversation that uses checksums asks for such a one again


def test_fixed_and_variable_parts_are_told_apart() -> None:
    found = parse(b"11YN20260310    12000020260310    120000AOTome|AA2901234567896|AB310001|AC|AD4711|BON|BIN|")
    assert found.fixed == {
        "renewal_policy": "Y", "no_block": "N", "date": "20260310    120000", "nb_due_date": "20260310    120000",
    }  # fmt: skip
    assert found.fields == {
        "AO": "Tome",
        "AA": "2901234567896",
        "AB": "310001",
        "AC": "",
        "AD": "4711",
        "BO": "N",
        "BI": "N",
    }
    assert (found.sequence, found.checked) == (None, False)


def test_the_order_of_fields_does_not_matter_nor_a_missing_bar_at_the_end_nor_fields_nobody_knows() -> None:
    found = parse(b"2300020260310    120000ADx|ZZ?|AAcard|AOnobody")
    assert [found.get(name) for name in ("AO", "AA", "AD", "AC", "QQ")] == ["nobody", "card", "x", "", ""]


def test_of_a_field_that_stands_twice_the_first_counts() -> None:
    assert parse(b"1720260310    120000ABfirst|ABsecond|").get("AB") == "first"


def test_lower_case_checksums_and_a_bar_after_them_are_read() -> None:
    assert parse(b"990 402.00AY1AZfcb4").checked
    assert parse(b"990 402.00AY1AZFCB4|").checked


def test_a_value_that_looks_like_a_checksum_is_a_value() -> None:
    assert parse(b"1720260310    120000ABXAZ1234").get("AB") == "XAZ1234"


def test_checksums_sum_the_bytes_of_utf_8() -> None:
    sent = "1720260310    120000ABкнига 書 كتاب|AY7AZ".encode()
    found = parse(sent + checksum(sent))
    assert found.get("AB") == "книга 書 كتاب"
    letters = b"%04X" % (-sum(map(ord, sent.decode())) & 0xFFFF)
    with pytest.raises(BadChecksum):
        parse(sent + letters)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b" ", b"9", b"zz", b"00", b"98YYYYNN", b"11", b"11YN2026", b"23\x00", b"\xff\xfe", b"2300020260310\x1b[2J",
        b"93\xc3(", b"9900402.0", b"63001" + b"x" * 5000, "９３００CNx|".encode(), b"GET / HTTP/1.1",
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        parse(frame)


@given(st.binary(max_size=LONGEST + 50))
@example(KNOWN[0])
def test_no_bytes_do_harm(frame: bytes) -> None:
    try:
        found = parse(frame)
    except BadFrame:
        return
    assert found.code in REQUESTS
    assert not any("\x00" in value for value in found.fields.values())


@given(st.sampled_from(KNOWN), st.integers(0, 200), st.binary(max_size=6))
def test_no_damage_to_a_good_message_does_harm(message: bytes, place: int, put: bytes) -> None:
    with contextlib.suppress(BadFrame):
        parse(message[:place] + put + message[place + 1 :])


@given(st.text(max_size=600), st.sampled_from("0123456789"), st.booleans())
@example("a|b\r\nc\x00", "3", True)
@example("\ud800", "3", True)
def test_what_is_built_is_one_line_whose_checksum_fits(text: str, sequence: str, checked: bool) -> None:
    built = build("36Y20260310    120000", [("AF", text), ("AA", "x")], sequence=sequence, checked=checked)
    assert built.count(b"\r") == 1
    assert built.endswith(b"\r")
    assert b"\n" not in built
    assert b"\x00" not in built
    body = built[:-1]
    if checked:
        assert body[-9:-4] == f"Y{sequence}AZ".encode().rjust(5)[-5:] or body[-9:-7] == b"AY"
        assert checksum(body[:-4]) == body[-4:]
        body = body[:-9]
    assert body.count(b"|") == 2


@given(st.text(max_size=2000))
def test_long_words_are_cut_into_fields_and_nothing_of_them_is_lost(text: str) -> None:
    lines = lines_of(text)
    assert all(0 < len(line) <= 255 for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(lines_of(text, 10**6)).split())


def test_a_value_ends_with_an_ellipsis_where_it_is_cut() -> None:
    assert value_of("x" * 255) == "x" * 255
    assert value_of("x" * 256) == "x" * 254 + "…"


def test_dates_are_the_librarys_own_time_with_four_blanks() -> None:
    at = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    assert stamp(at, ZoneInfo("Europe/Berlin")) == "20260329    015959"
    assert stamp(at.replace(hour=1), ZoneInfo("Europe/Berlin")) == "20260329    035959"
    assert stamp(at, ZoneInfo("Asia/Kathmandu")) == "20260329    064459"
    assert end_of_day(date(2026, 12, 31)) == "20261231    235959"


def test_counts_have_four_digits() -> None:
    assert [count4(number) for number in (0, 7, 9999, 10_000, -3)] == ["0000", "0007", "9999", "9999", "0000"]


@given(st.lists(st.binary(min_size=1, max_size=30).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"") or b"x")
                .filter(lambda raw: bool(raw.strip(b" "))), max_size=8),
       st.sampled_from([b"\r", b"\n", b"\r\n"]), st.integers(1, 7))  # fmt: skip
def test_messages_are_whole_however_the_network_cuts_them(sent: list[bytes], end: bytes, size: int) -> None:
    frames, stream = Frames(), b"".join(message + end for message in sent)
    got = [frame for start in range(0, len(stream), size) for frame in frames.feed(stream[start : start + size])]
    assert got == sent
    assert not frames.waiting


def test_a_message_without_an_end_is_not_collected_for_ever() -> None:
    frames = Frames()
    frames.feed(b"x" * LONGEST)
    with pytest.raises(Overrun):
        frames.feed(b"x")
    with pytest.raises(Overrun):
        Frames().feed(b"x" * (LONGEST + 1) + b"\r")
