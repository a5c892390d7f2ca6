"""Bad clients, many clients, and the end of the process: nobody disturbs anybody, nothing half done is left."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.access.installation import Installation
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.sip2.conversation import Conversation
from lib.sip2.server import Limits, tls
from tests.builders import a_copy, a_title, an_admin
from tests.circulation.steps import rows, set_rule
from tests.live_server import ROOT, free_port
from tests.sip2.emulator import DATE, Emulator, field
from tests.sip2.gateway import Gateway
from tests.sip2.serving import PIN, Place, a_reader, broken, serving
from tests.sip2.test_gateway import a_certificate

SHORT = Limits(login_s=0.6, idle_s=0.6, message_s=0.4)


@pytest.fixture
def place(sqlite_library: Installation) -> Iterator[Place]:
    with serving(sqlite_library) as found:
        yield found


def closed(line: socket.socket) -> bool:
    """Whether the other side hangs up, sooner or later."""
    line.settimeout(10)
    try:
        while line.recv(4096):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "sent",
    [b"x" * 5000, b"x" * 100_000 + b"\r", b"\x00" * 9000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\nA: b\r\nC: d\r\nE: f\r\n",
     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\x03\r\x03\r\x03\r\x03\r", b"99\r99\r99\r99\r99\r", b"\xff\r" * 5],
)  # fmt: skip
def test_garbage_is_dropped_and_another_line_does_not_notice(place: Place, sent: bytes) -> None:
    with Emulator(place.host, place.port) as good:
        assert good.login(place.login, place.secret)
        with socket.create_connection((place.host, place.port)) as bad:
            bad.sendall(sent)
            assert closed(bad)
        assert good.status()[:3] == "98Y"


@pytest.mark.parametrize("sent", [b"", b"9", b"9300CNhall|CO"])
def test_who_is_slow_or_silent_is_dropped(sqlite_library: Installation, sent: bytes) -> None:
    with serving(sqlite_library, limits=SHORT) as place:
        with socket.create_connection((place.host, place.port)) as slow:
            slow.sendall(sent)
            assert closed(slow)
        with Emulator(place.host, place.port) as known:
            assert known.login(place.login, place.secret)
            assert closed(known.line)


def test_a_byte_now_and_then_is_no_way_to_hold_a_line(sqlite_library: Installation) -> None:
    limits = Limits(message_s=0.5)
    with serving(sqlite_library, limits=limits) as place, socket.create_connection((place.host, place.port)) as slow:
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT012
            for byte in b"9300CN" + b"x" * 400:
                slow.sendall(bytes([byte]))
                slow.settimeout(0.05)
                try:
                    if not slow.recv(10):
                        raise ConnectionResetError
                except TimeoutError:
                    continue
        assert time.monotonic() - began < 10


def test_more_connections_than_allowed_are_refused_at_once(sqlite_library: Installation) -> None:
    with serving(sqlite_library, limits=Limits(connections=3)) as place:
        lines = [Emulator(place.host, place.port) for _ in range(3)]
        assert all(line.login(place.login, place.secret) for line in lines)
        with socket.create_connection((place.host, place.port)) as late:
            assert closed(late)
        assert place.ended.acquire(timeout=20)
        assert lines[0].status()[:3] == "98Y"
        lines.pop().close()
        assert place.ended.acquire(timeout=20)
        with Emulator(place.host, place.port) as again:
            assert again.login(place.login, place.secret), "a place that came free is given again"
        for line in lines:
            line.close()


def test_who_begins_to_encrypt_and_never_ends_counts_and_is_dropped(
    sqlite_library: Installation, tmp_path: Path
) -> None:
    certificate, key = a_certificate(tmp_path)
    limits = Limits(connections=3, message_s=1)
    with serving(sqlite_library, limits=limits, context=tls(str(certificate), str(key))) as place:
        silent = [socket.create_connection((place.host, place.port)) for _ in range(3)]
        with socket.create_connection((place.host, place.port)) as late:
            late.settimeout(0.8)
            assert late.recv(1) == b""  # at once: the silent ones, who came first, take all the places
        assert all(closed(line) for line in silent)
        assert all(place.ended.acquire(timeout=20) for _ in (*silent, late))
        trusting = ssl.create_default_context(cafile=str(certificate))
        with (
            socket.create_connection((place.host, place.port), timeout=20) as line,
            trusting.wrap_socket(line, server_hostname="localhost") as talk,
        ):
            talk.sendall(f"9300CN{place.login}|CO{place.secret}|\r".encode())
            assert talk.recv(100) == b"941\r"


def test_a_client_that_never_reads_does_not_stop_the_others(sqlite_library: Installation) -> None:
    limits = Limits(message_s=0.5)
    with serving(sqlite_library, limits=limits) as place, socket.create_connection((place.host, place.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.sendall(f"9300CN{place.login}|CO{place.secret}|\r".encode())
        deaf.settimeout(0.2)
        with contextlib.suppress(OSError):  # once nobody takes more from it
            for _ in range(300):
                deaf.sendall(b"9900802.00\r" * 100)
        with Emulator(place.host, place.port) as good:
            assert good.login(place.login, place.secret)
            assert good.status()[:3] == "98Y"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(
    st.binary(max_size=80),
    st.sampled_from(["11", "09", "63", "23", "29", "65", "15", "37", "01", "17", "19", "25", "35", "99", "97"]).flatmap(
        lambda code: st.binary(max_size=120).map(lambda rest: code.encode() + b"YN+" + rest)),
    st.text("|AOBCDJNY0123456789 ", max_size=150).map(lambda text: f"11NN{DATE}{DATE}{text}".encode()),
), max_size=6))  # fmt: skip
def test_no_conversation_does_harm(sqlite_library: Installation, frames: list[bytes]) -> None:
    if not rows(sqlite_library, "SELECT id FROM terminal"):
        _, secret = make_terminal(
            sqlite_library, an_admin(sqlite_library), kind=TerminalKind.SIP2, login="hall", name="Hall"
        )
        test_no_conversation_does_harm.secret = secret  # type: ignore[attr-defined]
    talk = Conversation(sqlite_library, "192.0.2.1")
    secret = test_no_conversation_does_harm.secret  # type: ignore[attr-defined]
    assert talk.answer(f"9300CNhall|CO{secret}|".encode()) == b"941\r"
    for frame in frames:
        answer = talk.answer(frame)
        assert answer.endswith(b"\r")
        assert answer.count(b"\r") == 1
        assert b"\x00" not in answer
        answer.decode()
    assert rows(sqlite_library, "SELECT count(*) FROM loan") == [(0,)]


def test_a_fault_of_ours_is_answered_in_the_messages_own_form(sqlite_library: Installation, place: Place) -> None:
    with Emulator(place.host, place.port) as machine:
        assert machine.login(place.login, place.secret)
        _, card = a_reader(sqlite_library)
        item = a_copy(sqlite_library)
        machine.patron_status(card, PIN)
        with sqlite_library.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE loan RENAME TO loan_gone")
        answer = machine.checkout(card, PIN, item)
        with sqlite_library.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE loan_gone RENAME TO loan")
        assert answer[:3] == "120"
        assert "cannot answer just now" in field(answer, "AF")[0]
        assert machine.checkout(card, PIN, item)[:3] == "121"


@pytest.mark.slow
def test_fifty_terminals_at_once_lend_each_copy_once(library: Installation) -> None:
    set_rule(library, max_loans=40)
    terminals, contested = 50, 10
    copies = [a_copy(library, a_title(library)) for _ in range(contested)]
    own = [a_copy(library, a_title(library)) for _ in range(terminals)]
    readers = [a_reader(library) for _ in range(terminals)]

    doors, inside = asyncio.Condition(), 0

    async def come_in(place: Place, gate: Gateway) -> None:
        """Who is refused, because too many try at once, tries again when somebody else has come in."""
        nonlocal inside
        seen = inside
        while not await gate.login(place.login, place.secret):
            async with doors:
                await asyncio.wait_for(doors.wait_for(lambda seen=seen: inside > seen), 60)
            seen = inside
        async with doors:
            inside += 1
            doors.notify_all()

    async def day(place: Place, number: int) -> int:
        gate = await Gateway.open(place.host, place.port)
        now, card = gate.now(), readers[number][1]
        await come_in(place, gate)
        seen = await gate.call("63", f"001{now}{' ' * 10}", AO="", AA=card, AD=PIN)
        assert seen["CQ"] == "Y", seen
        won = 0
        for step in range(contested):
            copy = copies[(number + step) % contested]
            lent = await gate.call("11", f"NN{now}{now}", AO="", AA=card, AB=copy)
            won += lent["ok"] == "1"
        mine = await gate.call("11", f"NN{now}{now}", AO="", AA=card, AB=own[number])
        assert mine["ok"] == "1", mine
        assert (await gate.call("65", now, AA=card))["ok"] == "1"
        assert (await gate.call("09", f"N{now}{now}", AB=own[number]))["ok"] == "1"
        assert (await gate.call("35", now, AA=card))["ended"] == "Y"
        await gate.close()
        return won

    async def all_days(place: Place) -> list[int]:
        return await asyncio.gather(*(day(place, number) for number in range(terminals)))

    with serving(library) as place:
        won = asyncio.run(all_days(place))
    assert sum(won) == contested
    assert rows(library, "SELECT count(*), count(returned_at) FROM loan") == [(contested + terminals, terminals)]
    assert broken(library) == []


def started(folder: Path, port: int, *more: str) -> "subprocess.Popen[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOME_")}
    env |= {"TOME_DATA_DIR": str(folder), "TOME_MODE": "demo"}
    command = [sys.executable, "-m", "lib.cli", "sip2", "--port", str(port), *more]
    return subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)


def test_the_process_ends_when_it_is_asked_to_with_what_is_under_way_done(sqlite_library: Installation) -> None:
    _, secret = make_terminal(
        sqlite_library, an_admin(sqlite_library), kind=TerminalKind.SIP2, login="hall", name="Hall"
    )
    _, card = a_reader(sqlite_library)
    items = [a_copy(sqlite_library) for _ in range(4)]
    port = free_port()
    process = started(Path(sqlite_library.config.data_dir), port)
    try:
        assert process.stderr is not None
        assert any("SIP2 is served on" in line for line in process.stderr)
        answers: list[str] = []
        with Emulator("127.0.0.1", port) as machine:
            assert machine.login("hall", secret)

            def lend() -> None:
                with contextlib.suppress(AssertionError, OSError):  # the line is closed between two messages
                    answers.extend(machine.checkout(card, PIN, item)[:3] for item in items)

            work = threading.Thread(target=lend)
            work.start()
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(12) == 0
            assert time.monotonic() - began < 10
            work.join(20)
        assert rows(sqlite_library, "SELECT count(*) FROM loan") == [(answers.count("121"),)]
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--host", "0.0.0.0"), "it needs TLS"),
        (("--host", "0.0.0.0", "--tls-cert", "no-such.pem"), "cannot be used"),
        (("--tls-key", "no-such.pem"), "A key without its certificate"),
    ],
)  # fmt: skip
def test_it_refuses_to_start_where_pins_would_cross_a_network_in_the_open(
    sqlite_library: Installation, more: tuple[str, ...], says: str
) -> None:
    process = started(Path(sqlite_library.config.data_dir), free_port(), *more)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2, told
    assert says in told
