"""The shape of the house (docs/architecture.md), kept by tests.

Each rule is a function that lists what breaks it; it is run over the product, and over a sample that must be caught.
"""

import ast
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.house.code import EXACTLY_MADE, ROOT, Source, dotted, imported, pages, product, too_long

ROOMS = [
    "kit", "access", "audit", "notices", "accounts", "catalogue", "billing", "stock", "circulation", "closures",
    "desk", "ebooks", "reports", "ops",
]  # fmt: skip
DOORS = ["ui", "api", "scheduler", "cli", "sip2"]
ONLY_IN = {
    "streamlit": ("app.py", "pages/", "lib/ui/"),
    "streamlit_authenticator": ("lib/ui/",),
    "plotly": ("lib/ui/",),
    "schedule": ("lib/scheduler/",),
    "fastapi": ("app.py", "lib/api/"),
    "starlette": ("app.py", "lib/api/"),
    "typer": ("lib/cli/",),
    "rich": ("lib/cli/",),
    "click": ("lib/cli/",),
    "alembic": ("lib/ops/",),
    "sqlalchemy": ("lib/",),
}
HEAVY = {
    "streamlit_authenticator", "typst", "matplotlib", "plotly", "pandas", "numpy", "citeproc", "barcode", "rapidfuzz",
    "python_calamine", "language_data", "lib.ops.migrations.run", "lib.ops.demo",
}  # fmt: skip
ONE_OF_TWO = {"pysqlite3", "sqlite3"}  # whichever the platform has
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.gmtime", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
}  # fmt: skip
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "service", "services", "components"}
BROAD = {  # the outermost doors, where whatever goes wrong becomes an incident: how many, and what logs it there
    "lib/api/guard.py": (1, "log().error"),  # no answer leaves without its headers
    "lib/cli/tell.py": (1, "_unforeseen"),  # no traceback at a prompt
    "lib/ops/night.py": (1, "_why"),  # one job's fault must not end the night
    "lib/sip2/conversation.py": (2, "log().error"),  # a machine gets its answer, and the other machines theirs
    "lib/ui/doorway.py": (1, "show_incident"),  # a page goes on below what failed
    "lib/ui/kiosk_state.py": (1, "show_incident"),  # a tablet in the hall stands there for the next reader
}

Rule = Callable[[Source], Iterable[str]]


def imports_pointing_up(source: Source) -> Iterator[str]:
    if source.room is None:
        return
    if source.room not in [*ROOMS, *DOORS]:
        yield f"lib/{source.room} is no room of the house"
        return
    below = ROOMS if source.room in DOORS else ROOMS[: ROOMS.index(source.room)]
    for name in sorted(source.imports()):
        parts = name.split(".")
        other = parts[1] if parts[0] == "lib" and len(parts) > 1 else source.room
        if parts[0] in ("pages", "app", "tests", "bench") or (other != source.room and other not in below):
            yield f"imports {name}"


def libraries_out_of_place(source: Source) -> Iterator[str]:
    used = {name.split(".")[0] for name in source.imports()}
    for library in sorted(used & set(ONLY_IN)):
        if not source.place.startswith(ONLY_IN[library]):
            yield f"imports {library}, which belongs in {', '.join(ONLY_IN[library])}"


def pages_knowing_pages(source: Source) -> Iterator[str]:
    """What a page may import of ours: the door, use cases, permissions, and kit; never another page, never SQL."""
    if source.place.startswith("pages/"):
        yield from (f"imports {name}" for name in source.imports() if name.startswith(("pages.", "lib.api", "lib.cli")))


def pages_without_doorkeeper(source: Source) -> Iterator[str]:
    """The first thing a page does is `enter(...)`; outside of pages/public with a permission."""
    if not source.place.startswith("pages/"):
        return
    calls = [call for statement in source.tree.body if not _only_declares(statement) for call in _calls(statement)]
    first = calls[0] if calls else None
    if first is None or dotted(first.func).split(".")[-1] != "enter":
        yield "does not begin with enter(…)"
    elif not source.place.startswith("pages/public/") and "Permission." not in ast.unparse(first):
        yield "enter(…) names no permission"


