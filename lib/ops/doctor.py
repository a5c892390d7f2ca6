"""What is wrong with this installation and how to mend it. Looks at everything, changes nothing."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from lib.kit.clock import Clock, SystemClock
from lib.kit.config import HOME, Config, ConfigFault, Mode, load_config
from lib.kit.crypto import KEY_FILE
from lib.kit.database import make_engine, sqlite_module, wal_is_safe
from lib.kit.errors import Refusal
from lib.kit.tables import as_instant
from lib.ops.first_run import DEMO_DOMAIN
from lib.ops.schema import schema_state

SPACE_WARN, SPACE_FAULT = 2 * 1024**3, 200 * 1024**2
NIGHT_LATE = timedelta(hours=36)
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
FONTS = HOME / "lib" / "ui" / "assets" / "fonts"
SAMPLE_ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^;\s]+)\s*(?:;.*)?$")


class Level(StrEnum):
    """How bad it is: nothing, something to look at, something that must be mended."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: what was found and, unless all is well, how to mend it."""

    about: str
    level: Level
    found: str
    mend: str = ""


def ok(about: str, found: str) -> Diagnosis:
    return Diagnosis(about, Level.OK, found)


def warning(about: str, found: str, mend: str) -> Diagnosis:
    return Diagnosis(about, Level.WARNING, found, mend)


def fault(about: str, found: str, mend: str) -> Diagnosis:
    return Diagnosis(about, Level.FAULT, found, mend)


def diagnose(clock: Clock | None = None) -> tuple[Diagnosis, ...]:
    """Looks at the machine, the configuration, the folder and the database, in this order."""
    found = [*machine()]
    try:
        config = load_config()
    except ConfigFault as broken:
        mend = "Mend the variable or the line in tome.toml; docs/operations.md explains each setting."
        return (*found, *(fault("configuration", line, mend) for line in broken.faults))
    found.append(ok("configuration", f"mode {config.mode}, listening on {config.host}:{config.port}"))
    found += [*folder(config), *database(config, clock or SystemClock())]
    return tuple(found)


def machine() -> Iterator[Diagnosis]:
    """What does not depend on the configuration."""
    yield python_version()
    yield from packages(HOME / "requirements.txt")
    yield sqlite()
    yield time_zones()
    yield fonts()


def python_version() -> Diagnosis:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < (3, 11):  # noqa: UP036  # the server may be started by another Python than manage.py
        return fault("python", found, "Install Python 3.11 or newer, delete .venv, start again.")
    return ok("python", found)


def packages(requirements: Path) -> Iterator[Diagnosis]:
    """Each pinned package that is missing or of another version; one line when all are as pinned."""
    pins = [match for line in requirements.read_text("utf-8").splitlines() if (match := PIN.match(line))]
    odd = [(pin[1], pin[2], _installed(pin[1])) for pin in pins if ";" not in pin[0] or _installed(pin[1])]
    wrong = [(name, wanted, found) for name, wanted, found in odd if found != wanted]
    mend = "Delete .venv and start again with python3 manage.py, which installs what is pinned."
    for name, wanted, found in wrong:
        yield warning("packages", f"{name} is {found or 'missing'}, pinned is {wanted}", mend)
    if not wrong:
        yield ok("packages", f"{len(pins)} as pinned")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def sqlite() -> Diagnosis:
    module = sqlite_module()
    found = f"SQLite {module.sqlite_version} ({module.__name__.partition('.')[0]})"
    if wal_is_safe(module.sqlite_version):
        return ok("sqlite", f"{found}, journal mode WAL")
    mend = "Works, but slower: this version may damage WAL databases, so journal mode DELETE is used. Newer: pysqlite3."
    return warning("sqlite", found, mend)


def time_zones() -> Diagnosis:
    try:
        for name in SAMPLE_ZONES:
            ZoneInfo(name)
    except ZoneInfoNotFoundError as missing:
        return fault("time zones", str(missing), "Install time zone data: .venv/bin/python -m pip install tzdata")
    return ok("time zones", "known")


def fonts() -> Diagnosis:
    found = [path for path in FONTS.rglob("*") if path.suffix in (".ttf", ".otf", ".woff2")]
    if not found:
        return warning("fonts", f"none in {FONTS}", "Take the files of the release again; cards and covers need them.")
    return ok("fonts", f"{len(found)} files")


def folder(config: Config) -> Iterator[Diagnosis]:
    """The data folder: there, ours, roomy; and the key file in it."""
    place = config.data_dir
    if not place.exists():
        yield warning("data folder", f"{place} does not exist yet", "It is made by: manage.py run, or manage.py init.")
        return
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        yield fault("data folder", f"{place} cannot be written", f"chown it to the user of the server: {place}")
        return
    if os.name == "posix" and place.stat().st_mode & 0o002:
        yield warning("data folder", f"{place} can be written by everybody", f"chmod o-w {place}")
    else:
        yield ok("data folder", str(place))
    yield key_file(place / "keys" / KEY_FILE)
    yield space(shutil.disk_usage(place).free)


