"""Who may call which route. A new route fails here until it is declared."""

import re

import pytest

from lib.access.installation import Installation
from lib.access.permissions import GRANTS, Permission, Role
from lib.access.work import begin_work
from lib.accounts.api_keys import create_key
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.api.app import api
from tests.api.calls import BODIES, PARAMS, filled
from tests.api.conftest import caller
from tests.api.matrix import MATRIX, OPEN
from tests.builders import an_admin

UNKEYED = re.compile(
    r"/auth/|/registrations(/confirm|/resend)?$|/me/(password|email|close)|/terminals"  # their answers are secret
    r"|/dry-run$|/preview$|/replay$"  # nothing is done
    r"|/offline/|/imports$|/integrity/|/holds/slips/new$"  # a repeat does nothing, or is told so
)
LAST = "DELETE /me/sessions"  # ends the caller's own token
ROUTES = sorted(
    (f"{method.upper()} {path}" for path, operations in api.openapi()["paths"].items() for method in operations),
    key=lambda route: (route == LAST, route),
)


def test_every_route_is_declared_here() -> None:
    assert set(ROUTES) == set(MATRIX)


def test_the_description_says_for_each_route_which_permission_it_needs() -> None:
    described = {}
    for path, operations in api.openapi()["paths"].items():
        for method, operation in operations.items():
            scopes = [scope for way in operation["security"] for scope in way.get("bearer", ())]
            described[f"{method.upper()} {path}"] = Permission(scopes[0]) if scopes else OPEN
    assert described == MATRIX


def test_every_act_can_be_sent_again_under_its_key() -> None:
    takes = {
        path for path, operations in api.openapi()["paths"].items()
        for given in operations.get("post", {}).get("parameters", ()) if given["name"] == "Idempotency-Key"
    }  # fmt: skip
    acts = {route.split()[1] for route in ROUTES if route.startswith("POST ")}
    assert {path for path in acts if not UNKEYED.search(path)} == takes


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER, Role.LIBRARIAN, Role.ADMIN, Role.TERMINAL])
def test_each_role_gets_through_where_it_may_and_nowhere_else(served_sqlite: Installation, role: Role) -> None:
    call = caller(served_sqlite, role)
    wrong = []
    for route in ROUTES:
        if MATRIX[route] is OPEN:
            continue
        method, path = route.split()
        answer = call(
            method, filled(path), json=BODIES.get(route), params=PARAMS.get(route), headers={"If-Match": '"1"'}
        )
        allowed = MATRIX[route] in GRANTS[role]
        refused = {401} if role is Role.GUEST else {403}
        if (answer.status_code in refused) is allowed or answer.status_code >= 500:
            wrong.append(f"{route}: {answer.status_code} {answer.text[:120]}")
    assert wrong == []


@pytest.mark.parametrize("route", [route for route in ROUTES if MATRIX[route] is OPEN and route.startswith("GET")])
def test_guests_may_read_what_is_open(served_sqlite: Installation, route: str) -> None:
    call = caller(served_sqlite, Role.GUEST)
    answer = call("GET", filled(route.split()[1]), params=PARAMS.get(route))
    assert answer.status_code in {200, 404}, answer.text


def test_a_machine_comes_in_by_no_password_and_no_key(served_sqlite: Installation) -> None:
    number, secret = make_terminal(
        served_sqlite, an_admin(served_sqlite), kind=TerminalKind.SIP2, login="hall", name="Hall"
    )
    call = caller(served_sqlite, Role.GUEST)
    for login, word in (("hall", secret), (f"terminal{number}", secret)):
        assert call("POST", "/auth/token", json={"login": login, "password": word}).status_code in {401, 403}, login
    call.headers = {"Authorization": f"Bearer {secret}"}
    assert {call("GET", path).status_code for path in ("/holds/shelf", "/till", "/search")} == {401}


def test_what_is_not_there_is_not_found_for_the_desk(served_sqlite: Installation) -> None:
    call = caller(served_sqlite, Role.ADMIN)
    wrong = []
    for route in ROUTES:
        method, path = route.split()
        described = str(api.openapi()["paths"][path][method.lower()])
        if "_id}" not in path or "If-Match" in described or "image/png" in described:
            continue
        answer = call(method, filled(path), json=BODIES.get(route), params=PARAMS.get(route))
        if answer.status_code != 404:
            wrong.append(f"{route}: {answer.status_code} {answer.text[:120]}")
    assert wrong == []


def test_a_key_with_the_scope_to_search_changes_nothing(served_sqlite: Installation) -> None:
    admin = an_admin(served_sqlite)
    with begin_work(served_sqlite, admin) as uow:
        _, secret = create_key(uow, "narrow", [Permission.SEARCH])
    call = caller(served_sqlite, Role.GUEST)
    call.headers = {"Authorization": f"Bearer {secret}", "If-Match": '"1"'}
    answers = {}
    for route in ROUTES:
        if MATRIX[route] is not OPEN:
            method, path = route.split()
            answer = call(method, filled(path), json=BODIES.get(route), params=PARAMS.get(route))
            answers[route] = answer.status_code
    assert {route: status for route, status in answers.items() if status != 403} == {}
