"""Bringing a database to the schema of this code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from lib.ops.errors import ForeignDatabase, SchemaTooNew

VERSIONS = Path(__file__).parent / "migrations" / "versions"
TURN = 7433  # the advisory lock under which PostgreSQL lets one process at a time change the schema


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revision a database is at (None: an empty one), the newest this code knows, and those between."""

    found: str | None
    newest: str
    pending: tuple[str, ...]


def revisions() -> tuple[str, ...]:
    """The numbers of every migration of this code, oldest first; read from file names, which is quick."""
    return tuple(sorted(path.name[:4] for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")))


def schema_state(engine: Engine) -> SchemaState:
    """Where a database stands.

    Raises:
        SchemaTooNew: a newer release made it. ForeignDatabase: it was not made by migrations.
    """
    with engine.connect().execution_options(read_only=True) as connection:
        return _state(connection)


def prepare_database(engine: Engine) -> None:
    """Brings the database to the newest schema; quick, and without any change, where it is there already.

    Two processes that start at once take turns; a failed or interrupted migration leaves the old schema whole.

    Raises:
        SchemaTooNew: a newer release made it. ForeignDatabase: it was not made by migrations.
    """
    if schema_state(engine).pending:
        move_database(engine, "head")


def schema_fault(engine: Engine) -> str | None:
    """Why this code cannot serve this database, with what to do about it; None where it can."""
    try:
        state = schema_state(engine)
    except (SchemaTooNew, ForeignDatabase) as refusal:
        return str(refusal)
    if state.found is None:
        return "The database is empty. Make a library with: python3 manage.py init (or see one with: manage.py demo)."
    if state.pending:
        return f"The database is at schema {state.found}, older than this program. Bring it up with: manage.py migrate."
    return None


def move_database(engine: Engine, target: str) -> None:
    """Moves the schema up or down to a revision: "head", "base" or a number.

    Raises:
        SchemaTooNew, ForeignDatabase: see `prepare_database`.
    """
    from lib.ops.migrations.run import move  # noqa: PLC0415  # Alembic is not needed by most starts

    with _changing(engine) as connection:
        _state(connection)
        move(connection, target)


def _state(connection: Connection) -> SchemaState:
    known, found = revisions(), None
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    elif inspector.has_table("account"):
        raise ForeignDatabase(table="account")
    if found is not None and found not in known:
        raise SchemaTooNew(found=found, newest=known[-1])
    return SchemaState(found, known[-1], tuple(number for number in known if found is None or number > found))


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction for changing tables. On SQLite tables are rebuilt, which must not set off foreign keys."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
                yield connection
                if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise RuntimeError(f"the migration broke foreign keys: {broken[:5]}")
        finally:
            if sqlite:
                _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Outside of any transaction, where alone SQLite heeds it."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.cursor().execute(f"PRAGMA foreign_keys={state}")
