"""`python -m lib.sip2`: what `manage.py sip2` becomes. Exit codes: 0 asked to end; 2 it cannot be served so."""

import argparse
import asyncio
import ssl
import sys

from lib.access.installation import open_installation
from lib.kit.config import load_config
from lib.kit.logs import set_up_logs
from lib.ops.schema import prepare_database
from lib.sip2.server import PlainText, Server, require_protection, serve, tls

NEEDS_TLS = (
    "SIP2 carries card numbers and PINs: on any address but this machine's own it needs TLS.\n"
    "Give --tls-cert and --tls-key, or listen on 127.0.0.1 behind stunnel (docs/operations.md)."
)


def main(words: list[str]) -> int:
    """Serves until it is asked to end."""
    parser = argparse.ArgumentParser(prog="manage.py sip2", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    asked = parser.parse_args(words)
    try:
        require_protection(asked.host, asked.tls_cert)
        context = tls(asked.tls_cert, asked.tls_key) if asked.tls_cert else None
    except PlainText:
        return _told(NEEDS_TLS)
    except (OSError, ssl.SSLError) as error:
        return _told(f"The certificate or its key cannot be used: {error}.")
    config = load_config()
    set_up_logs(config.log_level, as_json=config.log_json)
    installation = open_installation(config)
    try:
        prepare_database(installation.engine)
        server = Server(installation, asked.host, asked.port, context)
        asyncio.run(serve(server, lambda place: _say(f"SIP2 is served on {place[0]}:{place[1]}.")))
    except OSError as error:
        return _told(f"Cannot listen on {asked.host}:{asked.port}: {error.strerror or error}.")
    finally:
        installation.close()
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _told(text: str) -> int:
    _say(text)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
