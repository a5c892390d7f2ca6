"""The API's description of itself (OpenAPI 3.1): what FastAPI knows, and what it does not.

Added to it: who may call what, how each operation can be refused, the headers of answers, and an example of every
body, composed from the schemas by examples.py so that it is always of the right shape.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from lib.access.permissions import PHRASES, Permission
from lib.api.callers import Needed
from lib.api.examples import Examples
from lib.api.problems import MEDIA_TYPE, Problem

ABOUT = """Everything the screens of this library can do, for programs.

* **Sign in** with `POST /auth/token`, or make an API key under *My account* and send it as `Authorization: Bearer …`.
  Each operation names the permission it needs, which is also the scope that a key must have.
* **Refusals** are `application/problem+json`: a stable `code`, a sentence, the `facts` behind it, and an `incident` id,
  which is also the answer's `X-Request-Id`.
* **Lists** come in pages: `?page=2&size=50`, with `Link` headers to the pages before and after.
* **Answers to GET** carry an `ETag`: send it as `If-None-Match`, and nothing is sent twice.
* **Edits** need `If-Match` with the `ETag` you read; somebody else's change in between is answered with 412.
* **Unsafe calls** may carry an `Idempotency-Key`: sent again, they give the same answer and no second effect.
* **Money** is a count of minor units (cents); days are days of the library; instants are UTC.
"""
TAGS = (
    ("Sign in", "Access tokens for programs, API keys, forgotten passwords."),
    ("My account", "The caller's own record, sessions, library card and history."),
    ("Registrations", "Joining the library, and approval by staff."),
    ("Search", "One question over the whole catalogue, with filters and counts."),
    ("Titles", "What the library has: read, added, edited, archived; covers and citations."),
    ("Copies", "The physical items of a title."),
    ("Browse", "Authors, genres, series and kinds of item."),
    ("Sections", "The parts of the collection."),
    ("Library", "The library itself and its places."),
    ("Members", "Readers and staff, and the types of membership."),
    ("Loans", "Issuing, borrowing, renewing, returning, losing; each can be tried first."),
    ("Holds", "Waiting for a title: the queue, the hold shelf, what to fetch for it."),
    ("Money", "What is owed and why; payments, waivers, refunds, receipts, statements, the till."),
    ("Desk", "What somebody at the counter needs: scans, the member in front of them, taking acts back."),
    ("Self-check", "Machines at which readers serve themselves, and the PINs that they ask for."),
    ("Policy", "The rules of lending."),
    ("Calendar", "Opening days and closures."),
    ("Settings", "The library's settings, each version kept."),
    ("Reports", "The overview, the audit trail, the outbox."),
    ("Integrity", "What must always hold: checks, findings, repairs; and what the nights did."),
    ("Imports and exports", "Files of titles, copies, members and loans, in both directions."),
)
REFUSALS = {
    "400": ("not-json", "The body is not JSON."),
    "401": ("not-signed-in", "Please sign in first."),
    "403": ("forbidden", "You are not allowed to do this."),
    "404": ("not-found", "There is no such title."),
    "409": ("loan-limit-reached", "The limit of 5 loans is reached."),
    "412": ("stale-edit", "This title was changed by Mira Okafor meanwhile. Look at the new state, then save again."),
    "413": ("too-large", "That is too large."),
    "415": ("unsupported-media-type", "Send application/json."),
    "422": ("invalid", "Some fields are not as they should be."),
    "428": ("precondition-required", "Send If-Match with the ETag of what you are editing."),
    "429": ("too-many-attempts", "Too many attempts. Try again in 30 seconds."),
    "503": ("busy", "The library is very busy. Nothing was changed; please try again."),
}
MEANINGS = {
    "400": "Not JSON", "401": "Sign in first", "403": "Not allowed", "404": "Not there, or not for you",
    "409": "A rule stands against it", "412": "Changed meanwhile", "413": "Too large", "415": "Another media type",
    "422": "Input to be mended", "428": "Send If-Match", "429": "Too many requests", "503": "Busy; nothing was changed",
}  # fmt: skip
RETRY = {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 30}
HEADERS = {
    "ETag": {"description": "Names this answer; for If-None-Match and If-Match.", "schema": {"type": "string"},
             "example": '"7.1f0c63a9e2b84d5f7a60"'},
    "Link": {"description": "The pages around this one (RFC 8288): first, prev, next, last.",
             "schema": {"type": "string"}, "example": '</api/v1/titles?page=2&size=25>; rel="next"'},
}  # fmt: skip


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Has the app serve the whole description; composed at first use."""
    needed = {
        route.name: needed_for(route) for router in routers for route in router.routes if isinstance(route, APIRoute)
    }

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(
                get_openapi(
                    title=app.title, version=app.version, openapi_version="3.1.0", description=ABOUT,
                    routes=app.routes, servers=[{"url": "/api/v1"}],
                    tags=[{"name": name, "description": text} for name, text in TAGS],
                    license_info={"name": "MIT", "identifier": "MIT"},
                ),
                needed,
            )  # fmt: skip
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def needed_for(route: APIRoute) -> tuple[bool, Permission | None]:
    """Whether a route looks at who calls, and which permission it needs; None where anybody may call."""
    calls = [part.call for part in _dependencies(route.dependant)]
    permissions = [call.permission for call in calls if isinstance(call, Needed)]
    return any(getattr(call, "__name__", "") == "caller" for call in calls), next(iter(permissions), None)


