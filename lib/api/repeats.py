"""Unsafe calls that may be sent again: the same Idempotency-Key gives the same answer and one effect.

And edits of what somebody else may have edited meanwhile: ETag and If-Match.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, HTTPException, Response
from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

from lib.access.actor import Actor
from lib.access.once import fingerprint, recall, remember
from lib.access.work import UnitOfWork
from lib.api.callers import working
from lib.kit.database import broken_constraint

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=128,
        description="Any text of your own, once an act: a repeat gets the first answer and has no effect.",
    ),
]  # fmt: skip
IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=80, description="The ETag of what you read before editing it.")
]


def do_once(actor: Actor, key: str | None, asked: tuple[Any, ...], act: Callable[[UnitOfWork], Any], kind: Any) -> Any:
    """Does an act in a unit of work of its own, at most once per key; returns its result as plain JSON.

    `asked` tells one request from another under the same key; `kind` is the result's type.

    Raises:
        Invalid: the key was used for another request.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    asked_for = fingerprint(*asked)
    for attempt in (1, 2):
        try:
            with working(actor) as uow:
                if key is not None and (known := recall(uow, key, asked_for)) is not None:
                    return known["result"]
                result = adapter.dump_python(act(uow), mode="json")
                if key is not None:
                    remember(uow, key, asked_for, {"result": result})
                return result
        except IntegrityError as error:
            if attempt == 2 or "once_key" not in broken_constraint(error):
                raise
    raise AssertionError("unreachable")


def tag(response: Response, version: int) -> None:
    """Puts the version of what is answered into the ETag header; a digest of the answer joins it (freshness.py)."""
    response.headers["ETag"] = f'"{version}"'


def seen_version(if_match: str | None) -> int:
    """The version named by If-Match.

    Raises:
        HTTPException: 428 without the header, 422 when it is no ETag of ours.
    """
    if if_match is None:
        raise HTTPException(428, "Send If-Match with the ETag of what you are editing.")
    text = if_match.strip().removeprefix("W/").strip('"').partition(".")[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise HTTPException(422, "If-Match is not an ETag of this library.")
    return int(text)
