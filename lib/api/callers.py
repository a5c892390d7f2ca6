"""Who is calling: a bearer token or an API key, looked up in the database on every request.

Cookies do not count here, so that no page of another site can act for a reader.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from fastapi.security import HTTPBearer

from lib.access.actor import GUEST, Actor
from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.api_keys import actor_of_key
from lib.accounts.api_tokens import actor_of_token
from lib.kit.errors import Forbidden, NotSignedIn

bearer = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="An access token of `POST /auth/token`, or an API key."
)


def caller(request: Request, _bearer: Annotated[object, Depends(bearer)]) -> Actor:
    """The actor behind a request; a guest where no credentials are given.

    Raises:
        NotSignedIn: credentials are given, but nobody stands behind them (any more).
    """
    header = request.headers.get("authorization")
    if header is None:
        return GUEST
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret or len(secret) > 4096:
        raise NotSignedIn
    find = actor_of_token if secret.count(".") == 2 else actor_of_key
    actor = find(opened(), secret.strip())
    if actor is None:
        raise NotSignedIn
    return actor


Caller = Annotated[Actor, Depends(caller)]


class Needed:
    """Asks for a permission before anything of the request is looked at; the use case asks again.

    Raises:
        NotSignedIn, Forbidden.
    """

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, actor: Caller) -> None:
        if not actor.may(self.permission):
            raise Forbidden if actor.account_id is not None else NotSignedIn


def needs(permission: Permission) -> Dependency:
    """A route's `dependencies` entry: who may call it. It stands in the API's description too."""
    found: Dependency = Depends(Needed(permission))
    return found


@contextmanager
def reading(actor: Actor) -> Iterator[UnitOfWork]:
    """A unit of work for questions."""
    with begin_reading(opened(), actor) as uow:
        yield uow


@contextmanager
def working(actor: Actor) -> Iterator[UnitOfWork]:
    """A unit of work for changes; commits at its end."""
    with begin_work(opened(), actor) as uow:
        yield uow
