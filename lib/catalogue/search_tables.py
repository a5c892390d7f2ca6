"""What search keeps in the database beside the catalogue's own tables, for SQLite and for PostgreSQL.

title_search   the words of each title: FTS5 (contentless) or a tsvector with a GIN index
search_word    every word once, from which "did you mean" is drawn
search_change  which titles changed with which version of the mark "search"
stock_change   whose copies came, went or moved: written by triggers, since every door touches copies
"""

from sqlalchemy import Connection

_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS title_search USING fts5("
    "title, author, series, publisher, genre, tag, section, description,"
    " content='', contentless_delete=1, tokenize='ascii')",
    "CREATE TABLE IF NOT EXISTS search_word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS search_change (version INTEGER PRIMARY KEY, ids TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS stock_change (id INTEGER PRIMARY KEY, title_id INTEGER NOT NULL)",
    "CREATE TRIGGER IF NOT EXISTS copy_came AFTER INSERT ON copy BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id); END",
    "CREATE TRIGGER IF NOT EXISTS copy_went AFTER DELETE ON copy BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (old.title_id); END",
    "CREATE TRIGGER IF NOT EXISTS copy_moved AFTER UPDATE OF status, location_id, title_id ON copy"
    " WHEN old.status <> new.status OR old.location_id <> new.location_id OR old.title_id <> new.title_id BEGIN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id);"
    " INSERT INTO stock_change (title_id) SELECT old.title_id WHERE old.title_id <> new.title_id; END",
)
_POSTGRES = (
    "CREATE TABLE IF NOT EXISTS title_search ("
    " title_id bigint PRIMARY KEY REFERENCES title (id) ON DELETE CASCADE, vector tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_title_search_vector ON title_search USING gin (vector)",
    'CREATE INDEX IF NOT EXISTS ix_title_sort_bytes ON title (sort_title COLLATE "C")',
    'CREATE INDEX IF NOT EXISTS ix_title_match_bytes ON title (match_key COLLATE "C")',
    "CREATE TABLE IF NOT EXISTS search_word"
    " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS search_change (version bigint PRIMARY KEY, ids text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS stock_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint, title_id bigint NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_stock_change_xid ON stock_change (xid)",
    "CREATE OR REPLACE FUNCTION tell_stock_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_OP <> 'INSERT' THEN INSERT INTO stock_change (title_id) VALUES (old.title_id); END IF;"
    " IF TG_OP = 'INSERT' THEN INSERT INTO stock_change (title_id) VALUES (new.title_id); END IF;"
    " IF TG_OP = 'UPDATE' AND old.title_id <> new.title_id THEN"
    " INSERT INTO stock_change (title_id) VALUES (new.title_id); END IF;"
    " RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER copy_came AFTER INSERT OR DELETE ON copy"
    " FOR EACH ROW EXECUTE FUNCTION tell_stock_change()",
    "CREATE OR REPLACE TRIGGER copy_moved AFTER UPDATE ON copy FOR EACH ROW"
    " WHEN (old.status <> new.status OR old.location_id <> new.location_id OR old.title_id <> new.title_id)"
    " EXECUTE FUNCTION tell_stock_change()",
)
_DROP_SQLITE = tuple(f"DROP TRIGGER IF EXISTS {name}" for name in ("copy_came", "copy_went", "copy_moved"))
_DROP_POSTGRES = (
    "DROP TRIGGER IF EXISTS copy_came ON copy",
    "DROP TRIGGER IF EXISTS copy_moved ON copy",
    "DROP FUNCTION IF EXISTS tell_stock_change()",
    "DROP INDEX IF EXISTS ix_title_sort_bytes",
    "DROP INDEX IF EXISTS ix_title_match_bytes",
)
TABLES = ("title_search", "search_word", "search_change", "stock_change")


def create_tables(connection: Connection) -> None:
    """Makes what is missing; the tables of title and copy must be there."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        connection.exec_driver_sql(statement)


def drop_tables(connection: Connection) -> None:
    """Takes everything away again."""
    for statement in _DROP_SQLITE if connection.dialect.name == "sqlite" else _DROP_POSTGRES:
        connection.exec_driver_sql(statement)
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")


def empty_index(connection: Connection) -> None:
    """Forgets every word, but not which titles changed: other processes still ask for that."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO title_search (title_search) VALUES ('delete-all')")
    else:
        connection.exec_driver_sql("DELETE FROM title_search")
    connection.exec_driver_sql("DELETE FROM search_word")
