"""The REST API at /api/v1: the same use cases as the screens, for programs."""

from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from lib.api import (
    accounts,
    calendar,
    catalogue,
    copies,
    desk,
    loans,
    members,
    policy,
    reports,
    search,
    sections,
    settings,
    sign_in,
)
from lib.api.problems import Problem, answer_problems
from lib.api.strictness import StrictRoute
from lib.api.throttle import throttle

VERSION = "1.0.0"
ABOUT = """Everything the screens of this library can do, for programs.

* **Sign in** with `POST /auth/token`, or make an API key under *My account* and send it as `Authorization: Bearer …`.
* **Refusals** are `application/problem+json`: a stable `code`, a sentence, the `facts` behind it, and an `incident` id.
* **Lists** come in pages: `?page=2&size=50`.
* **Edits** need `If-Match` with the `ETag` you read; somebody else's change in between is answered with 412.
* **Unsafe calls** may carry an `Idempotency-Key`: sent again, they give the same answer and no second effect.
* **Money** is a count of minor units (cents); days are days of the library; instants are UTC.
"""
ROUTERS = (
    sign_in, accounts, search, catalogue, copies, sections, members, loans, desk, policy, calendar, settings, reports,
)  # fmt: skip
DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API of this library</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="static/swagger/swagger-ui.css"></head>
<body><main id="docs"></main><script src="static/swagger/swagger-ui-bundle.js"></script>
<script src="static/swagger/start.js"></script></body></html>"""


def build() -> FastAPI:
    """The API as an ASGI app."""
    app = FastAPI(
        title="Tome Nexus", version=VERSION, description=ABOUT, docs_url=None, redoc_url=None,
        dependencies=[Depends(throttle)], servers=[{"url": "/api/v1"}],
        responses={
            status: {"model": Problem, "content": {"application/problem+json": {}}, "description": text}
            for status, text in (
                (400, "Not JSON"), (401, "Sign in first"), (403, "Not allowed"), (404, "Not there, or not for you"),
                (409, "A rule stands against it"), (415, "Not application/json"), (422, "Input to be mended"),
                (429, "Too many requests"), (503, "Busy; nothing was changed"),
            )
        },
    )  # fmt: skip
    app.router.route_class = StrictRoute
    for module in ROUTERS:
        app.include_router(module.router)
    answer_problems(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(DOCS)

    return app


api = build()
