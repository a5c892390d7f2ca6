"""JSON as it may come in: no doubled keys, no NaN, no numbers or text that a database cannot hold."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from lib.api.freshness import freshened

LARGEST = 2**63 - 1
DEEPEST = 20


class StrictRequest(Request):
    """A request whose JSON body is read by our rules."""

    async def json(self) -> Any:
        """The body.

        Raises:
            json.JSONDecodeError: not JSON; HTTPException 400, 415 or 422: JSON that is not for us.
        """
        raw = await self.body()
        try:
            found = json.loads(raw, object_pairs_hook=_no_doubles, parse_constant=_no_constant, parse_float=_finite)
        except UnicodeDecodeError as error:
            raise HTTPException(400, "The body is not UTF-8.") from error
        except RecursionError as error:
            raise HTTPException(400, "The body is nested too deeply.") from error
        _check(found, 0)
        return found


class StrictRoute(APIRoute):
    """A route that reads its JSON strictly, and does not send twice what the caller has."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            _check_query(strict)
            if await strict.body() and not _is_json(strict):
                raise HTTPException(415, "Send application/json.")
            return freshened(strict, await handle(strict))

        return strictly


class FileRoute(APIRoute):
    """A route whose body is a file: it reads the body itself, portion by portion."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            _check_query(request)
            return freshened(request, await handle(request))

        return strictly


def _check_query(request: Request) -> None:
    """Refuses what no database can hold in addresses too."""
    texts = (*request.path_params.values(), *request.query_params.values())
    if any("\x00" in text or any("\ud800" <= char <= "\udfff" for char in text) for text in texts):
        raise HTTPException(422, "The address holds characters that cannot be stored.")


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HTTPException(422, "A key stands twice in the body.")
    return found


def _no_constant(_name: str) -> Any:
    raise HTTPException(422, "NaN and infinite numbers cannot be stored.")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise HTTPException(422, "A number in the body is too large.")
    return number


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise HTTPException(422, "The body is nested too deeply.")
    if isinstance(value, str) and ("\x00" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        raise HTTPException(422, "A text in the body holds characters that cannot be stored.")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        raise HTTPException(422, "A number in the body is too large.")
    if isinstance(value, dict):
        for key, part in value.items():
            _check(key, depth + 1)
            _check(part, depth + 1)
    if isinstance(value, list):
        for part in value:
            _check(part, depth + 1)
