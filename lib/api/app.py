"""The REST API at /api/v1: the same use cases as the screens, for programs."""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from lib.api import (
    accounts,
    calendar,
    catalogue,
    copies,
    covers,
    desk,
    exceptions,
    history,
    hold_shelf,
    holds,
    imports,
    integrity,
    library,
    loans,
    losses,
    members,
    membership_types,
    money,
    offline,
    own_acts,
    policy,
    policy_changes,
    registrations,
    repairs,
    reports,
    search,
    sections,
    settings,
    sign_in,
    staff,
    terminals,
    till,
    vocabulary,
    worklists,
)
from lib.api.description import describe
from lib.api.heads import Heads
from lib.api.problems import answer_problems
from lib.api.strictness import StrictRoute
from lib.api.throttle import throttle

VERSION = "1.0.0"
MODULES = (
    sign_in, accounts, history, own_acts, registrations, search, catalogue, covers, copies, repairs, vocabulary,
    sections, library, membership_types, members, exceptions, staff, loans, losses, hold_shelf, holds, money, till,
    desk, worklists, offline, policy, policy_changes, calendar, settings, reports, integrity, imports, terminals,
)  # fmt: skip
ROUTERS: tuple[APIRouter, ...] = tuple(module.router for module in MODULES)
DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API of this library</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="static/swagger/swagger-ui.css"></head>
<body><main id="docs"></main><script src="static/swagger/swagger-ui-bundle.js"></script>
<script src="static/swagger/start.js"></script></body></html>"""


def build() -> FastAPI:
    """The API as an ASGI app."""
    app = FastAPI(
        title="Tome Nexus", version=VERSION, docs_url=None, redoc_url=None, root_path_in_servers=False,
        dependencies=[Depends(throttle)], generate_unique_id_function=lambda route: route.name, redirect_slashes=False,
    )  # fmt: skip
    app.router.route_class = StrictRoute
    for router in ROUTERS:
        app.include_router(router)
    answer_problems(app)
    app.add_middleware(Heads)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(DOCS)

    describe(app, ROUTERS)
    return app


api = build()