def _only_declares(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def _calls(statement: ast.stmt) -> list[ast.Call]:
    """In the order they run: an inner call before the one around it."""
    found = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def clock_readings(source: Source) -> Iterator[str]:
    if source.place != "lib/kit/clock.py":
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and dotted(node.func) in CLOCKS:
                yield f"line {node.lineno} reads the clock: {dotted(node.func)}"


def imports_inside_functions(source: Source) -> Iterator[str]:
    for function in source.functions():
        for node in ast.walk(function):
            for name in imported(node):
                top = name.split(".")[0]
                if top not in HEAVY | ONE_OF_TWO and not any(name.startswith(heavy) for heavy in HEAVY):
                    yield f"line {getattr(node, 'lineno', 0)} imports {name} inside {function.name}"


def junk_drawers(source: Source) -> Iterator[str]:
    yield from (f"is called {part}" for part in source.place.removesuffix(".py").split("/") if part in DRAWERS)


def rooms_with_code_in_their_card(source: Source) -> Iterator[str]:
    if source.place.endswith("__init__.py") and source.room is not None:
        if any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in source.tree.body):
            yield "holds more than a docstring"
        if source.place.count("/") == 2 and ast.get_docstring(source.tree) is None:
            yield "says not what lives there"


def html_by_the_back_door(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg in ("unsafe_allow_html", "unsafe_allow_javascript"):
            yield f"line {node.value.lineno} uses {node.arg}"


def commits_of_their_own(source: Source) -> Iterator[str]:
    """Only the unit of work commits."""
    if source.room in ROOMS and source.room not in ("kit", "access"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and dotted(node.func).endswith((".commit", "session.rollback")):
                yield f"line {node.lineno} calls {dotted(node.func)}"


def silent_catching(source: Source) -> Iterator[str]:
    """`except:` swallows what ends a rerun; `except Exception` needs a reason on its line."""
    lines = source.text.splitlines()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield f"line {node.lineno} catches everything"
            elif (
                dotted(node.type) in ("Exception", "BaseException")
                and "BLE001" not in lines[node.lineno - 1]
                and not _raises_again(node)
            ):
                yield f"line {node.lineno} catches {dotted(node.type)} without a reason"


def broad_catching(source: Source) -> Iterator[str]:
    """What catches everything and goes on stands at an outermost door and logs an incident; nothing suppresses it."""
    many, logs = BROAD.get(source.place, (0, ""))
    broad = [
        node for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and not _raises_again(node)
    ]  # fmt: skip
    if len(broad) > many:
        yield f"catches everything {len(broad)} times, {many} expected; line {broad[-1].lineno}"
    for node in broad:
        if logs not in "".join(ast.unparse(statement) for statement in node.body):
            yield f"line {node.lineno} catches everything and logs nothing with {logs}"
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and dotted(call.func).endswith("suppress") and any(map(_catches_all, call.args)):
            yield f"line {call.lineno} suppresses everything"


def _catches_all(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or dotted(kind).split(".")[-1] in ("Exception", "BaseException") for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def sample(place: str, text: str) -> Source:
    return Source(place, text)


CAUGHT: list[tuple[Rule, Source]] = [
    (imports_pointing_up, sample("lib/kit/a.py", "from lib.access.work import UnitOfWork")),
    (imports_pointing_up, sample("lib/notices/a.py", "import lib.accounts.models")),
    (imports_pointing_up, sample("lib/api/a.py", "from lib.ui.words import day")),
    (imports_pointing_up, sample("lib/cli/a.py", "from lib import api")),
    (imports_pointing_up, sample("lib/ops/a.py", "from tests.builders import a_member")),
    (imports_pointing_up, sample("lib/warehouse/a.py", "")),
    (libraries_out_of_place, sample("lib/circulation/a.py", "def f():\n    import streamlit as st")),
    (libraries_out_of_place, sample("pages/member/a.py", "from sqlalchemy import select")),
    (libraries_out_of_place, sample("lib/ui/a.py", "from starlette.responses import Response")),
    (pages_knowing_pages, sample("pages/member/a.py", "import pages.public.home")),
    (
        pages_without_doorkeeper,
        sample("pages/member/a.py", "import streamlit as st\nst.title('x')\nenter(Permission.A)"),
    ),
    (pages_without_doorkeeper, sample("pages/member/a.py", "from lib.ui.doorway import enter\nme = enter()")),
    (pages_without_doorkeeper, sample("pages/public/a.py", "x = 1")),
    (clock_readings, sample("lib/catalogue/a.py", "from datetime import datetime\nx = datetime.now(UTC)")),
    (clock_readings, sample("lib/ui/a.py", "import time\ndef f(): return time.time()")),
    (imports_inside_functions, sample("lib/ui/a.py", "def f():\n    from lib.kit import clock")),
    (too_long, sample("lib/kit/a.py", "x = 1\n" * 351)),
    (too_long, sample("lib/kit/a.py", "def f():\n" + "    x = 1\n" * 60)),
    (junk_drawers, sample("lib/ui/utils.py", "")),
    (rooms_with_code_in_their_card, sample("lib/kit/__init__.py", '"""Card."""\nfrom lib.kit import clock')),
    (rooms_with_code_in_their_card, sample("lib/kit/__init__.py", "")),
    (html_by_the_back_door, sample("lib/ui/a.py", "st.markdown(x, unsafe_allow_html=True)")),
    (commits_of_their_own, sample("lib/circulation/a.py", "uow.session.commit()")),
    (silent_catching, sample("lib/ui/a.py", "try:\n    x()\nexcept Exception:\n    pass")),
    (silent_catching, sample("lib/ui/a.py", "try:\n    x()\nexcept:\n    pass")),
    (broad_catching, sample("lib/ui/a.py", "try:\n    x()\nexcept Exception:  # noqa: BLE001  # why\n    log()")),
    (broad_catching, sample("lib/ui/a.py", "try:\n    x()\nexcept (OSError, Exception):\n    log()")),
    (broad_catching, sample("lib/api/guard.py", "try:\n    x()\nexcept Exception:\n    answer()")),
    (broad_catching, sample("lib/api/guard.py", "try:\n    x()\nexcept Exception:\n    log().error(1)\n" * 2)),
    (broad_catching, sample("lib/ui/a.py", "with contextlib.suppress(Exception):\n    x()")),
]
RULES = list(dict.fromkeys(rule for rule, _ in CAUGHT))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_has_no(rule: Rule) -> None:
    assert [f"{source.place}: {fault}" for source in product() for fault in rule(source)] == []


@pytest.mark.parametrize(("rule", "source"), CAUGHT, ids=lambda part: getattr(part, "__name__", ""))
def test_a_sample_is_caught_by(rule: Rule, source: Source) -> None:
    assert list(rule(source)) != []


def _looked_up_while_writing(source: Source) -> list[str]:
    """Where Streamlit is asked inside `with work()`: at each such place it may end the run, and the act with it."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.With) and any("work()" in ast.unparse(item.context_expr) for item in node.items):
            inside = (one for line in node.body for one in ast.walk(line) if isinstance(one, ast.Attribute))
            found += [f"{source.place}:{one.lineno}" for one in inside if ast.unparse(one.value) == "st"]
    return found


def test_no_screen_asks_streamlit_while_it_writes() -> None:
    assert [place for source in product() for place in _looked_up_while_writing(source)] == []
    assert _looked_up_while_writing(Source("a.py", "with work() as uow:\n    act(uow, st.query_params)"))


def test_no_place_may_catch_everything_without_need() -> None:
    needed = {
        source.place: sum(
            isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and not _raises_again(node)
            for node in ast.walk(source.tree)
        )
        for source in product() if source.place in BROAD
    }  # fmt: skip
    assert needed == {place: many for place, (many, _) in BROAD.items()}


def test_no_page_lies_directly_in_pages() -> None:
    assert list(ROOT.glob("pages/*.py")) == [], "Streamlit would serve it without the gate on a cold start"


def test_pages_are_grouped_by_audience() -> None:
    assert {source.place.split("/")[1] for source in pages()} <= {"public", "member", "staff", "admin"}


def test_every_room_has_its_card() -> None:
    for room in sorted(path.name for path in (ROOT / "lib").iterdir() if any(path.glob("*.py"))):
        assert (ROOT / "lib" / room / "__init__.py").is_file(), f"lib/{room} has no __init__.py"


def test_most_files_and_functions_are_short() -> None:
    ours = [source for source in product() if not source.place.startswith(EXACTLY_MADE)]
    files = sorted(source.text.count("\n") for source in ours if not source.place.endswith("__init__.py"))
    functions = sorted((f.end_lineno or 0) - f.lineno + 1 for source in ours for f in source.functions())
    assert files[len(files) // 2] <= 200
    assert functions[len(functions) // 2] <= 10
