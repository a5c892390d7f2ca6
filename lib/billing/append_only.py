"""What keeps the ledger as it was written: triggers of the database that refuse to change or delete a row."""

from sqlalchemy import Connection, text

TABLES = ("ledger_entry", "payment", "day_close")
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)


def guard_ledger(connection: Connection) -> None:
    """Makes the triggers; the migrations do the same, frozen as it was at their revision."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.execute(text(_FUNCTION))
    for table in TABLES:
        for verb in ("update", "delete"):
            body = (
                f"BEGIN SELECT raise(ABORT, '{table} is append-only'); END" if sqlite
                else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )  # fmt: skip
            connection.execute(text(f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {body}"))
