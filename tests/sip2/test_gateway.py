"""A modern gateway's conversations: no numbers, no checksums, UTF-8; holds, fees, many readers on one line; TLS."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lib.access.installation import Installation
from lib.sip2.server import PlainText, Server, tls
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.circulation.hold_steps import set_lending
from tests.circulation.steps import rows
from tests.sip2.gateway import Gateway
from tests.sip2.serving import PIN, Place, a_reader, broken, serving

Script = Callable[[Gateway], Awaitable[None]]


@pytest.fixture
def place(library: Installation) -> Iterator[Place]:
    with serving(library) as found:
        yield found
    assert broken(library) == []


def play(place: Place, script: Script, context: ssl.SSLContext | None = None) -> None:
    """Runs a conversation on one logged-in line."""

    async def run() -> None:
        gate = await Gateway.open(place.host, place.port, context)
        try:
            assert await gate.login(place.login, place.secret)
            await script(gate)
        finally:
            await gate.close()

    asyncio.run(run())


def test_a_readers_visit_on_one_line(library: Installation, place: Place) -> None:
    set_lending(library, renew_from_days=0)
    _, card = a_reader(library, name="Дарья Жуковская")
    item = a_copy(library, a_title(library, "源氏物語"))

    async def visit(gate: Gateway) -> None:
        now = gate.now()
        seen = await gate.call("63", f"001{now}{' ' * 10}", AO="", AA=card, AD=PIN)
        assert (seen["AE"], seen["BL"], seen["CQ"]) == ("Дарья Жуковская", "Y", "Y")
        lent = await gate.call("11", f"NN{now}{now}", AO="", AA=card, AB=item, AC="")
        assert (lent["ok"], lent["desensitize"], lent["AJ"]) == ("1", "Y", "源氏物語")
        assert lent["AG"] == "源氏物語: due 31 March 2026"
        assert (await gate.call("17", now, AB=item))["circulation"] == "04"
        everything = await gate.call("65", now, AA=card)
        assert (everything["renewed"], everything["BM"]) == ("0001", item)
        again = await gate.call("65", now, AA=card)
        assert (again["renewed"], again["unrenewed"]) == ("0001", "0000")
        used = await gate.call("65", now, AA=card)
        assert (used["renewed"], used["unrenewed"], used["BN"]) == ("0000", "0001", item)
        assert "no more renewals are left" in used["AF"]
        assert (await gate.call("09", f"N{now}{now}", AP="", AB=item))["ok"] == "1"
        assert (await gate.call("35", now, AA=card))["ended"] == "Y"

    play(place, visit)


def test_holds_are_placed_listed_and_cancelled(library: Installation, place: Place) -> None:
    _, card = a_reader(library)
    title_id = a_title(library, "Dune")
    item = a_copy(library, title_id)
    a_loan(library, a_member(library), item)

    async def holds(gate: Gateway) -> None:
        now = gate.now()
        held = await gate.call("15", f"+{now}", AA=card, AD=PIN, AB=item)
        assert (held["ok"], held["BR"], held["AJ"]) == ("1", "1", "Dune")
        twice = await gate.call("15", f"+{now}", AA=card, AJ=str(title_id))
        assert twice["ok"] == "0"
        assert twice["AF"]
        listed = await gate.call("63", f"001{now}     Y    ", AA=card)
        assert listed["counts"] == "000000000000000000000001"
        assert listed["CD"] == "Dune"
        changed = await gate.call("15", f"*{now}", AA=card, AB=item)
        assert (changed["ok"], changed["AF"].split(".")[0]) == ("0", "A reservation can be made or cancelled here")
        assert (await gate.call("15", f"-{now}", AA=card, AB=item))["ok"] == "1"
        assert (await gate.call("15", f"-{now}", AA=card, AB=item))["ok"] == "0"
        assert (await gate.call("15", f"+{now}", AA=card, AJ="987654"))["ok"] == "0"

    play(place, holds)
    assert rows(library, "SELECT state FROM hold") == [("cancelled",)]


def test_a_copy_that_somebody_waits_for_goes_to_the_hold_shelf_and_lies_there_for_them(
    library: Installation, place: Place
) -> None:
    (_, card), (_, other) = a_reader(library), a_reader(library)
    item = a_copy(library, a_title(library, "Dune"))
    a_loan(library, a_member(library), item)

    async def waits(gate: Gateway) -> None:
        now = gate.now()
        await gate.call("15", f"+{now}", AA=card, AD=PIN, AB=item)
        back = await gate.call("09", f"N{now}{now}", AB=item)
        assert (back["ok"], back["alert"], back["CV"], back["CL"]) == ("1", "Y", "01", "HOLD")
        assert (await gate.call("17", now, AB=item))["circulation"] == "08"
        refused = await gate.call("11", f"NN{now}{now}", AA=other, AB=item, AD=PIN)
        assert refused["ok"] == "0"
        assert refused["AF"] == "This copy is kept for another reader. Please give it to the desk."
        ready = await gate.call("63", f"001{now}Y         ", AA=card, AD=PIN)
        assert (ready["counts"][:4], ready["AS"]) == ("0001", item)
        assert (await gate.call("11", f"NN{now}{now}", AA=card, AB=item))["ok"] == "1"

    play(place, waits)
    assert rows(library, "SELECT state FROM hold") == [("collected",)]


def test_fees_are_paid_once_and_never_more_than_is_owed(library: Installation, place: Place) -> None:
    reader, card = a_reader(library)
    a_loan(library, reader, days_ago=41)

    async def pays(gate: Gateway) -> None:
        now = gate.now()
        owed = await gate.call("63", f"001{now}   Y      ", AA=card, AD=PIN)
        assert (owed["BH"], owed["BV"], owed["CC"]) == ("EUR", "2.00", "5.00")
        assert owed["flags"][6] == "Y"
        head = f"{now}0400EUR"
        paid = await gate.call("37", head, AA=card, BV="1.50", BK="T-1")
        assert (paid["accepted"], paid["BK"]) == ("Y", "T-1")
        assert "€0.50 is still owed" in paid["AF"]
        assert (await gate.call("37", head, AA=card, BV="1.50", BK="T-1"))["accepted"] == "Y"
        for wrong in (
            {"BV": "0.51", "BK": "T-2"}, {"BV": "-1.00"}, {"BV": "many"}, {"BV": ""}, {"BV": "0.001"},
            {"BV": "0.10", "AD": "0815"}, {"BV": "0.10", "CG": "987654"},
        ):  # fmt: skip
            assert (await gate.call("37", head, AA=card, **wrong))["accepted"] == "N", wrong
        assert (await gate.call("37", f"{now}0400USD", AA=card, BV="0.50"))["accepted"] == "N"
        assert (await gate.call("37", head, AA="2999999999999", BV="0.50"))["accepted"] == "N"
        assert (await gate.call("37", head, AA=card, BV="0.50", BK="T-3"))["accepted"] == "Y"
        assert (await gate.call("63", f"001{now}{' ' * 10}", AA=card, AD=PIN))["BV"] == "0.00"

    play(place, pays)
    assert rows(library, "SELECT amount_minor, method, note FROM payment ORDER BY id") == [
        (150, "other", "At Hall"), (50, "other", "At Hall")
    ]  # fmt: skip


def test_a_payment_sent_again_after_a_lost_answer_is_one_payment_without_a_number_too(
    library: Installation, place: Place
) -> None:
    reader, card = a_reader(library)
    a_loan(library, reader, days_ago=41)

    async def pays(gate: Gateway) -> None:
        head = f"{gate.now()}0400EUR"
        for _ in range(2):
            assert (await gate.call("37", head, AA=card, BV="0.50"))["accepted"] == "Y"

    play(place, pays)
    play(place, pays)  # on a new line, as after a broken one
    assert rows(library, "SELECT amount_minor FROM payment") == [(50,)]

    async def pays_more(gate: Gateway) -> None:
        later = "20260310    120001"
        assert (await gate.call("37", f"{later}0400EUR", AA=card, BV="0.50"))["accepted"] == "Y"
        assert (await gate.call("37", f"{later}0400EUR", AA=card, BV="0.20"))["accepted"] == "Y"
        for _ in range(2):  # a machine without a clock says nothing that tells two payments apart
            assert (await gate.call("37", f"{' ' * 18}0400EUR", AA=card, BV="0.10"))["accepted"] == "Y"

    play(place, pays_more)
    assert rows(library, "SELECT amount_minor FROM payment ORDER BY id") == [(50,), (50,), (20,), (10,), (10,)]


def test_a_card_alone_may_pay_but_hears_nothing_of_what_its_owner_owes(library: Installation, place: Place) -> None:
    reader, card = a_reader(library)
    a_loan(library, reader, days_ago=41)

    async def pays(gate: Gateway) -> None:
        head = f"{gate.now()}0400EUR"
        paid = await gate.call("37", head, AA=card, BV="1.50")
        assert (paid["accepted"], "owed" in paid["AF"]) == ("Y", False)
        for amount in ("9.00", "0.51"):
            refused = await gate.call("37", head, AA=card, BV=amount)
            assert (refused["accepted"], "€" in refused["AF"]) == ("N", False)
        assert "€0.30 is still owed" in (await gate.call("37", head, AA=card, BV="0.20", AD=PIN))["AF"]
        assert "€0.30" in (await gate.call("37", head, AA=card, BV="0.31"))["AF"]
        assert (await gate.call("37", head, AA=card, BV="0.30"))["accepted"] == "Y"
        await gate.call("35", gate.now(), AA=card)
        nothing = await gate.call("37", "20260310    1201000400EUR", AA=card, BV="0.30")
        assert nothing["AF"] == "This is not booked for this card. Please ask at the desk."

    play(place, pays)


def test_what_nobody_knows_is_answered_and_the_line_goes_on(library: Installation, place: Place) -> None:
    item = a_copy(library)

    async def strange(gate: Gateway) -> None:
        for frame in ("00", "4212345", "hello", "GET / HTTP/1.1"):
            assert await gate.send(frame) == "96"
        assert (await gate.call("17", gate.now(), AB=item))["circulation"] == "03"
        update = await gate.call("19", gate.now(), AB=item, CH="red")
        assert update["ok"] == "0"
        assert await gate.send("97") != "96"

    play(place, strange)


def test_the_line_is_encrypted_with_a_certificate(library: Installation, tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))

    async def looks(gate: Gateway) -> None:
        assert (await gate.call("99", "0080" + "2.00"))["online"] == "Y"

    with serving(library, context=tls(str(certificate), str(key))) as place:
        for _ in range(20):
            play(place, looks, trusting)
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            play(place, looks)  # plain text to a port that speaks TLS


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.5", "library.example.org", ""])
def test_plain_text_is_served_to_this_machine_alone(sqlite_library: Installation, host: str) -> None:
    with pytest.raises(PlainText):
        Server(sqlite_library, host)


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
