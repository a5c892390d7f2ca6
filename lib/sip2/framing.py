"""Cutting a stream of bytes into messages: CR ends one, and so do LF and CRLF."""

from lib.sip2.codec import LONGEST


class Overrun(Exception):
    """More bytes than any message has, and no end in sight."""


class Frames:
    """Collects bytes of one connection; at most one unfinished message of 4 KiB is held."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now, without their ends; empty lines are passed over.

        Raises:
            Overrun: one of them, or what is left, is longer than a message may be.
        """
        *whole, self._rest = (self._rest + data).replace(b"\n", b"\r").split(b"\r")
        if len(self._rest) > LONGEST or any(len(frame) > LONGEST for frame in whole):
            raise Overrun
        return [frame for frame in whole if frame.strip(b" ")]

    @property
    def waiting(self) -> bool:
        """Whether the beginning of a message has come and its end has not."""
        return bool(self._rest)
