"""A reader without a browser: speaks Streamlit's WebSocket protocol, asks for pages and waits until they have run."""

from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect


@dataclass
class Screen:
    """One tab open at a server. `cookie` goes into the handshake; `kinds` are the elements that the last run drew,
    `sent` its bytes, `said` its words (only with `listening`)."""

    url: str
    cookie: str | None = None
    listening: bool = False
    kinds: set[str] = field(default_factory=set)
    sent: int = 0
    said: list[bytes] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, str] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    async def open(self) -> "Screen":
        """Connects as a browser does."""
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": self.cookie} if self.cookie else {},
            max_size=None, compression=None, ping_interval=None, proxy=None,
        )  # fmt: skip
        return self

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def run(self, page: str = "", query: str = "") -> "Screen":
        """Asks for a page by its address and waits until its script has ended well.

        Raises:
            RuntimeError: the script did not compile, or ended otherwise.
        """
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        assert self._socket is not None
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        asked.rerun_script.page_script_hash = self.hashes.get(page, "")
        await self._socket.send(asked.SerializeToString())
        self.kinds, self.said, self.sent = set(), [], 0
        while True:
            raw = await self._socket.recv()
            answer = ForwardMsg.FromString(raw)  # type: ignore[arg-type]
            self.sent += len(raw)
            if self.listening:
                self.said.append(raw if isinstance(raw, bytes) else raw.encode())
            kind = answer.WhichOneof("type")
            if kind == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return self
                if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    raise RuntimeError(f"{page}: the script ended as {answer.script_finished}")
            else:
                self._note(kind, answer)

    def _note(self, kind: str | None, answer: Any) -> None:
        if kind == "navigation":
            self.hashes = {one.url_pathname: one.page_script_hash for one in answer.navigation.app_pages}
        elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
            self.kinds.add(answer.delta.new_element.WhichOneof("type") or "")

    @property
    def words(self) -> str:
        """What the last run sent, as one string to look for words in."""
        return b" ".join(self.said).decode("utf-8", "replace")
