"""Bringing a database to the schema of this code, with the rows no library can do without."""

from sqlalchemy import Connection, Engine, insert

from lib.accounts.models import MembershipType, OneAdminGuard
from lib.audit.models import AuditLane
from lib.catalogue.models import ItemKind, Location
from lib.catalogue.search_index import create_index
from lib.circulation.models import PolicyRule
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


def prepare_database(engine: Engine) -> None:
    """Brings the database to the newest schema; does nothing where it is there already."""
    with engine.begin() as connection:
        METADATA.create_all(connection)
        create_index(connection)
        seed(connection)


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
