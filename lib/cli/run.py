"""`run`: checks everything that can be checked first, then becomes the server."""

import errno
import gc
import os
import runpy
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from lib.access.installation import Installation, open_installation
from lib.cli.beginnings import fill_demo, tell_demo_accounts
from lib.cli.library import DataDir, configure
from lib.cli.ready import announced
from lib.cli.tell import bad, good, note, stop
from lib.kit.config import HOME, Config, Mode
from lib.kit.process_turn import ENDS
from lib.ops.first_run import is_empty, is_first_run, keep_demo_mode, refuse_demo_accounts, see_to_admin
from lib.ops.schema import prepare_database, schema_state

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    port: Annotated[int | None, typer.Option(help="Port to listen on [8501]; the same as TOME_PORT.")] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [127.0.0.1]; 0.0.0.0 for every network.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Opens the library in the browser: screens, API and files on one port.

    The first start on a machine without any configuration makes a demo library and names its accounts.
    """
    for name, given in (("TOME_PORT", port), ("TOME_HOST", host)):
        if given is not None:
            os.environ[name] = str(given)
    config = configure(data_dir)
    refuse_taken_port(config)
    if is_first_run(config, os.environ):
        os.environ["TOME_MODE"] = "demo"
        config = configure()
        make_library(config)
        keep_demo_mode(config.data_dir)
        note(f"There was no configuration and no database, so this is a demo library, kept in {config.data_dir}.")
    installation = open_installation(config)
    try:
        make_ready(installation)
    finally:
        installation.close()
    serve(config)


def refuse_taken_port(config: Config) -> None:
    """Says so now if another program listens there, instead of in the middle of the start."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                bad(f"Port {config.port} is in use.", f"Choose another: manage.py run --port {config.port + 1}")
            else:
                bad(f"Cannot listen on {config.host}:{config.port}: {error.strerror}.", "Choose others: --host, --port")
            raise stop(2) from error


def make_library(config: Config) -> None:
    """The demo library, built beside its place and moved there when it is whole: a broken-off start leaves nothing."""
    draft = config.data_dir / "demo-in-the-making.db"
    clear_draft(draft)
    installation = open_installation(config.model_copy(update={"database_url": SecretStr(f"sqlite:///{draft}")}))
    try:
        prepare_database(installation.engine)
        fill_demo(installation)
    finally:
        installation.close()
    draft.replace(config.data_dir / "library.db")
    clear_draft(draft)


def clear_draft(draft: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal", *ENDS):
        draft.with_name(draft.name + end).unlink(missing_ok=True)


def make_ready(installation: Installation) -> None:
    """Brings the database to the newest schema and sees to it that somebody can sign in."""
    pending = schema_state(installation.engine).pending
    prepare_database(installation.engine)
    if pending and not is_empty(installation):
        good(f"The database was upgraded (migrations {', '.join(pending)}).")
    refuse_demo_accounts(installation)
    if installation.config.mode is Mode.DEMO:
        if is_empty(installation):
            fill_demo(installation)
        tell_demo_accounts()
        if installation.config.host not in LOOPBACK:
            bad("Everybody who reaches this machine can sign in as its admin.", "Bring nothing in that is not for all.")
    elif link := see_to_admin(installation):
        note("This library has no admin yet. Open this page once, within the hour, and become one:")
        note(f"  [bold]{link}[/bold]")


def serve(config: Config) -> None:
    """Runs Streamlit, which finds the ASGI application in app.py: as `python -m streamlit run app.py` would, but in
    this process, where half of what the server needs is loaded already.

    Raises:
        SystemExit: the server ended; the code is its own.
    """
    os.environ |= {
        "TOME_DATA_DIR": str(config.data_dir), "TOME_HOST": config.host, "TOME_PORT": str(config.port),
    }  # fmt: skip
    os.environ.pop("STREAMLIT_SERVER_PORT", None)
    os.chdir(HOME)  # where Streamlit looks for .streamlit/config.toml
    note("Opening the library …")
    gc.disable()  # no rounds over what is only being loaded; lib/ui/process.py lets them begin
    sys.argv = [
        "streamlit", "run", str(HOME / "app.py"),
        "--server.port", str(config.port), "--server.address", config.host, "--server.headless", "true",
        "--browser.gatherUsageStats", "false",
        "--logger.hideWelcomeMessage", "true",  # it would ask a foreign host for this machine's address
    ]  # fmt: skip
    with announced(*addresses(config)):
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def addresses(config: Config) -> tuple[str, str]:
    """Where people on this machine find the library, and where to ask whether it is ready."""
    if config.host in ("0.0.0.0", "::", "127.0.0.1"):  # noqa: S104
        return f"http://localhost:{config.port}", f"http://127.0.0.1:{config.port}"
    name = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{name}:{config.port}", f"http://{name}:{config.port}"