def _dependencies(dependant: Any) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part
        yield from _dependencies(part)


def _completed(found: dict[str, Any], needed: dict[str, tuple[bool, Permission | None]]) -> dict[str, Any]:
    parts = found["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= problem.pop("$defs") | {"Problem": problem}
    parts["responses"] = {f"Refused{status}": _refusal(status) for status in REFUSALS}
    parts["headers"] = HEADERS
    examples = Examples(parts["schemas"])
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            asks, permission = needed[operation["operationId"]]
            _secure(operation, asks, permission)
            _answers(operation, method, path, asks, permission)
            _illustrate(operation, examples)
    return found


def _refusal(status: str) -> dict[str, Any]:
    code, detail = REFUSALS[status]
    said = {
        "type": "about:blank", "title": code.replace("-", " ").capitalize(), "status": int(status), "code": code,
        "detail": detail, "incident": "3f9a1c0b7d22", "facts": {},
        "faults": [{"field": "title", "text": "A title is needed."}] if status == "422" else [],
    }  # fmt: skip
    answer: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": said}},
    }
    if status in ("429", "503"):
        answer["headers"] = {"Retry-After": RETRY}
    return answer


def _secure(operation: dict[str, Any], asks: bool, permission: Permission | None) -> None:
    """Says who may call: the scheme with the permission as its role (OpenAPI 3.1), optional where guests may."""
    if permission is not None:
        operation["security"] = [{"bearer": [permission.value]}]
        said = f"Needs the permission `{permission.value}`: {PHRASES[permission].lower()}."
        operation["description"] = f"{operation['description']}\n\n{said}" if operation.get("description") else said
    else:
        operation["security"] = [{}, {"bearer": []}] if asks else []


def _answers(operation: dict[str, Any], method: str, path: str, asks: bool, permission: Permission | None) -> None:
    """Every status that this operation can answer with."""
    answers = operation["responses"]
    answers.pop("422", None)
    conditional = any(given["name"] == "If-Match" for given in operation.get("parameters", ()))
    missing = "{" in path or method != "get" or _prints(operation)
    possible = {
        "400": "requestBody" in operation, "401": asks or path.startswith("/auth/"), "403": permission is not None,
        "404": missing, "409": method != "get" or permission is not None, "412": conditional,
        "413": "requestBody" in operation, "415": True, "422": True, "428": conditional, "429": True, "503": True,
    }  # fmt: skip
    possible["403"] = possible["403"] or (method != "get")
    for status, may in possible.items():
        if may:
            answers[status] = {"$ref": f"#/components/responses/Refused{status}"}
    if method == "get":
        answers["304"] = {"description": "The caller has it already (If-None-Match)"}
        success = answers["200"]
        if "application/json" in success.get("content", {}):
            success["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
            if any(given["name"] == "page" for given in operation.get("parameters", ())):
                success["headers"]["Link"] = {"$ref": "#/components/headers/Link"}
    for status in ("200", "201", "202"):
        if status in answers:
            answers[status]["description"] = operation["summary"]
    operation["responses"] = dict(sorted(answers.items()))


def _prints(operation: dict[str, Any]) -> bool:
    """Whether the answer is a document, which may have nothing to stand in it."""
    return "application/pdf" in operation["responses"].get("200", {}).get("content", {})


def _illustrate(operation: dict[str, Any], examples: Examples) -> None:
    """Puts an example beside every body."""
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in (*bodies, *operation["responses"].values()):
        for kind, media in body.get("content", {}).items():
            if "json" in kind and "example" not in media:
                media["example"] = examples.of(media["schema"])
