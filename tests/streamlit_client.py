"""A client of Streamlit's WebSocket protocol, without a browser: for attacks, replays and load."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

DONE = (
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
)


@dataclass
class Screen:
    """One WebSocket to a live server.

    `cookie` goes into the handshake as it is; `resume` is the id of a Streamlit session to take over; `origin`
    None leaves the header out.
    """

    url: str
    cookie: str | None = None
    origin: str | None = "same"
    resume: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    page: str = ""
    widgets: dict[str, str] = field(default_factory=dict)
    messages: list[Any] = field(default_factory=list)

    def __enter__(self) -> "Screen":
        self.socket: ClientConnection = connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit", *(["none", self.resume] if self.resume else [])],  # type: ignore[list-item]
            origin=(self.url if self.origin == "same" else self.origin),  # type: ignore[arg-type]
            additional_headers=self.headers | ({"Cookie": self.cookie} if self.cookie else {}),
            max_size=None,
            compression=None,
            legacy=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def run(self, page: str = "", query: str = "", *, pressed: str | None = None, page_hash: str = "",
            values: dict[str, Any] | None = None) -> "Screen":  # fmt: skip
        """Asks for a page by its address (or hash) and waits until it has run. `pressed` is the id of a button."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        asked.rerun_script.page_script_hash = page_hash
        for name, value in (values or {}).items():
            state = asked.rerun_script.widget_states.widgets.add()
            state.id = name
            state.string_value = value
        if pressed:
            state = asked.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = pressed, True
        return self.send(asked)

    def send(self, message: BackMsg, timeout_s: float = 30) -> "Screen":
        """Sends any message and collects the answers of the run that it causes."""
        self.socket.send(message.SerializeToString())
        self.messages = []
        while True:
            answer = ForwardMsg.FromString(self.socket.recv(timeout_s))  # type: ignore[arg-type]
            self.messages.append(answer)
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.session = answer.new_session.initialize.session_id
            elif kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in answer.navigation.app_pages}
                self.page = answer.navigation.page_script_hash
            elif kind == "delta":
                self._note(answer.delta)
            elif kind == "script_finished" and answer.script_finished in DONE:
                return self

    def _note(self, delta: Any) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = getattr(delta.new_element, delta.new_element.WhichOneof("type"))
        if getattr(element, "id", ""):
            self.widgets[getattr(element, "label", "") or element.id] = element.id

    def text(self) -> str:
        """Everything the last run drew, as one string to look for words in; the list of addresses is left out."""
        drawn = (message for message in self.messages if message.WhichOneof("type") == "delta")
        return b" ".join(message.SerializeToString() for message in drawn).decode("utf-8", "replace")
