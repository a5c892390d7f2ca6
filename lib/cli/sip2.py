"""`sip2`: self-check machines. Checks the configuration, then becomes the server, a process of its own."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from lib.cli.library import DataDir, configure
from lib.cli.tell import bad, stop
from lib.kit.config import HOME


def register(app: typer.Typer) -> None:
    app.command()(sip2)


def sip2(
    port: Annotated[int, typer.Option(help="Port to listen on; machines expect 6001.", min=1, max=65535)] = 6001,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs TLS.")
    ] = "127.0.0.1",
    tls_cert: Annotated[str | None, typer.Option("--tls-cert", help="Certificate chain, as a PEM file.")] = None,
    tls_key: Annotated[str | None, typer.Option("--tls-key", help="Its private key, as a PEM file.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Serves self-check machines that speak SIP2, until it is asked to end.

    A terminal and its secret are made under Terminals in the library's screens.
    """
    config = configure(data_dir)
    if tls_key and not tls_cert:
        bad("A key without its certificate.", "Give both: --tls-cert and --tls-key.")
        raise stop(2)
    os.environ["TOME_DATA_DIR"] = str(config.data_dir)
    command = [sys.executable, "-m", "lib.sip2", "--host", host, "--port", str(port)]
    for name, given in (("--tls-cert", tls_cert), ("--tls-key", tls_key)):
        command += [name, os.path.abspath(given)] if given else []
    os.chdir(HOME)
    if os.name == "posix":
        os.execv(command[0], command)
    raise stop(subprocess.run(command, check=False).returncode)
