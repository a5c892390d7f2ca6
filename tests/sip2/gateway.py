"""A modern gateway: asyncio streams, UTF-8, line feeds, no numbers and no checksums; reads answers with patterns.

Shares nothing with the product, nor with emulator.py.
"""

import asyncio
import contextlib
import re
import ssl
from datetime import datetime
from typing import Self

_HEADS = {
    "94": r"94(?P<ok>[01])",
    "98": r"98(?P<online>[YN])(?P<flags>[YN]{5})(?P<timeout>\d{3})(?P<retries>\d{3})(?P<at>.{18})(?P<version>\d\.\d\d)",
    "24": r"24(?P<flags>[Y ]{14})(?P<language>\d{3})(?P<at>.{18})",
    "26": r"26(?P<flags>[Y ]{14})(?P<language>\d{3})(?P<at>.{18})",
    "64": r"64(?P<flags>[Y ]{14})(?P<language>\d{3})(?P<at>.{18})(?P<counts>(?:\d{4}|    ){6})",
    "12": r"12(?P<ok>[01])(?P<renewed>[YN])(?P<magnetic>[YNU])(?P<desensitize>[YNU])(?P<at>.{18})",
    "30": r"30(?P<ok>[01])(?P<renewed>[YN])(?P<magnetic>[YNU])(?P<desensitize>[YNU])(?P<at>.{18})",
    "10": r"10(?P<ok>[01])(?P<resensitize>[YN])(?P<magnetic>[YNU])(?P<alert>[YN])(?P<at>.{18})",
    "66": r"66(?P<ok>[01])(?P<renewed>\d{4})(?P<unrenewed>\d{4})(?P<at>.{18})",
    "16": r"16(?P<ok>[01])(?P<available>[YN])(?P<at>.{18})",
    "38": r"38(?P<accepted>[YN])(?P<at>.{18})",
    "36": r"36(?P<ended>[YN])(?P<at>.{18})",
    "18": r"18(?P<circulation>\d\d)(?P<security>\d\d)(?P<fee>\d\d)(?P<at>.{18})",
    "20": r"20(?P<ok>[01])(?P<at>.{18})",
    "96": r"96",
}  # fmt: skip


class Gateway:
    """One connection; `call` gives the fixed parts and the fields of an answer in one dictionary."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int, context: ssl.SSLContext | None = None) -> Self:
        name = "localhost" if context else None
        return cls(*await asyncio.open_connection(host, port, ssl=context, server_hostname=name))

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def send(self, text: str) -> str:
        self.writer.write(text.encode() + b"\n")
        await self.writer.drain()
        line = await asyncio.wait_for(self.reader.readuntil(b"\r"), 30)
        return line.rstrip(b"\r").decode()

    async def call(self, code: str, fixed: str = "", **fields: str) -> "dict[str, str]":
        answer = await self.send(code + fixed + "".join(f"{name}{value}|" for name, value in fields.items()))
        return taken_apart(answer)

    async def login(self, name: str, secret: str) -> bool:
        return (await self.call("93", "00", CN=name, CO=secret))["ok"] == "1"

    @staticmethod
    def now() -> str:
        return datetime(2026, 3, 10, 12).strftime("%Y%m%d    %H%M%S")


def taken_apart(answer: str) -> dict[str, str]:
    """Fixed parts by name, fields by their two letters; a field that stands several times is joined with newlines."""
    head = re.match(_HEADS[answer[:2]], answer)
    assert head is not None, answer
    found = {"code": answer[:2], **head.groupdict()}
    rest = answer[head.end() :]
    assert rest == "" or rest.endswith("|"), answer
    for part in rest.split("|")[:-1]:
        name = part[:2]
        found[name] = f"{found[name]}\n{part[2:]}" if name in found else part[2:]
    return found
