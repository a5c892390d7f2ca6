"""`migrate`: the schema of the database, up and down."""

from typing import Annotated

import typer
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_work
from lib.catalogue.search_index import rebuild_index
from lib.cli.library import DataDir, configure
from lib.cli.tell import bad, good, note, progress, stop
from lib.ops.migrations.run import draft as write_draft
from lib.ops.schema import move_database, revisions, schema_state


def register(app: typer.Typer) -> None:
    app.command()(migrate)


def migrate(
    to: Annotated[str, typer.Option(help="Revision to go to, up or down: head, or a number like 0002.")] = "head",
    draft: Annotated[
        str, typer.Option(help="For developers: write the next migration from the models, saying what changes.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Go down without asking.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Brings the database to the newest schema. `run` does the same at each start."""
    if draft:
        path = write_draft(draft)
        good(f"Written: {path}")
        note("Read it, mend it where needed, then try it: python3 manage.py test tests/ops/test_migrations.py")
        return
    if to not in ("head", *revisions()):
        bad(f"There is no revision {to}.", f"Known: {', '.join(revisions())}, head.")
        raise stop(2)
    installation = open_installation(configure(data_dir))
    try:
        state = schema_state(installation.engine)
        goal = state.newest if to == "head" else to
        if state.found == goal:
            good(f"The database is at schema {goal} already.")
            return
        if state.found is not None and goal < state.found and not yes:
            typer.confirm(f"Go down from {state.found} to {goal}? What only the newer schema holds is lost", abort=True)
        move_database(installation.engine, goal)
        if goal == state.newest:
            fill_search_index(installation)
        good(f"The database is at schema {goal} now (before: {state.found or 'empty'}).")
    finally:
        installation.close()


def fill_search_index(installation: Installation) -> None:
    """Going down drops the search index with its words; going up again makes them anew from the titles."""
    with begin_work(installation, SYSTEM) as uow:
        words = uow.connection.scalar(text("SELECT 1 FROM search_word LIMIT 1"))
        titles = uow.connection.scalar(text("SELECT 1 FROM title LIMIT 1"))
        if titles and not words:
            with progress("Making the search index") as tick:
                rebuild_index(uow, tick)
