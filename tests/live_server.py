"""A real server of the product in a process of its own, on a free port of this machine, over a library of a test."""

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import httpx2

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.builders import a_member, hash_of

ROOT = Path(__file__).parents[1]
PASSWORD = "galactic tome nexus"
PATIENCE_S = 180


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def somebody(library: Installation, role: Role, login: str) -> int:
    """An account that can sign in with PASSWORD; returns its id."""
    email = f"{login}@example.org"
    actor = a_member(
        library, role=role, username=login, username_key=login, email=email, email_key=email, name=login.title(),
        email_verified_at=library.clock.now(), password_hash=hash_of(PASSWORD),
    )  # fmt: skip
    assert actor.account_id is not None
    return actor.account_id


@dataclass
class LiveServer:
    """Starts with `with`, ends at its close. `folder` is the data folder of a prepared library."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    listens: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def __enter__(self) -> "LiveServer":
        env = {name: value for name, value in os.environ.items() if not name.startswith("TOME_")}
        env |= {"TOME_DATA_DIR": str(self.folder), "TOME_MODE": "demo", "TOME_PORT": str(self.port)} | self.env
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._write_down, daemon=True).start()
        assert self.listens.wait(PATIENCE_S), f"the server says nothing: {self.log()[-2000:]}"
        try:
            assert httpx2.get(f"{self.url}/healthz", timeout=PATIENCE_S).status_code == 200
        except httpx2.TransportError as error:
            raise RuntimeError(f"the server does not answer: {self.log()[-2000:]}") from error
        return self

    def _write_down(self) -> None:
        """Keeps what the server says. It names its address once its port listens: who asks from then on is answered."""
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout, (self.folder / "server.log").open("wb", buffering=0) as log:
            for line in self.process.stdout:
                log.write(line)
                if self.url.encode() in line:
                    self.listens.set()
        self.listens.set()  # it ended, listening or not: nobody need wait any longer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        """What the server has written so far."""
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def exchange(self, ticket: str, **headers: str) -> httpx2.Response:
        """What the sign-in page's script does with a ticket; headers given as None are left out."""
        fixed = {"origin": self.url, "x-requested-with": "tome", "content-type": "application/json"} | headers
        return httpx2.post(
            f"{self.url}/auth/session",
            content=json.dumps({"ticket": ticket}),
            headers={name: value for name, value in fixed.items() if value},
        )

    def sign_out(self, cookie: str | None) -> httpx2.Response:
        """What the sign-out button's script does."""
        headers = {"origin": self.url, "x-requested-with": "tome"} | ({"cookie": cookie} if cookie else {})
        return httpx2.post(f"{self.url}/auth/sign-out", headers=headers)
