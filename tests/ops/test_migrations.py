"""Migrations: what they make is what the models say, on both databases, up and down, with data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from lib.billing.append_only import guard_ledger
from lib.catalogue.search_index import create_index
from lib.kit.database import make_engine
from lib.ops import schema
from lib.ops.errors import ForeignDatabase, SchemaTooNew
from lib.ops.migrations.run import differences, draft
from lib.ops.schema import move_database, prepare_database, revisions, schema_state
from lib.ops.tables import METADATA

TABLES_OF_SQLITE = (
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
)
CATALOGUE_OF_POSTGRES = """
SELECT 'column', c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
       || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes empty databases of one kind."""
    engines: list[Engine] = []
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else ""
    names: list[str] = []

    def fresh() -> Engine:
        name = f"migrate_{uuid4().hex[:10]}"
        if server:
            _on_server(server, f"CREATE DATABASE {name}")
            names.append(name)
        engines.append(make_engine(server.format(name=name) if server else f"sqlite:///{tmp_path / name}.db"))
        return engines[-1]

    yield fresh
    for engine in engines:
        engine.dispose()
    for name in names:
        _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _shape(engine: Engine) -> set[tuple[str, ...]]:
    """Everything a database says of its tables, columns, constraints, indexes and triggers."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = [(kind, name, _sorted_parts(sql)) for kind, name, sql in connection.execute(text(TABLES_OF_SQLITE))]
        else:
            rows = [tuple(row) for row in connection.execute(text(CATALOGUE_OF_POSTGRES))]
    return {tuple(str(part) for part in row) for row in rows if "alembic_version" not in str(row)}


def _sorted_parts(sql: str | None) -> str:
    """The parts of a definition in an order of their own, however it was laid out and quoted."""
    plain = " ".join((sql or "").replace("IF NOT EXISTS ", "").replace('"', "").split())
    plain = plain.replace("( ", "(").replace(" )", ")").replace(" (", "(")
    parts, depth = [""], 0
    for letter in plain:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 1:
            parts.append("")
        else:
            parts[-1] += letter
    head, _, parts[0] = parts[0].partition("(")
    parts[-1] = parts[-1].removesuffix(")") if len(parts) > 1 else parts[-1]
    return "\n".join([head, *sorted(part.strip() for part in parts)])


def test_they_make_exactly_what_the_models_and_the_search_index_say(databases: Any) -> None:
    migrated, modelled = databases(), databases()
    move_database(migrated, "head")
    with modelled.begin() as connection:
        METADATA.create_all(connection)
        create_index(connection)
        guard_ledger(connection)
    assert _shape(migrated) ^ _shape(modelled) == set()


def test_alembic_finds_nothing_to_add(databases: Any) -> None:
    engine = databases()
    prepare_database(engine)
    with engine.connect() as connection:
        assert differences(connection) == []


def test_each_step_goes_up_and_down_and_up_again_with_data(databases: Any) -> None:
    engine = databases()
    move_database(engine, "head")
    _put_data(engine)
    for revision in reversed(revisions()[:-1]):
        move_database(engine, revision)
        assert schema_state(engine).found == revision
        assert _data(engine) == [("The Left Hand of Darkness", "3100000000001")]
    move_database(engine, "head")
    assert _data(engine) == [("The Left Hand of Darkness", "3100000000001")]
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_lane")) == 8
        assert connection.scalar(text("SELECT count(*) FROM policy_rule")) == 1
        assert differences(connection) == []


def test_going_down_to_nothing_leaves_nothing(databases: Any) -> None:
    engine = databases()
    move_database(engine, "head")
    _put_data(engine)
    move_database(engine, "base")
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set()


def _put_data(engine: Engine) -> None:
    at = "2026-03-10 12:00:00.000000" + ("" if engine.dialect.name == "sqlite" else "+00")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO title (kind_id, title, subtitle, original_title, sort_title, match_key, publisher,"
                " edition, language, volume, description, series_number, call_number, rating_sum, rating_count,"
                " rating_rank, loan_count, added_at, changed_at, version) VALUES ((SELECT min(id) FROM item_kind),"
                " 'The Left Hand of Darkness', '', '', 'left hand of darkness', 'x', '', '', 'en', '', '', '', '',"
                f" 0, 0, 0, 0, '{at}', '{at}', 1)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO copy (title_id, barcode, location_id, shelf, condition, status, note, added_at, version)"
                " SELECT t.id, '3100000000001', l.id, '', 'good', 'available', '',"
                f" '{at}', 1 FROM title t CROSS JOIN location l"
            )
        )


def _data(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT t.title, c.barcode FROM copy c JOIN title t ON t.id = c.title_id"))
        return [tuple(row) for row in rows]


def test_a_database_of_a_newer_release_is_refused_and_left_alone(databases: Any) -> None:
    engine = databases()
    prepare_database(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9000'"))
    before = _shape(engine)
    for act in (prepare_database, schema_state, lambda found: move_database(found, "head")):
        with pytest.raises(SchemaTooNew, match="9000"):
            act(engine)
    assert _shape(engine) == before


def test_tables_of_other_software_are_not_taken_for_ours(databases: Any) -> None:
    engine = databases()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE account (id integer)"))
    with pytest.raises(ForeignDatabase, match="account"):
        prepare_database(engine)


def test_a_migration_that_is_broken_off_leaves_the_old_schema_whole(
    databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = databases()
    move_database(engine, revisions()[0])
    before = _shape(engine)

    def fall_over(connection: Connection, target: str) -> None:
        connection.execute(text("DROP INDEX ix_audit_at"))
        connection.execute(text("ALTER TABLE account ADD COLUMN half_made integer"))
        raise KeyboardInterrupt

    monkeypatch.setattr("lib.ops.migrations.run.move", fall_over)
    with pytest.raises(KeyboardInterrupt):
        move_database(engine, "head")
    assert _shape(engine) == before
    assert schema_state(engine).found == revisions()[0]


def test_a_migration_that_loses_a_row_others_point_to_is_taken_back(
    databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = databases()
    move_database(engine, "head")
    _put_data(engine)

    def lose_titles(connection: Connection, target: str) -> None:
        connection.execute(text("DELETE FROM title"))

    monkeypatch.setattr("lib.ops.migrations.run.move", lose_titles)
    with pytest.raises(Exception, match=r"foreign key"):
        move_database(engine, "head")
    assert len(_data(engine)) == 1


def test_foreign_keys_are_watched_again_after_a_migration(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'library.db'}")
    prepare_database(engine)
    move_database(engine, "head")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    engine.dispose()


def test_a_start_at_the_newest_schema_changes_nothing_and_needs_no_alembic(
    databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = databases()
    prepare_database(engine)

    def refuse(*_: Any) -> None:
        raise AssertionError("nothing is to be changed")

    monkeypatch.setattr(schema, "move_database", refuse)
    prepare_database(engine)


def test_drafting_finds_nothing_left_to_write(tmp_path: Path) -> None:
    for path in schema.VERSIONS.glob("[0-9]*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    written = draft("nothing at all", tmp_path).read_text()
    assert "op." not in written.partition("def upgrade")[2]
    assert "Nothing at all." in written


def test_every_revision_follows_the_one_before_it() -> None:
    texts = {path.name[:4]: path.read_text() for path in schema.VERSIONS.glob("[0-9]*.py")}
    numbers = sorted(texts)
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    for before, number in zip([None, *numbers], numbers, strict=False):
        assert f'revision = "{number}"' in texts[number]
        assert (f'down_revision = "{before}"' if before else "down_revision = None") in texts[number]
