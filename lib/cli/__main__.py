"""`python -m lib.cli …`, reached through manage.py. Loads only the module of the command that was asked for.

Exit codes: 0 all is well; 1 the command ran and found or met something wrong; 2 it was called wrongly, or the
configuration cannot be used; 130 interrupted.
"""

import sys
from importlib import import_module

import typer

from lib.cli.tell import mishaps_told

COMMANDS = {
    "run": "lib.cli.run",
    "sip2": "lib.cli.sip2",
    "test": "lib.cli.develop",
    "check": "lib.cli.develop",
    "bench": "lib.cli.develop",
    "mutants": "lib.cli.develop",
    "openapi": "lib.cli.develop",
    "demo": "lib.cli.beginnings",
    "init": "lib.cli.beginnings",
    "migrate": "lib.cli.schema",
    "import": "lib.cli.imports",
    "export": "lib.cli.export",
    "verify": "lib.cli.health",
    "night": "lib.cli.night",
    "doctor": "lib.cli.health",
}
EPILOG = "Start with: python3 manage.py run. Every setting is a TOME_* variable, explained in docs/operations.md."


def build(names: list[str]) -> typer.Typer:
    """The command line with the modules of the named commands on it."""
    app = typer.Typer(
        name="manage.py",
        help="Tome Nexus, a library system. Runs it, fills it, checks it.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    for module in dict.fromkeys(COMMANDS[name] for name in names):
        import_module(module).register(app)
    return app


def _nothing() -> None:
    """Tome Nexus, a library system. Runs it, fills it, checks it."""


def main(words: list[str]) -> int:
    """Runs one command; returns its exit code."""
    asked = next((word for word in words if not word.startswith("-")), "")
    with mishaps_told() as told:
        app = build([asked] if asked in COMMANDS else list(COMMANDS))
        app(args=words, prog_name="manage.py")
    return told.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
