"""The search index, the one index by expression, and the rows no library can do without."""

from collections.abc import Mapping, Sequence

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
# Frozen from lib/catalogue/search_tables.py: this is how it was made at this revision.
SQLITE = (
    "CREATE VIRTUAL TABLE title_search USING fts5("
    "title, author, series, publisher, genre, tag, section, description,"
    " content='', contentless_delete=1, tokenize='ascii')",
    "CREATE TABLE search_word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    "CREATE TABLE search_change (version INTEGER PRIMARY KEY, ids TEXT NOT NULL)",
    "CREATE TABLE stock_change (id INTEGER PRIMARY KEY, title_id INTEGER NOT NULL)",
    "CREATE TRIGGER copy_came AFTER INSERT ON copy BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id); END",
    "CREATE TRIGGER copy_went AFTER DELETE ON copy BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (old.title_id); END",
    "CREATE TRIGGER copy_moved AFTER UPDATE OF status, location_id, title_id ON copy"
    " WHEN old.status <> new.status OR old.location_id <> new.location_id OR old.title_id <> new.title_id BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id);"
    " INSERT INTO stock_change (title_id) SELECT old.title_id WHERE old.title_id <> new.title_id; END",
)
POSTGRES = (
    "CREATE TABLE title_search ("
    " title_id bigint PRIMARY KEY REFERENCES title (id) ON DELETE CASCADE, vector tsvector NOT NULL)",
    "CREATE INDEX ix_title_search_vector ON title_search USING gin (vector)",
    'CREATE INDEX ix_title_sort_bytes ON title (sort_title COLLATE "C")',
    'CREATE INDEX ix_title_match_bytes ON title (match_key COLLATE "C")',
    "CREATE TABLE search_word (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL UNIQUE)",
    "CREATE TABLE search_change (version bigint PRIMARY KEY, ids text NOT NULL)",
    "CREATE TABLE stock_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint, title_id bigint NOT NULL)",
    "CREATE INDEX ix_stock_change_xid ON stock_change (xid)",
    "CREATE FUNCTION tell_stock_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_OP <> 'INSERT' THEN INSERT INTO stock_change (title_id) VALUES (old.title_id); END IF;"
    " IF TG_OP = 'INSERT' THEN INSERT INTO stock_change (title_id) VALUES (new.title_id); END IF;"
    " IF TG_OP = 'UPDATE' AND old.title_id <> new.title_id THEN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id); END IF;"
    " RETURN NULL; END $$",
    "CREATE TRIGGER copy_came AFTER INSERT OR DELETE ON copy FOR EACH ROW EXECUTE FUNCTION tell_stock_change()",
    "CREATE TRIGGER copy_moved AFTER UPDATE ON copy FOR EACH ROW"
    " WHEN (old.status <> new.status OR old.location_id <> new.location_id OR old.title_id <> new.title_id)"
    " EXECUTE FUNCTION tell_stock_change()",
)
DROP_SQLITE = tuple(f"DROP TRIGGER IF EXISTS {name}" for name in ("copy_came", "copy_went", "copy_moved"))
DROP_POSTGRES = (
    "DROP TRIGGER IF EXISTS copy_came ON copy",
    "DROP TRIGGER IF EXISTS copy_moved ON copy",
    "DROP FUNCTION IF EXISTS tell_stock_change()",
    "DROP INDEX IF EXISTS ix_title_sort_bytes",
    "DROP INDEX IF EXISTS ix_title_match_bytes",
)
TABLES = ("title_search", "search_word", "search_change", "stock_change")
# End of what was frozen.


def upgrade() -> None:
    op.execute(f"CREATE UNIQUE INDEX uq_policy_rule_scope ON policy_rule {SCOPE}")
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRES:
        bind.exec_driver_sql(statement)
    first_rows()


def first_rows() -> None:
    """Audit lanes, the guard of the last admin, item kinds, membership types, a location, the any × any rule."""
    put("audit_lane", [{"lane": lane, "seq": 0, "hash": "0" * 64} for lane in range(8)])
    put("staff_guard", [{"id": 1, "changes": 0}])
    put("item_kind", [{"code": code, "name": name} for code, name in ITEM_KINDS.items()])
    put("membership_type", [{"code": code, "name": name, "months": 12} for code, name in MEMBERSHIP_TYPES.items()])
    put("location", [{"code": "MAIN", "name": "Main library"}])
    put("policy_rule", [ANY_RULE])


def put(table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Adds the rows that are not there yet: going down leaves them, so going up again must bear them."""
    names = list(rows[0])
    places = ", ".join(f":{name}" for name in names)
    statement = sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}) ON CONFLICT DO NOTHING")
    op.get_bind().execute(statement, [dict(row) for row in rows])


def downgrade() -> None:
    """Takes the search index away; rows that others may point to by now stay until their tables go."""
    bind = op.get_bind()
    for statement in DROP_SQLITE if bind.dialect.name == "sqlite" else DROP_POSTGRES:
        bind.exec_driver_sql(statement)
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP INDEX uq_policy_rule_scope")
