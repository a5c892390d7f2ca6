"""What a program gets when something is refused: problem+json (RFC 9457) with a code, facts and an incident id.

The one place where kinds of refusal become HTTP answers. Input is never echoed.
"""

import math
from datetime import date, datetime
from enum import Enum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from lib.accounts.errors import CannotSignIn, WrongCredentials, WrongPassword
from lib.catalogue.errors import BadImage
from lib.kit.errors import (
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    Refusal,
    RuleBroken,
    StaleEdit,
    TooManyAttempts,
)
from lib.kit.logs import current_request_id, log
from lib.kit.reasons import told
from lib.ops.imports.errors import FileTooLarge, NoColumns, NoSuchMapping, TooManyRows, UnreadableFile

MEDIA_TYPE = "application/problem+json"
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (WrongCredentials, 401),
    (CannotSignIn, 403),
    (NotSignedIn, 401),
    (Forbidden, 403),
    (StaleEdit, 412),
    (TooManyAttempts, 429),
    (Busy, 503),
    *((kind, 413) for kind in (FileTooLarge, TooManyRows)),
    *((kind, 422) for kind in (WrongPassword, BadImage, UnreadableFile, NoColumns, NoSuchMapping)),
    (RuleBroken, 409),
    (Invalid, 422),
)
HTTP_CODES = {
    400: "bad-request", 401: "not-signed-in", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    409: "conflict", 412: "stale-edit", 413: "too-large", 415: "unsupported-media-type", 422: "invalid",
    428: "precondition-required", 429: "too-many-requests", 503: "busy",
}  # fmt: skip


class FieldFault(BaseModel):
    """One field that is not as it should be."""

    field: str
    text: str


class Problem(BaseModel):
    """A refusal. `code` is stable; `detail` is for people; `facts` are the numbers, dates and ids behind it;
    where a rule stands against it, `facts.reasons` tells every reason with its rule, facts and way out."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["loan-limit-reached"])
    detail: str = Field(examples=["The limit of 5 loans is reached."])
    incident: str = Field(examples=["3f9a1c0b7d22"])
    facts: dict[str, Any] = Field(default_factory=dict)
    faults: list[FieldFault] = Field(default_factory=list)


def answer_problems(api: FastAPI) -> None:
    """Registers a handler for every way in which a request can fail."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(RequestValidationError, _not_understood)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(DataError, _out_of_range)
    api.add_exception_handler(Exception, _broken)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a kind of refusal."""
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 409)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    facts: dict[str, Any] | None = None,
    faults: list[FieldFault] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem+json answer."""
    body = Problem(
        type="about:blank", title=code.replace("-", " ").capitalize(), status=status, code=code, detail=detail,
        incident=current_request_id(), facts=_plain(facts or {}), faults=faults or [],
    )  # fmt: skip
    return JSONResponse(body.model_dump(), status, headers, media_type=MEDIA_TYPE)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    return refused(error)


def refused(error: Refusal) -> JSONResponse:
    """The answer to a refusal."""
    status = status_of(error)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status, {})
    if isinstance(error, TooManyAttempts):
        headers = {"Retry-After": str(error.facts["retry_after_s"])}
    faults = [FieldFault(field=f.field, text=f.text) for f in error.faults] if isinstance(error, Invalid) else []
    facts = {} if isinstance(error, Invalid) else dict(error.facts)
    if isinstance(error, RuleBroken) and error.rule:
        facts["reasons"] = [told(reason) for reason in error.reasons]
    return problem(status, error.code, str(error), facts=facts, faults=faults, headers=headers)


async def _not_understood(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(fault["type"] == "json_invalid" for fault in found):
        return problem(400, "not-json", "The body is not JSON.")
    faults = [FieldFault(field=".".join(str(part) for part in f["loc"][1:]), text=str(f["msg"])) for f in found]
    return problem(422, "invalid", "Some fields are not as they should be.", faults=faults)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTP_CODES.get(error.status_code, "refused")
    return problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))


async def _out_of_range(_request: Request, _error: Exception) -> JSONResponse:
    return problem(422, "out-of-range", "A value is too large or not storable.")


async def _broken(_request: Request, error: Exception) -> JSONResponse:
    log().error("api.broken", exc_info=error)
    return problem(500, "broken", "Something went wrong here. Tell the library this incident's number.")


def _plain(value: Any) -> Any:
    """Facts as JSON: dates as text, enums as values, anything strange as text."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
