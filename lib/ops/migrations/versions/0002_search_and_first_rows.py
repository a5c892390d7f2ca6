"""The search index, the one index by expression, and the rows no library can do without."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ITEM_KINDS = {
    "book": "Book", "ebook": "E-book", "audiobook": "Audiobook", "magazine": "Magazine", "film": "Film",
    "music": "Music", "map": "Map", "game": "Game",
}  # fmt: skip
MEMBERSHIP_TYPES = {"public": "Public", "child": "Child", "student": "Student", "faculty": "Faculty", "staff": "Staff"}
SCOPE = "(coalesce(membership_type_id, 0), coalesce(item_kind_id, 0))"
ANY_RULE = {
    "loan_days": 21, "max_loans": 5, "max_renewals": 2, "fine_per_day": 10, "grace_days": 1, "fine_cap": 500,
    "max_holds": 5, "hold_shelf_days": 7, "debt_block": 500, "version": 1,
}  # fmt: skip
CREATED = re.compile(r"CREATE (?:VIRTUAL |UNIQUE )?(TABLE|INDEX|TRIGGER|FUNCTION|EXTENSION)(?: IF NOT EXISTS)? (\w+)")
SQLITE: tuple[str, ...] = ()
POSTGRES: tuple[str, ...] = ()


def upgrade() -> None:
    op.execute(f"CREATE UNIQUE INDEX uq_policy_rule_scope ON policy_rule {SCOPE}")
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(sa.text(statement.replace(":", r"\:")))
    first_rows()


def first_rows() -> None:
    """Audit lanes, the guard of the last admin, item kinds, membership types, a location, the any × any rule."""
    put("audit_lane", [{"lane": lane, "seq": 0, "hash": "0" * 64} for lane in range(8)])
    put("staff_guard", [{"id": 1, "changes": 0}])
    put("item_kind", [{"code": code, "name": name} for code, name in ITEM_KINDS.items()])
    put("membership_type", [{"code": code, "name": name, "months": 12} for code, name in MEMBERSHIP_TYPES.items()])
    put("location", [{"code": "MAIN", "name": "Main library"}])
    put("policy_rule", [ANY_RULE])


def put(table: str, rows: list[dict[str, object]]) -> None:
    """Adds the rows that are not there yet: going down leaves them, so going up again must bear them."""
    names = list(rows[0])
    places = ", ".join(f":{name}" for name in names)
    statement = sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}) ON CONFLICT DO NOTHING")
    op.get_bind().execute(statement, rows)


def downgrade() -> None:
    """Takes the search index away; rows that others may point to by now stay until their tables go."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in reversed(SQLITE if sqlite else POSTGRES):
        if found := CREATED.match(statement):
            op.execute(f"DROP {found[1]} IF EXISTS {found[2]}")
    op.execute("DROP INDEX uq_policy_rule_scope")
