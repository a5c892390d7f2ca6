"""Running, comparing and drafting migrations. Imports Alembic, so only what must change a schema imports this."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from lib.kit.database import make_engine
from lib.ops.migrations.scope import in_scope, quietly
from lib.ops.tables import METADATA

FOLDER = Path(__file__).parent


def move(connection: Connection, target: str) -> None:
    """Brings the schema to a revision ("head", "base", or a number), up or down, in the caller's transaction."""
    context = MigrationContext.configure(connection)
    found, config = context.get_current_revision() or "0000", _config(connection)
    wanted = {"head": "9999", "base": "0000"}.get(target, target)
    if wanted < found:
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


def differences(connection: Connection) -> list[Any]:
    """What the models have and the database has not, or the other way round; empty when they agree."""
    options = {"include_name": in_scope, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    with quietly():
        found: list[Any] = compare_metadata(context, METADATA)
    return found


def draft(message: str, folder: Path = FOLDER / "versions") -> Path:
    """Writes the next numbered script: what the models have that the migrations do not make yet."""
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    with TemporaryDirectory() as place:
        engine = make_engine(f"sqlite:///{place}/draft.db")
        with engine.begin() as connection:
            config = _config(connection)
            config.set_main_option("version_locations", str(folder).replace("%", "%%"))
            command.upgrade(config, "head")
            with quietly(), redirect_stdout(StringIO()):
                command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()
    return next(folder.glob(f"{number}_*.py"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("version_path_separator", "newline")
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config
