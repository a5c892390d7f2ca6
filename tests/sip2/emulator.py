"""A machine of the classic kind: a blocking socket, strings of fixed layout, numbers and checksums on every message.

Shares nothing with the product, nor with gateway.py.
"""

import socket


class Emulator:
    """Sends what a self-check machine's screen would, and takes the answer apart by position."""

    def __init__(self, host: str, port: int) -> None:
        self.line = socket.create_connection((host, port), timeout=20)
        self.number = 0
        self.got = b""

    def close(self) -> None:
        self.line.close()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def framed(self, text: str) -> bytes:
        body = text.encode("utf-8") + b"AY%dAZ" % self.number
        total = 0
        for byte in body:
            total += byte
        return body + f"{(0x10000 - total % 0x10000) % 0x10000:04X}".encode()

    def ask(self, text: str) -> str:
        """Sends with the next number; the answer must carry it, and a checksum that fits."""
        self.number = (self.number + 1) % 10
        self.line.sendall(self.framed(text) + b"\r")
        answer = self.hear()
        assert answer[-9:-4] == b"AY%dAZ" % self.number, answer
        self.verify(answer)
        return answer[:-9].decode("utf-8")

    def verify(self, answer: bytes) -> None:
        total = sum(answer[:-4]) + int(answer[-4:], 16)
        assert total % 0x10000 == 0, answer

    def raw(self, frame: bytes) -> bytes:
        self.line.sendall(frame + b"\r")
        return self.hear()

    def hear(self) -> bytes:
        """One line, up to the carriage return; b"" where the other side hung up."""
        while b"\r" not in self.got:
            try:
                more = self.line.recv(4096)
            except ConnectionError:
                return b""
            if not more:
                return b""
            self.got += more
        line, _, self.got = self.got.partition(b"\r")
        return line

    # The messages, as such machines print them.

    def login(self, name: str, secret: str) -> bool:
        return self.ask(f"9300CN{name}|CO{secret}|CPHall|") == "941"

    def status(self) -> str:
        return self.ask("9900802.00")

    def patron_status(self, card: str, pin: str = "") -> str:
        return self.ask(f"23001{DATE}AOtome|AA{card}|AC|AD{pin}|")

    def information(self, card: str, pin: str, summary: str = " " * 10, more: str = "") -> str:
        return self.ask(f"63001{DATE}{summary}AOtome|AA{card}|AC|AD{pin}|{more}")

    def checkout(self, card: str, pin: str, item: str, policy: str = "N", cancel: str = "N") -> str:
        return self.ask(f"11{policy}N{DATE}{DATE}AOtome|AA{card}|AB{item}|AC|AD{pin}|BON|BI{cancel}|")

    def checkin(self, item: str, returned: str = "") -> str:
        return self.ask(f"09N{DATE}{returned or DATE}APHall|AOtome|AB{item}|AC|BIN|")

    def renew(self, card: str, pin: str, item: str) -> str:
        return self.ask(f"29NN{DATE}{DATE}AOtome|AA{card}|AD{pin}|AB{item}|AJ|AC|BON|")

    def renew_all(self, card: str, pin: str) -> str:
        return self.ask(f"65{DATE}AOtome|AA{card}|AD{pin}|AC|BON|")

    def item(self, item: str) -> str:
        return self.ask(f"17{DATE}AOtome|AB{item}|AC|")

    def end(self, card: str) -> str:
        return self.ask(f"35{DATE}AOtome|AA{card}|AC|AD|")


DATE = "20260310    120000"


def field(answer: str, name: str) -> list[str]:
    """Every value of a field, looked for after the fixed part, where the first bar-delimited one begins."""
    found = []
    rest = answer[FIXED[answer[:2]] :]
    while "|" in rest:
        part, _, rest = rest.partition("|")
        if part[:2] == name:
            found.append(part[2:])
    return found


FIXED = {
    "94": 3, "98": 36, "24": 37, "64": 61, "12": 24, "10": 24, "30": 24, "66": 29, "16": 22, "38": 21, "36": 21,
    "18": 26, "20": 21, "26": 37,
}  # fmt: skip
