"""JSON as it may come in: no doubled keys, no NaN, no numbers or text that a database cannot hold."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, get_origin

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from lib.api.freshness import freshened

LARGEST = 2**63 - 1
LARGEST_JSON = 256 * 1024  # it is taken apart before anybody is asked who they are, and everybody waits meanwhile
DEEPEST = 20


class StrictRequest(Request):
    """A request whose JSON body is read by our rules."""

    async def json(self) -> Any:
        """The body.

        Raises:
            json.JSONDecodeError: not JSON; HTTPException 400, 413, 415 or 422: JSON that is not for us.
        """
        raw = await self.body()
        if len(raw) > LARGEST_JSON:
            raise HTTPException(413, f"Send at most {LARGEST_JSON // 1024} KB of JSON.")
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
        handle, known = super().get_route_handler(), _query_names(self.dependant)

        async def strictly(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            _check_query(strict, known)
            if await strict.body() and not is_json(strict):
                raise HTTPException(415, "Send application/json.")
            return freshened(strict, await handle(strict))

        return strictly


class FileRoute(APIRoute):
    """A route whose body is a file: it reads the body itself, portion by portion."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, known = super().get_route_handler(), _query_names(self.dependant)

        async def strictly(request: Request) -> Response:
            _check_query(request, known)
            return freshened(request, await handle(request))

        return strictly


def _query_names(dependant: Any) -> dict[str, bool]:
    """The names that a route knows in its query, and whether each may stand there several times."""
    own = {field.alias: get_origin(field.field_info.annotation) is list for field in dependant.query_params}
    for part in dependant.dependencies:
        own |= _query_names(part)
    return own


def _check_query(request: Request, known: dict[str, bool]) -> None:
    """Refuses what no database can hold in addresses too; and what would be passed over: a filter that is misspelt
    or given twice."""
    given = [name for name, _ in request.query_params.multi_items()]
    if any(name not in known for name in given):
        raise HTTPException(422, f"The query knows {', '.join(sorted(known)) or 'no names'} here, and nothing else.")
    if any(given.count(name) > 1 and not known[name] for name in set(given)):
        raise HTTPException(422, "A name stands twice in the query.")
    texts = (*request.path_params.values(), *request.query_params.values())
    if any("\x00" in text or any("\ud800" <= char <= "\udfff" for char in text) for text in texts):
        raise HTTPException(422, "The address holds characters that cannot be stored.")


def is_json(request: Request) -> bool:
    """Whether the body says of itself that it is JSON."""
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
