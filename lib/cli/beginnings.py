"""`demo` and `init`: how a library begins."""

from typing import Annotated, Any

import typer

from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.cli.library import DataDir, opened
from lib.cli.tell import bad, good, note, progress, stop
from lib.kit.config import CONFIG_NAME, Mode
from lib.ops.first_run import DEMO_LOGINS, DEMO_PASSWORD, DEMO_PIN, FirstAdmin, init_library, is_empty, keep_demo_mode

ASKED = {
    "name": "Name of the library",
    "time_zone": "Time zone (like Europe/Paris)",
    "currency": "Currency (like EUR)",
    "locale": "Language in which dates and money are written (like en-GB)",
}


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(init)


def demo(data_dir: DataDir = None) -> None:
    """Fills an empty library with demo titles, copies, members, loans, holds and money."""
    with opened(data_dir) as installation:
        if not is_empty(installation):
            bad("This library holds accounts already.", "Choose an empty folder: manage.py demo --data-dir FOLDER")
            raise stop(1)
        fill_demo(installation)
        folder = installation.config.data_dir
        if installation.config.mode is Mode.PRODUCTION and not (folder / CONFIG_NAME).exists():
            keep_demo_mode(folder)
    good(f"The demo library is made, in {folder}.")
    tell_demo_accounts()
    note(f"Next: python3 manage.py run --data-dir {folder}")


def fill_demo(installation: Installation) -> None:
    """Makes the demo library, with a progress bar."""
    from lib.ops.demo import make_demo  # only a first start needs it and all it reads

    with progress("Making the demo library") as tick:
        make_demo(installation, tick)


def tell_demo_accounts() -> None:
    note("[bold]Demo library.[/bold] Sign in as one of these; the mode “production” refuses them all:")
    for login in DEMO_LOGINS:
        note(f"  {login}   {DEMO_PASSWORD}")
    note(f"The member's PIN for self-service is {DEMO_PIN}; an admin gives the terminals their secrets.")


def init(
    name: Annotated[str | None, typer.Option(help="Name of the library.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/Paris.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency, like EUR.")] = None,
    locale: Annotated[str | None, typer.Option(help="Language of dates and money, like en-GB.")] = None,
    admin_email: Annotated[str | None, typer.Option(help="E-mail of the first admin.")] = None,
    admin_name: Annotated[str, typer.Option(help="Name of the first admin.")] = "Administrator",
    admin_password: Annotated[
        str | None,
        typer.Option(
            help="Password of the first admin; better given as TOME_ADMIN_PASSWORD, or asked for.",
            envvar="TOME_ADMIN_PASSWORD",
        ),
    ] = None,
    ask: Annotated[bool, typer.Option(help="Ask for what was not given; --no-ask takes the defaults.")] = True,
    data_dir: DataDir = None,
) -> None:
    """Sets up a new library of your own: its name, time zone, currency and first admin.

    Without an admin's e-mail it prints a one-time link, on which the first admin sets themselves up.
    """
    values: dict[str, Any] = {"name": name, "time_zone": time_zone, "currency": currency, "locale": locale}
    with opened(data_dir) as installation:
        if ask:
            values = ask_for(values)
            admin_email = admin_email or typer.prompt("E-mail of the first admin (empty: print a link)", default="")
        if admin_email and not admin_password:
            admin_password = typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
        admin = FirstAdmin(admin_email, admin_password or "", admin_name) if admin_email else None
        link = init_library(installation, {key: value for key, value in values.items() if value}, admin)
        tell_end(installation, link)


def ask_for(values: dict[str, Any]) -> dict[str, Any]:
    """Asks for each value that was not given, the default in brackets."""
    usual = LibrarySettings().model_dump()
    return {key: values[key] or typer.prompt(text, default=usual[key]) for key, text in ASKED.items()}


def tell_end(installation: Installation, link: str | None) -> None:
    good("The library is set up.")
    if link:
        note("Once it runs, open this page within the hour and become its admin:")
        note(f"  [bold]{link}[/bold]")
    note(f"Next: python3 manage.py run --data-dir {installation.config.data_dir}")
