"""Holds, the ledger and what stands beside a loan; fines kept on returned loans become charges.

Four tables change their checks. SQLite cannot alter those, so there the tables are made anew around their rows.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE_OLD = {
    "account": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, username TEXT, username_key TEXT, email TEXT, '
        'email_key TEXT, email_verified_at VARCHAR(26), name TEXT NOT NULL, sort_name TEXT NOT NULL, '
        'card_number TEXT, role VARCHAR(20) NOT NULL, status VARCHAR(40) NOT NULL, status_reason TEXT, '
        'suspended_until DATE, password_hash TEXT, password_changed_at VARCHAR(26), phone_sealed TEXT, '
        'phone_hash TEXT, address_sealed TEXT, membership_type_id INTEGER, membership_ends_on DATE, '
        'language TEXT NOT NULL, keep_history BOOLEAN NOT NULL, preferences JSON NOT NULL, note TEXT NOT '
        'NULL, consented_at VARCHAR(26), registered_at VARCHAR(26) NOT NULL, decided_at VARCHAR(26), '
        'decided_by INTEGER, last_seen_at VARCHAR(26), source TEXT, source_id TEXT, version INTEGER NOT '
        'NULL, CONSTRAINT pk_account PRIMARY KEY (id), CONSTRAINT ck_account_role_known CHECK (role IN '
        "('member', 'librarian', 'admin')), CONSTRAINT ck_account_suspension_has_reason CHECK (status <> "
        "'suspended' OR status_reason IS NOT NULL), CONSTRAINT fk_account_decided_by FOREIGN "
        'KEY(decided_by) REFERENCES account (id), CONSTRAINT fk_account_membership_type_id FOREIGN '
        'KEY(membership_type_id) REFERENCES membership_type (id), CONSTRAINT uq_account_card_number '
        'UNIQUE (card_number), CONSTRAINT uq_account_email_key UNIQUE (email_key), CONSTRAINT '
        'uq_account_source UNIQUE (source, source_id), CONSTRAINT uq_account_username UNIQUE (username), '
        'CONSTRAINT uq_account_username_key UNIQUE (username_key), CONSTRAINT ck_account_status CHECK '
        "(status IN ('unverified', 'pending', 'active', 'suspended', 'disabled', 'rejected', 'closed')) "
        ')',
        'CREATE INDEX ix_account_decided_by ON account (decided_by)',
        'CREATE INDEX ix_account_phone_hash ON account (phone_hash)',
        'CREATE INDEX ix_account_role ON account (role, status, id)',
        'CREATE INDEX ix_account_sort_name ON account (sort_name, id)',
        'CREATE INDEX ix_account_status ON account (status, id)',
    ),
    "closure": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, kind VARCHAR(40) NOT NULL, weekday INTEGER, month '
        'INTEGER, day INTEGER, on_date DATE, is_open BOOLEAN NOT NULL, reason TEXT NOT NULL, created_at '
        'VARCHAR(26) NOT NULL, CONSTRAINT pk_closure PRIMARY KEY (id), CONSTRAINT '
        "ck_closure_day_has_date CHECK (kind <> 'day' OR on_date IS NOT NULL), CONSTRAINT "
        "ck_closure_weekly_has_weekday CHECK (kind <> 'weekly' OR weekday BETWEEN 0 AND 6), CONSTRAINT "
        "ck_closure_yearly_has_day CHECK (kind <> 'yearly' OR (month BETWEEN 1 AND 12 AND day BETWEEN 1 "
        "AND 31)), CONSTRAINT ck_closure_only_days_open CHECK (kind = 'day' OR NOT is_open), CONSTRAINT "
        "ck_closure_kind CHECK (kind IN ('weekly', 'yearly', 'day')) )",
        "CREATE UNIQUE INDEX uq_closure_date ON closure (on_date) WHERE kind = 'day'",
        "CREATE UNIQUE INDEX uq_closure_weekday ON closure (weekday) WHERE kind = 'weekly'",
        "CREATE UNIQUE INDEX uq_closure_yearly ON closure (month, day) WHERE kind = 'yearly'",
    ),
    "desk_act": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, kind TEXT NOT NULL, loan_id INTEGER, copy_id '
        'INTEGER, account_id INTEGER, actor_id INTEGER NOT NULL, at VARCHAR(26) NOT NULL, "before" JSON '
        'NOT NULL, "after" JSON NOT NULL, undone_at VARCHAR(26), undone_by INTEGER, CONSTRAINT '
        "pk_desk_act PRIMARY KEY (id), CONSTRAINT ck_desk_act_kind_known CHECK (kind IN ('issue', "
        "'renew', 'return')), CONSTRAINT ck_desk_act_undo_has_actor CHECK (undone_at IS NULL OR "
        'undone_by IS NOT NULL), CONSTRAINT fk_desk_act_account_id FOREIGN KEY(account_id) REFERENCES '
        'account (id), CONSTRAINT fk_desk_act_copy_id FOREIGN KEY(copy_id) REFERENCES copy (id), '
        'CONSTRAINT fk_desk_act_loan_id FOREIGN KEY(loan_id) REFERENCES loan (id) )',
        'CREATE INDEX ix_desk_act_account ON desk_act (account_id)',
        'CREATE INDEX ix_desk_act_actor ON desk_act (actor_id, id)',
        'CREATE INDEX ix_desk_act_copy ON desk_act (copy_id)',
        'CREATE INDEX ix_desk_act_loan ON desk_act (loan_id, id)',
    ),
    "loan": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, copy_id INTEGER NOT NULL, title_id INTEGER NOT NULL, '
        'account_id INTEGER, issued_at VARCHAR(26) NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT '
        'NULL, returned_at VARCHAR(26), returned_on DATE, renewals INTEGER NOT NULL, channel VARCHAR(40) '
        'NOT NULL, issued_by INTEGER, returned_by INTEGER, undone_at VARCHAR(26), loan_days INTEGER NOT '
        'NULL, max_renewals INTEGER NOT NULL, fine_per_day INTEGER NOT NULL, grace_days INTEGER NOT '
        'NULL, fine_cap INTEGER NOT NULL, fine_settled INTEGER NOT NULL, source TEXT, source_id TEXT, '
        'CONSTRAINT pk_loan PRIMARY KEY (id), CONSTRAINT ck_loan_return_is_whole CHECK ((returned_at IS '
        'NULL) = (returned_on IS NULL)), CONSTRAINT ck_loan_open_loan_has_member CHECK (account_id IS '
        'NOT NULL OR returned_at IS NOT NULL), CONSTRAINT ck_loan_due_not_before_issue CHECK (due_on >= '
        'issued_on), CONSTRAINT ck_loan_fines_not_negative CHECK (fine_settled >= 0 AND fine_per_day >= '
        '0 AND fine_cap >= 0), CONSTRAINT ck_loan_days_possible CHECK (loan_days >= 1 AND grace_days >= '
        '0), CONSTRAINT ck_loan_renewals_not_negative CHECK (renewals >= 0 AND max_renewals >= 0), '
        'CONSTRAINT ck_loan_return_not_before_issue CHECK (returned_at IS NULL OR returned_at >= '
        'issued_at), CONSTRAINT ck_loan_undone_is_closed CHECK (undone_at IS NULL OR returned_at IS NOT '
        'NULL), CONSTRAINT fk_loan_account_id FOREIGN KEY(account_id) REFERENCES account (id), '
        'CONSTRAINT fk_loan_copy_id FOREIGN KEY(copy_id) REFERENCES copy (id), CONSTRAINT '
        'fk_loan_title_id FOREIGN KEY(title_id) REFERENCES title (id), CONSTRAINT uq_loan_source UNIQUE '
        "(source, source_id), CONSTRAINT ck_loan_channel CHECK (channel IN ('desk', 'self', 'api', "
        "'import')) )",
        'CREATE INDEX ix_loan_account ON loan (account_id, id)',
        'CREATE INDEX ix_loan_copy ON loan (copy_id, id)',
        'CREATE INDEX ix_loan_issued_on ON loan (issued_on)',
        'CREATE INDEX ix_loan_open_account ON loan (account_id) WHERE returned_at IS NULL',
        'CREATE INDEX ix_loan_open_due ON loan (due_on) WHERE returned_at IS NULL',
        'CREATE INDEX ix_loan_returned_on ON loan (returned_on) WHERE returned_on IS NOT NULL',
        'CREATE INDEX ix_loan_title ON loan (title_id, id)',
        'CREATE UNIQUE INDEX uq_loan_open_copy ON loan (copy_id) WHERE returned_at IS NULL',
    ),
}  # fmt: skip
SQLITE_NEW = {
    "account": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, username TEXT, username_key TEXT, email TEXT, '
        'email_key TEXT, email_verified_at VARCHAR(26), name TEXT NOT NULL, sort_name TEXT NOT NULL, '
        'card_number TEXT, role VARCHAR(20) NOT NULL, status VARCHAR(40) NOT NULL, status_reason TEXT, '
        'suspended_until DATE, password_hash TEXT, password_changed_at VARCHAR(26), pin_hash TEXT, '
        'phone_sealed TEXT, phone_hash TEXT, address_sealed TEXT, membership_type_id INTEGER, '
        'membership_ends_on DATE, language TEXT NOT NULL, keep_history BOOLEAN NOT NULL, preferences '
        'JSON NOT NULL, note TEXT NOT NULL, consented_at VARCHAR(26), registered_at VARCHAR(26) NOT '
        'NULL, decided_at VARCHAR(26), decided_by INTEGER, last_seen_at VARCHAR(26), source TEXT, '
        'source_id TEXT, version INTEGER NOT NULL, CONSTRAINT pk_account PRIMARY KEY (id), CONSTRAINT '
        "ck_account_role_known CHECK (role IN ('member', 'librarian', 'admin', 'terminal')), CONSTRAINT "
        "ck_account_suspension_has_reason CHECK (status <> 'suspended' OR status_reason IS NOT NULL), "
        'CONSTRAINT uq_account_source UNIQUE (source, source_id), CONSTRAINT uq_account_username UNIQUE '
        '(username), CONSTRAINT uq_account_username_key UNIQUE (username_key), CONSTRAINT '
        'uq_account_email_key UNIQUE (email_key), CONSTRAINT uq_account_card_number UNIQUE '
        "(card_number), CONSTRAINT ck_account_status CHECK (status IN ('unverified', 'pending', "
        "'active', 'suspended', 'disabled', 'rejected', 'closed')), CONSTRAINT "
        'fk_account_membership_type_id FOREIGN KEY(membership_type_id) REFERENCES membership_type (id), '
        'CONSTRAINT fk_account_decided_by FOREIGN KEY(decided_by) REFERENCES account (id) )',
        'CREATE INDEX ix_account_decided_by ON account (decided_by)',
        'CREATE INDEX ix_account_phone_hash ON account (phone_hash)',
        'CREATE INDEX ix_account_role ON account (role, status, id)',
        'CREATE INDEX ix_account_sort_name ON account (sort_name, id)',
        'CREATE INDEX ix_account_status ON account (status, id)',
    ),
    "closure": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, kind VARCHAR(40) NOT NULL, weekday INTEGER, month '
        'INTEGER, day INTEGER, on_date DATE, is_open BOOLEAN NOT NULL, reason TEXT NOT NULL, created_at '
        'VARCHAR(26) NOT NULL, change_id INTEGER, since DATE, CONSTRAINT pk_closure PRIMARY KEY (id), CONSTRAINT '
        "ck_closure_only_patterns_begin CHECK (kind <> 'day' OR since IS NULL), CONSTRAINT "
        "ck_closure_weekly_has_weekday CHECK (kind <> 'weekly' OR weekday BETWEEN 0 AND 6), CONSTRAINT "
        "ck_closure_yearly_has_day CHECK (kind <> 'yearly' OR (month BETWEEN 1 AND 12 AND day BETWEEN 1 "
        "AND 31)), CONSTRAINT ck_closure_day_has_date CHECK (kind <> 'day' OR on_date IS NOT NULL), "
        "CONSTRAINT ck_closure_only_days_open CHECK (kind = 'day' OR NOT is_open), CONSTRAINT "
        "ck_closure_kind CHECK (kind IN ('weekly', 'yearly', 'day')), CONSTRAINT fk_closure_change_id "
        'FOREIGN KEY(change_id) REFERENCES closure_change (id) )',
        'CREATE INDEX ix_closure_change ON closure (change_id)',
        "CREATE UNIQUE INDEX uq_closure_date ON closure (on_date) WHERE kind = 'day'",
        "CREATE UNIQUE INDEX uq_closure_weekday ON closure (weekday) WHERE kind = 'weekly'",
        "CREATE UNIQUE INDEX uq_closure_yearly ON closure (month, day) WHERE kind = 'yearly'",
    ),
    "desk_act": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, kind TEXT NOT NULL, loan_id INTEGER, copy_id '
        'INTEGER, account_id INTEGER, hold_id INTEGER, actor_id INTEGER, at VARCHAR(26) NOT NULL, '
        '"before" JSON NOT NULL, "after" JSON NOT NULL, undone_at VARCHAR(26), undone_by INTEGER, '
        'CONSTRAINT pk_desk_act PRIMARY KEY (id), '
        "CONSTRAINT ck_desk_act_kind_known CHECK (kind IN ('issue', 'renew', 'return', 'hold', 'cancel-hold', "
        "'pay', 'waive', 'refund', 'charge', 'set-off', 'lost', 'claim', 'inspect')), "
        'CONSTRAINT ck_desk_act_undo_has_actor CHECK (undone_at '
        'IS NULL OR undone_by IS NOT NULL), CONSTRAINT fk_desk_act_loan_id FOREIGN KEY(loan_id) '
        'REFERENCES loan (id), CONSTRAINT fk_desk_act_copy_id FOREIGN KEY(copy_id) REFERENCES copy (id), '
        'CONSTRAINT fk_desk_act_account_id FOREIGN KEY(account_id) REFERENCES account (id) )',
        'CREATE INDEX ix_desk_act_account ON desk_act (account_id)',
        'CREATE INDEX ix_desk_act_actor ON desk_act (actor_id, id)',
        'CREATE INDEX ix_desk_act_copy ON desk_act (copy_id)',
        'CREATE INDEX ix_desk_act_hold ON desk_act (hold_id) WHERE hold_id IS NOT NULL',
        'CREATE INDEX ix_desk_act_loan ON desk_act (loan_id, id)',
    ),
    "loan": (
        'CREATE TABLE {name} ( id INTEGER NOT NULL, copy_id INTEGER NOT NULL, title_id INTEGER NOT NULL, '
        'account_id INTEGER, issued_at VARCHAR(26) NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT '
        'NULL, returned_at VARCHAR(26), returned_on DATE, renewals INTEGER NOT NULL, channel VARCHAR(40) '
        'NOT NULL, issued_by INTEGER, returned_by INTEGER, undone_at VARCHAR(26), lost_at VARCHAR(26), '
        'found_at VARCHAR(26), claimed_on DATE, loan_days INTEGER NOT NULL, max_renewals INTEGER NOT '
        'NULL, fine_per_day INTEGER NOT NULL, grace_days INTEGER NOT NULL, fine_cap INTEGER NOT NULL, '
        'fine_settled INTEGER NOT NULL, max_loans INTEGER, limit_kind_id INTEGER, source TEXT, source_id '
        'TEXT, CONSTRAINT pk_loan PRIMARY KEY (id), CONSTRAINT ck_loan_due_not_before_issue '
        'CHECK (due_on >= issued_on), CONSTRAINT '
        'ck_loan_return_not_before_issue CHECK (returned_at IS NULL OR returned_at >= issued_at), '
        'CONSTRAINT ck_loan_return_is_whole CHECK ((returned_at IS NULL) = (returned_on IS NULL)), '
        'CONSTRAINT ck_loan_undone_is_closed CHECK (undone_at IS NULL OR returned_at IS NOT NULL), '
        'CONSTRAINT ck_loan_lost_is_closed CHECK (lost_at IS NULL OR returned_at IS NOT NULL), '
        'CONSTRAINT ck_loan_found_was_lost CHECK (found_at IS NULL OR lost_at IS NOT NULL), CONSTRAINT '
        'ck_loan_open_loan_has_member CHECK (account_id IS NOT NULL OR returned_at IS NOT NULL), '
        'CONSTRAINT ck_loan_renewals_not_negative CHECK (renewals >= 0 AND max_renewals >= 0), '
        'CONSTRAINT ck_loan_fines_not_negative CHECK (fine_settled >= 0 AND fine_per_day >= 0 AND '
        'fine_cap >= 0), CONSTRAINT ck_loan_days_possible CHECK (loan_days >= 1 AND grace_days >= 0), '
        'CONSTRAINT uq_loan_source UNIQUE (source, source_id), CONSTRAINT fk_loan_copy_id FOREIGN '
        'KEY(copy_id) REFERENCES copy (id), CONSTRAINT fk_loan_title_id FOREIGN KEY(title_id) REFERENCES '
        'title (id), CONSTRAINT fk_loan_account_id FOREIGN KEY(account_id) REFERENCES account (id), '
        "CONSTRAINT ck_loan_channel CHECK (channel IN ('desk', 'self', 'api', 'import', 'self_check', "
        "'offline')) )",
        'CREATE INDEX ix_loan_account ON loan (account_id, id)',
        'CREATE INDEX ix_loan_claimed ON loan (claimed_on) WHERE claimed_on IS NOT NULL AND returned_at IS NULL',
        'CREATE INDEX ix_loan_copy ON loan (copy_id, id)',
        'CREATE INDEX ix_loan_issued_on ON loan (issued_on)',
        'CREATE INDEX ix_loan_open_account ON loan (account_id) WHERE returned_at IS NULL',
        'CREATE INDEX ix_loan_open_due ON loan (due_on) WHERE returned_at IS NULL',
        'CREATE INDEX ix_loan_returned_on ON loan (returned_on) WHERE returned_on IS NOT NULL',
        'CREATE INDEX ix_loan_title ON loan (title_id, id)',
        'CREATE UNIQUE INDEX uq_loan_open_copy ON loan (copy_id) WHERE returned_at IS NULL',
    ),
}  # fmt: skip
SHARED = {
    "account": (
        'id username username_key email email_key email_verified_at name sort_name card_number role '
        'status status_reason suspended_until password_hash password_changed_at phone_sealed phone_hash '
        'address_sealed membership_type_id membership_ends_on language keep_history preferences note '
        'consented_at registered_at decided_at decided_by last_seen_at source source_id version'
    ),
    "closure": (
        'id kind weekday month day on_date is_open reason created_at'
    ),
    "desk_act": (
        'id kind loan_id copy_id account_id actor_id at before after undone_at undone_by'
    ),
    "loan": (
        'id copy_id title_id account_id issued_at issued_on due_on returned_at returned_on renewals '
        'channel issued_by returned_by undone_at loan_days max_renewals fine_per_day grace_days fine_cap '
        'fine_settled source source_id'
    ),
}  # fmt: skip
APPEND_ONLY = ("ledger_entry", "payment", "day_close")
POSTGRES_UP = (
    "ALTER TABLE account ADD COLUMN pin_hash text",
    "ALTER TABLE account DROP CONSTRAINT ck_account_role_known",
    "ALTER TABLE account ADD CONSTRAINT ck_account_role_known"
    " CHECK (role IN ('member', 'librarian', 'admin', 'terminal'))",
    "ALTER TABLE closure ADD COLUMN change_id bigint CONSTRAINT fk_closure_change_id REFERENCES closure_change (id)",
    "CREATE INDEX ix_closure_change ON closure (change_id)",
    "ALTER TABLE closure ADD COLUMN since date",
    "ALTER TABLE closure ADD CONSTRAINT ck_closure_only_patterns_begin CHECK (kind <> 'day' OR since IS NULL)",
    "ALTER TABLE desk_act DROP CONSTRAINT ck_desk_act_kind_known",
    "ALTER TABLE desk_act ALTER COLUMN actor_id DROP NOT NULL",
    "ALTER TABLE desk_act ADD COLUMN hold_id bigint",
    "CREATE INDEX ix_desk_act_hold ON desk_act (hold_id) WHERE hold_id IS NOT NULL",
    "ALTER TABLE desk_act ADD CONSTRAINT ck_desk_act_kind_known CHECK (kind IN ('issue', 'renew', 'return', 'hold',"
    " 'cancel-hold', 'pay', 'waive', 'refund', 'charge', 'set-off', 'lost', 'claim', 'inspect'))",
    "ALTER TABLE loan ADD COLUMN lost_at timestamptz, ADD COLUMN found_at timestamptz, ADD COLUMN claimed_on date,"
    " ADD COLUMN max_loans bigint, ADD COLUMN limit_kind_id bigint",
    "CREATE INDEX ix_loan_claimed ON loan (claimed_on) WHERE claimed_on IS NOT NULL AND returned_at IS NULL",
    "ALTER TABLE loan DROP CONSTRAINT ck_loan_channel",
    "ALTER TABLE loan ADD CONSTRAINT ck_loan_channel"
    " CHECK (channel IN ('desk', 'self', 'api', 'import', 'self_check', 'offline'))",
    "ALTER TABLE loan ADD CONSTRAINT ck_loan_lost_is_closed CHECK (lost_at IS NULL OR returned_at IS NOT NULL)",
    "ALTER TABLE loan ADD CONSTRAINT ck_loan_found_was_lost CHECK (found_at IS NULL OR lost_at IS NOT NULL)",
)
POSTGRES_DOWN = (
    "ALTER TABLE loan DROP CONSTRAINT ck_loan_found_was_lost",
    "ALTER TABLE loan DROP CONSTRAINT ck_loan_lost_is_closed",
    "ALTER TABLE loan DROP CONSTRAINT ck_loan_channel",
    "ALTER TABLE loan ADD CONSTRAINT ck_loan_channel CHECK (channel IN ('desk', 'self', 'api', 'import'))",
    "ALTER TABLE loan DROP COLUMN lost_at, DROP COLUMN found_at, DROP COLUMN claimed_on, DROP COLUMN max_loans,"
    " DROP COLUMN limit_kind_id",
    "ALTER TABLE desk_act DROP COLUMN hold_id",
    "ALTER TABLE desk_act ALTER COLUMN actor_id SET NOT NULL",
    "ALTER TABLE desk_act DROP CONSTRAINT ck_desk_act_kind_known",
    "ALTER TABLE desk_act ADD CONSTRAINT ck_desk_act_kind_known CHECK (kind IN ('issue', 'renew', 'return'))",
    "ALTER TABLE closure DROP COLUMN since",
    "ALTER TABLE closure DROP COLUMN change_id",
    "ALTER TABLE account DROP CONSTRAINT ck_account_role_known",
    "ALTER TABLE account ADD CONSTRAINT ck_account_role_known CHECK (role IN ('member', 'librarian', 'admin'))",
    "ALTER TABLE account DROP COLUMN pin_hash",
)
REFUSE = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)
# What the older schema could not keep: acts of kinds it did not know, machines, loans by doors it did not have.
FORGET = (
    "DELETE FROM desk_act WHERE kind NOT IN ('issue', 'renew', 'return') OR actor_id IS NULL OR copy_id IS NULL",
    "UPDATE loan SET channel = 'desk' WHERE channel IN ('self_check', 'offline')",
    "DELETE FROM session WHERE account_id IN (SELECT id FROM account WHERE role = 'terminal')",
    "UPDATE account SET role = 'member', status = 'disabled' WHERE role = 'terminal'",
    "UPDATE copy SET status = 'available' WHERE status = 'on_hold_shelf'",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    _new_tables()
    if sqlite:
        _rebuild(SQLITE_NEW)
    else:
        for statement in POSTGRES_UP:
            op.execute(statement)
    op.execute("CREATE INDEX ix_title_cover ON title (cover_sha256)")
    op.execute("INSERT INTO receipt_number (id, last) VALUES (1, 0)")
    _carry_fines()
    _append_only(sqlite)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP INDEX ix_title_cover")
    for statement in FORGET:
        op.execute(statement)
    if sqlite:
        _rebuild(SQLITE_OLD)
    else:
        for statement in POSTGRES_DOWN:
            op.execute(statement)
    _drop_tables()


def _rebuild(tables: dict[str, tuple[str, ...]]) -> None:
    for name, (table, *indexes) in tables.items():
        columns = ", ".join(f'"{column}"' for column in SHARED[name].split())
        op.execute(sa.text(table.replace("{name}", f"new_{name}")))
        op.execute(f"INSERT INTO new_{name} ({columns}) SELECT {columns} FROM {name}")
        op.execute(f"DROP TABLE {name}")
        op.execute(f"ALTER TABLE new_{name} RENAME TO {name}")
        for index in indexes:
            op.execute(sa.text(index))


def _carry_fines() -> None:
    """Until now a fine stood on its loan alone, once it was settled at a renewal or at the return."""
    op.execute(
        "INSERT INTO charge (account_id, kind, state, loan_id, copy_id, what, balance_minor, made_at, made_by)"
        " SELECT account_id, 'fine', 'final', id, copy_id, 'Fine for a late return', fine_settled,"
        " coalesce(returned_at, issued_at), returned_by FROM loan"
        " WHERE fine_settled > 0 AND undone_at IS NULL AND account_id IS NOT NULL AND source IS NULL"
    )
    bind = op.get_bind()
    entries = sa.text(
        "INSERT INTO ledger_entry (charge_id, account_id, kind, amount_minor, currency, at, on_date, made_by, reason)"
        " SELECT c.id, c.account_id, 'charge', c.balance_minor, :currency, c.made_at,"
        " coalesce(l.returned_on, l.due_on), c.made_by, '' FROM charge c JOIN loan l ON l.id = c.loan_id"
    )
    bind.execute(entries, {"currency": _currency(bind)})


def _currency(bind: sa.Connection) -> str:
    query = "SELECT \"values\" FROM settings_version WHERE group_name = 'library' ORDER BY version DESC LIMIT 1"
    values = bind.execute(sa.text(query)).scalar()
    found = json.loads(values) if isinstance(values, str) else values or {}
    return str(found.get("currency", "EUR"))


def _append_only(sqlite: bool) -> None:
    if not sqlite:
        op.execute(REFUSE)
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            body = (
                f"BEGIN SELECT raise(ABORT, '{table} is append-only'); END" if sqlite
                else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )  # fmt: skip
            op.execute(sa.text(f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {body}"))


def _new_tables() -> None:
    op.create_table(
        "closure_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("added", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("removed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("moved", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("undone_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("undone_at IS NULL OR undone_by IS NOT NULL", name=op.f("ck_closure_change_undo_has_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_change")),
    )
    op.create_table(
        "kiosk_visit",
        sa.Column(
            "session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_kiosk_visit_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_kiosk_visit_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_kiosk_visit")),
    )
    with op.batch_alter_table("kiosk_visit", schema=None) as batch_op:
        batch_op.create_index("ix_kiosk_visit_account", ["account_id"], unique=False)

    op.create_table(
        "integrity_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("findings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_run")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index("ix_job_run_day", ["on_date", "id"], unique=False)
        batch_op.create_index("ix_job_run_job", ["job", "id"], unique=False)

    op.create_table(
        "policy_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "applied_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_policy_change_applied_or_cancelled")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_change")),
    )
    with op.batch_alter_table("policy_change", schema=None) as batch_op:
        batch_op.create_index(
            "uq_policy_change_day",
            ["holds_from"],
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.create_table(
        "receipt_number",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_receipt_number_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_number")),
    )
    op.create_table(
        "integrity_finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rows", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("repaired_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("repaired_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["integrity_run.id"], name=op.f("fk_integrity_finding_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_finding")),
    )
    with op.batch_alter_table("integrity_finding", schema=None) as batch_op:
        batch_op.create_index("ix_integrity_finding_run", ["run_id"], unique=False)

    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fine",
                "replacement",
                "lost_fee",
                "damage",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("accruing", "final", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("loan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state = 'final' OR (kind = 'fine' AND loan_id IS NOT NULL)", name=op.f("ck_charge_only_fines_accrue")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_charge_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    with op.batch_alter_table("charge", schema=None) as batch_op:
        batch_op.create_index("ix_charge_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_charge_copy", ["copy_id"], unique=False)
        batch_op.create_index("ix_charge_loan", ["loan_id"], unique=False)
        batch_op.create_index(
            "ix_charge_open",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("balance_minor <> 0"),
            postgresql_where=sa.text("balance_minor <> 0"),
        )
        batch_op.create_index(
            "uq_charge_accruing",
            ["loan_id"],
            unique=True,
            sqlite_where=sa.text("state = 'accruing'"),
            postgresql_where=sa.text("state = 'accruing'"),
        )

    op.create_table(
        "member_exception",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_member_exception_has_reason")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_member_exception_amount_not_negative")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_member_exception_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_exception")),
    )
    with op.batch_alter_table("member_exception", schema=None) as batch_op:
        batch_op.create_index("ix_member_exception_account", ["account_id"], unique=False)
        batch_op.create_index(
            "uq_member_exception_live",
            ["account_id", "name"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("payment", "refund", "reversal", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "cash", "card", "transfer", "other", name="method", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("taken_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_payment_reversal_of_one")),
        sa.CheckConstraint("kind <> 'payment' OR amount_minor > 0", name=op.f("ck_payment_payment_comes_in")),
        sa.CheckConstraint("kind <> 'refund' OR amount_minor < 0", name=op.f("ck_payment_refund_goes_out")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payment_not_nothing")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_account_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["payment.id"], name=op.f("fk_payment_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_payment_reverses_id")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_payment_day", ["on_date", "id"], unique=False)

    op.create_table(
        "terminal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("takes_returns", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('sip2', 'kiosk')", name=op.f("ck_terminal_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_terminal_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminal")),
        sa.UniqueConstraint("account_id", name=op.f("uq_terminal_account_id")),
        sa.UniqueConstraint("login", name=op.f("uq_terminal_login")),
    )
    op.create_table(
        "day_close",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("totals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cash_expected_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cash_counted_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("last_payment_id >= first_payment_id", name=op.f("ck_day_close_span")),
        sa.ForeignKeyConstraint(["first_payment_id"], ["payment.id"], name=op.f("fk_day_close_first_payment_id")),
        sa.ForeignKeyConstraint(["last_payment_id"], ["payment.id"], name=op.f("fk_day_close_last_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_close")),
    )
    with op.batch_alter_table("day_close", schema=None) as batch_op:
        batch_op.create_index("uq_day_close_last", ["last_payment_id"], unique=True)

    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "ready",
                "collected",
                "cancelled",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rank", sa.Double(), nullable=True),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("placed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shelf_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("max_holds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("limit_kind_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shelf_copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("shelf_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(state = 'waiting') = (position IS NOT NULL)", name=op.f("ck_hold_waiting_has_place")),
        sa.CheckConstraint("(state IN ('waiting', 'ready')) = (ended_at IS NULL)", name=op.f("ck_hold_ended_has_time")),
        sa.CheckConstraint(
            "state <> 'ready' OR (shelf_copy_id IS NOT NULL AND shelf_until IS NOT NULL AND ready_at IS NOT NULL)",
            name=op.f("ck_hold_ready_has_copy"),
        ),
        sa.CheckConstraint("suspended_until IS NULL OR state <> 'ready'", name=op.f("ck_hold_only_waiting_suspended")),
        sa.CheckConstraint("position <> 0", name=op.f("ck_hold_place_not_nought")),
        sa.CheckConstraint("shelf_days >= 1", name=op.f("ck_hold_shelf_days_possible")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hold_account_id")),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_hold_copy_id")),
        sa.ForeignKeyConstraint(["shelf_copy_id"], ["copy.id"], name=op.f("fk_hold_shelf_copy_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_hold_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_shelf_copy", ["shelf_copy_id"], unique=False)
        batch_op.create_index("ix_hold_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_hold_copy", ["copy_id"], unique=False)
        batch_op.create_index(
            "ix_hold_left",
            ["ended_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NOT NULL AND shelf_copy_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NOT NULL AND shelf_copy_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_hold_shelf_until",
            ["shelf_until"],
            unique=False,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index("ix_hold_title", ["title_id", "id"], unique=False)
        batch_op.create_index(
            "uq_hold_member_title",
            ["account_id", "title_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'ready')"),
            postgresql_where=sa.text("state IN ('waiting', 'ready')"),
        )
        batch_op.create_index(
            "uq_hold_place",
            ["title_id", "position"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "uq_hold_shelf_copy",
            ["shelf_copy_id"],
            unique=True,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "charge",
                "correction",
                "payment",
                "waiver",
                "refund",
                "set_off",
                "reversal",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_ledger_entry_reversal_of_one")
        ),
        sa.CheckConstraint("kind <> 'waiver' OR reason <> ''", name=op.f("ck_ledger_entry_waiver_has_reason")),
        sa.CheckConstraint(
            "kind NOT IN ('charge', 'refund') OR amount_minor > 0", name=op.f("ck_ledger_entry_owes_more")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('payment', 'refund', 'set_off') OR payment_id IS NOT NULL",
            name=op.f("ck_ledger_entry_money_has_receipt"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('payment', 'waiver') OR amount_minor < 0", name=op.f("ck_ledger_entry_owes_less")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entry_not_nothing")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ledger_entry_account_id")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_ledger_entry_charge_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_ledger_entry_payment_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_ledger_entry_charge", ["charge_id", "id"], unique=False)
        batch_op.create_index("ix_ledger_entry_day", ["on_date", "id"], unique=False)
        batch_op.create_index("ix_ledger_entry_payment", ["payment_id"], unique=False)
        batch_op.create_index(
            "ix_ledger_entry_settling",
            ["charge_id"],
            unique=False,
            sqlite_where=sa.text("kind NOT IN ('charge', 'correction')"),
            postgresql_where=sa.text("kind NOT IN ('charge', 'correction')"),
        )

    op.create_table(
        "offline_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "done",
                "overridden",
                "conflict",
                "resolved",
                "dismissed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("loan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=True),
        sa.Column("settled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('issue', 'return')", name=op.f("ck_offline_record_kind_known")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_offline_record_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_record")),
        sa.UniqueConstraint("client_id", name=op.f("uq_offline_record_client_id")),
    )
    with op.batch_alter_table("offline_record", schema=None) as batch_op:
        batch_op.create_index("ix_offline_record_loan", ["loan_id"], unique=False)
        batch_op.create_index("ix_offline_record_state", ["state", "id"], unique=False)


def _drop_tables() -> None:
    with op.batch_alter_table("kiosk_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_kiosk_visit_account")

    op.drop_table("kiosk_visit")
    with op.batch_alter_table("offline_record", schema=None) as batch_op:
        batch_op.drop_index("ix_offline_record_state")

    op.drop_table("offline_record")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_settling")
        batch_op.drop_index("ix_ledger_entry_payment")
        batch_op.drop_index("ix_ledger_entry_day")
        batch_op.drop_index("ix_ledger_entry_charge")
        batch_op.drop_index("ix_ledger_entry_account")

    op.drop_table("ledger_entry")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hold_shelf_copy", sqlite_where=sa.text("state = 'ready'"), postgresql_where=sa.text("state = 'ready'")
        )
        batch_op.drop_index(
            "uq_hold_place", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index(
            "uq_hold_member_title",
            sqlite_where=sa.text("state IN ('waiting', 'ready')"),
            postgresql_where=sa.text("state IN ('waiting', 'ready')"),
        )
        batch_op.drop_index("ix_hold_title")
        batch_op.drop_index(
            "ix_hold_shelf_until", sqlite_where=sa.text("state = 'ready'"), postgresql_where=sa.text("state = 'ready'")
        )
        batch_op.drop_index(
            "ix_hold_left",
            sqlite_where=sa.text("ended_at IS NOT NULL AND shelf_copy_id IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NOT NULL AND shelf_copy_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_hold_copy")
        batch_op.drop_index("ix_hold_account")

    op.drop_table("hold")
    with op.batch_alter_table("day_close", schema=None) as batch_op:
        batch_op.drop_index("uq_day_close_last")

    op.drop_table("day_close")
    op.drop_table("terminal")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_day")
        batch_op.drop_index("ix_payment_account")

    op.drop_table("payment")
    with op.batch_alter_table("member_exception", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_member_exception_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("member_exception")
    with op.batch_alter_table("charge", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_charge_accruing",
            sqlite_where=sa.text("state = 'accruing'"),
            postgresql_where=sa.text("state = 'accruing'"),
        )
        batch_op.drop_index(
            "ix_charge_open", sqlite_where=sa.text("balance_minor <> 0"), postgresql_where=sa.text("balance_minor <> 0")
        )
        batch_op.drop_index("ix_charge_loan")
        batch_op.drop_index("ix_charge_copy")
        batch_op.drop_index("ix_charge_account")

    op.drop_table("charge")
    with op.batch_alter_table("integrity_finding", schema=None) as batch_op:
        batch_op.drop_index("ix_integrity_finding_run")

    op.drop_table("integrity_finding")
    op.drop_table("receipt_number")
    with op.batch_alter_table("policy_change", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_policy_change_day",
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.drop_table("policy_change")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index("ix_job_run_job")
        batch_op.drop_index("ix_job_run_day")

    op.drop_table("job_run")
    op.drop_table("integrity_run")
    op.drop_table("closure_change")