def key_file(path: Path) -> Diagnosis:
    if not path.exists():
        mend = "Made at the first start. If this library ran before: bring keys.json back from the backup now."
        return warning("keys", f"{path} does not exist", mend)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return fault("keys", f"{path} can be read by others", f"chmod 600 {path}")
    return ok("keys", f"{path}, mode {path.stat().st_mode & 0o777:o}")


def space(free: int) -> Diagnosis:
    found = f"{free / 1024**3:.1f} GiB free"
    mend = "Free some space, or move the data folder (TOME_DATA_DIR) to a bigger disk."
    if free < SPACE_FAULT:
        return fault("disk", found, mend)
    return warning("disk", found, mend) if free < SPACE_WARN else ok("disk", found)


def database(config: Config, clock: Clock) -> Iterator[Diagnosis]:
    """Reachable, of this release's schema, without demo accounts in production, its clock near ours."""
    path = config.url.removeprefix("sqlite:///")
    if config.url.startswith("sqlite") and not Path(path).exists():
        yield warning("database", f"{path} does not exist yet", "It is made by: manage.py run, or manage.py init.")
        return
    engine = make_engine(config.url)
    looks: tuple[Callable[[], Iterator[Diagnosis]], ...] = (
        lambda: schema(engine),
        lambda: demo_accounts(engine, config.mode),
        lambda: clocks(engine, clock),
        lambda: nights(engine, clock),
    )
    try:
        for look in looks:
            yield from look()
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield fault("database", f"does not answer: {reason}", "Look at TOME_DATABASE_URL, and whether the server runs.")
    finally:
        engine.dispose()


def schema(engine: Engine) -> Iterator[Diagnosis]:
    try:
        state = schema_state(engine)
    except Refusal as refusal:
        yield fault("schema", str(refusal), "See docs/operations.md, “Upgrading”.")
        return
    name = f"{engine.dialect.name}, schema {state.found or 'empty'}"
    if state.pending:
        yield warning(
            "schema", f"{name}; waiting: {', '.join(state.pending)}", "manage.py migrate (run does it as well)"
        )
    else:
        yield ok("schema", name)


def demo_accounts(engine: Engine, mode: Mode) -> Iterator[Diagnosis]:
    if mode is not Mode.PRODUCTION or schema_state(engine).found is None:
        return
    with engine.connect().execution_options(read_only=True) as connection:
        count = connection.scalar(
            text("SELECT count(*) FROM account WHERE email_key LIKE :demo AND status NOT IN ('disabled', 'closed')"),
            {"demo": f"%{DEMO_DOMAIN}"},
        )
    if count:
        mend = "Choose another TOME_DATA_DIR, or start with TOME_MODE=demo, make an admin of your own and disable them."
        yield fault("demo accounts", f"{count} with a password everybody knows", mend)
    else:
        yield ok("demo accounts", "none")


def clocks(engine: Engine, clock: Clock) -> Iterator[Diagnosis]:
    now = clock.now()
    if now < RELEASED:
        yield fault("clock", f"it says {now:%Y-%m-%d %H:%M} UTC, before this release", "Set the clock (NTP).")
        return
    with engine.connect().execution_options(read_only=True) as connection:
        last = None
        if schema_state(engine).found:
            last = as_instant(connection.scalar(text("SELECT max(at) FROM audit")))
        there = now if engine.dialect.name == "sqlite" else as_instant(connection.scalar(text("SELECT now()")))
    if last is not None and last > now + timedelta(minutes=5):
        yield fault("clock", f"the last change is from the future ({last:%Y-%m-%d %H:%M} UTC)", "Set the clock (NTP).")
    elif there is not None and abs(there - now) > timedelta(seconds=30):
        yield warning("clock", f"{abs(there - now).seconds} s apart from the database's", "Set both clocks (NTP).")
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def nights(engine: Engine, clock: Clock) -> Iterator[Diagnosis]:
    """When the night jobs last ran as a whole; a library younger than that needs none yet."""
    try:
        if schema_state(engine).pending:
            return
    except Refusal:  # told above
        return
    with engine.connect().execution_options(read_only=True) as connection:
        last = as_instant(
            connection.scalar(
                text(
                    "SELECT max(finished_at) FROM job_run WHERE job = 'night'"
                    " AND CAST(counts AS TEXT) NOT LIKE '%partial%' AND failed NOT LIKE 'broken off%'"
                )
            )
        )
        first = as_instant(connection.scalar(text("SELECT min(at) FROM audit")))
    since = last or first
    if since is not None and clock.now() - since > NIGHT_LATE:
        found = f"the last was {last:%Y-%m-%d %H:%M} UTC" if last else "none has run yet"
        yield warning("night", found, "Have a timer call manage.py night each night: docs/operations.md.")
    else:
        yield ok("night", f"{last:%Y-%m-%d %H:%M} UTC" if last else "none was needed yet")
