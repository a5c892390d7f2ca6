"""What the web process sends goes out at once."""

import asyncio
import socket

from lib.access.installation import Installation
from lib.ui.process import serving


def test_connections_of_the_web_process_do_not_hold_small_messages_back(served: Installation) -> None:
    delayed: list[int] = []

    class Listener(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            delayed.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def visit() -> None:
        async with serving(None):
            listening = socket.socket(socket.AF_INET)  # as Streamlit makes it: with proto 0
            listening.bind(("127.0.0.1", 0))
            loop = asyncio.get_running_loop()
            async with await loop.create_server(Listener, sock=listening):
                reader, writer = await asyncio.open_connection(*listening.getsockname())
                await reader.read()
                writer.close()
                await writer.wait_closed()

    asyncio.run(visit())
    assert delayed
    assert all(delayed)
