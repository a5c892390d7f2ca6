"""Bringing a database to the schema of this code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, text

from lib.accounts.models import MembershipType, OneAdminGuard
from lib.audit.models import AuditLane
from lib.catalogue.models import ItemKind, Location
from lib.catalogue.search_index import create_index
from lib.circulation.models import PolicyRule
from lib.ops.errors import ForeignDatabase, SchemaTooNew
from lib.ops.tables import METADATA

ITEM_KINDS = {
    "book": "Book", "ebook": "E-book", "audiobook": "Audiobook", "magazine": "Magazine", "film": "Film",
    "music": "Music", "map": "Map", "game": "Game",
}  # fmt: skip
MEMBERSHIP_TYPES = {"public": "Public", "child": "Child", "student": "Student", "faculty": "Faculty", "staff": "Staff"}
DEFAULT_RULE = {
    "loan_days": 21, "max_loans": 5, "max_renewals": 2, "fine_per_day": 10, "grace_days": 1, "fine_cap": 500,
    "max_holds": 5, "hold_shelf_days": 7, "debt_block": 500,
}  # fmt: skip
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

    Raises:
        SchemaTooNew: a newer release made it. ForeignDatabase: it was not made by migrations.
    """
    if not schema_state(engine).pending:
        return
    with engine.begin() as connection:
        METADATA.create_all(connection)
        create_index(connection)
        seed(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": revisions()[-1]})


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


def seed(connection: Connection) -> None:
    """The rows every library starts with: audit lanes, item kinds, membership types, the any × any rule."""
    connection.execute(insert(AuditLane), [{"lane": lane, "seq": 0, "hash": "0" * 64} for lane in range(8)])
    connection.execute(insert(OneAdminGuard).values(id=1, changes=0))
    connection.execute(insert(ItemKind), [{"code": code, "name": name} for code, name in ITEM_KINDS.items()])
    connection.execute(
        insert(MembershipType),
        [{"code": code, "name": name, "months": 12} for code, name in MEMBERSHIP_TYPES.items()],
    )
    connection.execute(insert(Location).values(code="MAIN", name="Main library"))
    connection.execute(insert(PolicyRule).values(version=1, **DEFAULT_RULE))
