"""Who may call which route. A new route fails here until it is declared."""

import re
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.permissions import GRANTS, Permission, Role
from lib.access.work import begin_work
from lib.accounts.api_keys import create_key
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.api.app import api
from tests.api.conftest import caller
from tests.builders import an_admin

OPEN = None  # anybody, guests too, by the route's own proof
MATRIX: dict[str, Permission | None] = {
    "POST /auth/token": OPEN,
    "POST /auth/refresh": OPEN,
    "POST /auth/sign-out": OPEN,
    "POST /auth/forgot": OPEN,
    "POST /auth/reset": OPEN,
    "GET /auth/keys": Permission.USE_ACCOUNT,
    "POST /auth/keys": Permission.USE_ACCOUNT,
    "DELETE /auth/keys/{key_id}": Permission.USE_ACCOUNT,
    "GET /me": Permission.USE_ACCOUNT,
    "PUT /me": Permission.USE_ACCOUNT,
    "POST /me/password": Permission.USE_ACCOUNT,
    "GET /me/card": Permission.USE_ACCOUNT,
    "GET /me/close": Permission.USE_ACCOUNT,
    "POST /me/close": Permission.USE_ACCOUNT,
    "POST /me/email": Permission.USE_ACCOUNT,
    "POST /me/email/confirm": OPEN,
    "DELETE /me/sessions": Permission.USE_ACCOUNT,
    "PUT /me/history": Permission.USE_ACCOUNT,
    "DELETE /me/history": Permission.USE_ACCOUNT,
    "GET /me/history/export": Permission.USE_ACCOUNT,
    "GET /me/sessions": Permission.USE_ACCOUNT,
    "DELETE /me/sessions/{session_id}": Permission.USE_ACCOUNT,
    "GET /me/loans": Permission.USE_ACCOUNT,
    "POST /me/loans": Permission.BORROW,
    "POST /me/loans/dry-run": Permission.BORROW,
    "GET /me/history": Permission.USE_ACCOUNT,
    "GET /me/standing": Permission.USE_ACCOUNT,
    "POST /me/loans/renew-all": Permission.BORROW,
    "POST /registrations": OPEN,
    "POST /registrations/resend": OPEN,
    "GET /registrations": Permission.APPROVE_MEMBERS,
    "POST /registrations/confirm": OPEN,
    "POST /registrations/{account_id}/approve": Permission.APPROVE_MEMBERS,
    "POST /registrations/{account_id}/reject": Permission.APPROVE_MEMBERS,
    "GET /search": OPEN,
    "GET /titles": OPEN,
    "POST /titles": Permission.EDIT_CATALOGUE,
    "POST /titles/bulk-edit": Permission.EDIT_CATALOGUE,
    "GET /titles/shelves/{which}": OPEN,
    "GET /titles/by-isbn/{isbn}": OPEN,
    "GET /titles/{title_id}": OPEN,
    "GET /titles/{title_id}/form": Permission.EDIT_CATALOGUE,
    "GET /titles/{title_id}/cover": OPEN,
    "PUT /titles/{title_id}/cover": Permission.EDIT_CATALOGUE,
    "DELETE /titles/{title_id}/cover": Permission.EDIT_CATALOGUE,
    "GET /titles/{title_id}/borrowed-together": OPEN,
    "GET /titles/{title_id}/activity": Permission.EDIT_CATALOGUE,
    "PUT /titles/{title_id}": Permission.EDIT_CATALOGUE,
    "DELETE /titles/{title_id}": Permission.EDIT_CATALOGUE,
    "POST /titles/{title_id}/archive": Permission.EDIT_CATALOGUE,
    "POST /titles/{title_id}/restore": Permission.EDIT_CATALOGUE,
    "GET /titles/{title_id}/availability": OPEN,
    "GET /titles/{title_id}/related": OPEN,
    "GET /titles/{title_id}/citation": OPEN,
    "POST /titles/{title_id}/copies": Permission.EDIT_CATALOGUE,
    "GET /copies/{barcode}": OPEN,
    "PUT /copies/{copy_id}": Permission.EDIT_CATALOGUE,
    "DELETE /copies/{copy_id}": Permission.EDIT_CATALOGUE,
    "POST /copies/{copy_id}/withdraw": Permission.EDIT_CATALOGUE,
    "POST /copies/{copy_id}/reinstate": Permission.EDIT_CATALOGUE,
    "GET /authors": OPEN,
    "GET /authors/{author_id}": OPEN,
    "PUT /authors/{author_id}": Permission.EDIT_CATALOGUE,
    "POST /authors/{author_id}/merge": Permission.EDIT_CATALOGUE,
    "GET /genres": OPEN,
    "GET /series/{series_id}": OPEN,
    "GET /kinds": OPEN,
    "POST /kinds": Permission.EDIT_CATALOGUE,
    "PUT /kinds/{kind_id}": Permission.EDIT_CATALOGUE,
    "DELETE /kinds/{kind_id}": Permission.EDIT_CATALOGUE,
    "GET /library": OPEN,
    "GET /locations": OPEN,
    "POST /locations": Permission.EDIT_CATALOGUE,
    "PUT /locations/{location_id}": Permission.EDIT_CATALOGUE,
    "GET /sections": OPEN,
    "POST /sections": Permission.EDIT_CATALOGUE,
    "GET /sections/{section_id}": OPEN,
    "PUT /sections/{section_id}": Permission.EDIT_CATALOGUE,
    "DELETE /sections/{section_id}": Permission.EDIT_CATALOGUE,
    "GET /members": Permission.READ_MEMBERS,
    "POST /members": Permission.EDIT_MEMBERS,
    "GET /members/types": OPEN,
    "POST /members/types": Permission.MANAGE_POLICY,
    "PUT /members/types/{type_id}": Permission.MANAGE_POLICY,
    "POST /staff": Permission.MANAGE_STAFF,
    "GET /members/{account_id}/card": Permission.READ_MEMBERS,
    "POST /members/{member_id}/loans/renew-all": Permission.CIRCULATE,
    "GET /members/{account_id}": Permission.READ_MEMBERS,
    "PUT /members/{account_id}": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/suspend": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/disable": Permission.EDIT_MEMBERS,
    "GET /members/{account_id}/close": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/close": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/reactivate": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/renew-membership": Permission.EDIT_MEMBERS,
    "POST /members/{account_id}/role": Permission.MANAGE_STAFF,
    "GET /members/{member_id}/loans": Permission.CIRCULATE,
    "GET /members/{member_id}/standing": Permission.CIRCULATE,
    "POST /loans": Permission.CIRCULATE,
    "POST /loans/dry-run": Permission.CIRCULATE,
    "POST /loans/{loan_id}/renew": Permission.BORROW,
    "POST /loans/{loan_id}/renew/dry-run": Permission.BORROW,
    "POST /returns": Permission.CIRCULATE,
    "GET /desk/scan": Permission.CIRCULATE,
    "GET /desk/members/{account_id}": Permission.CIRCULATE,
    "GET /desk/acts": Permission.CIRCULATE,
    "POST /desk/acts/{act_id}/undo": Permission.CIRCULATE,
    "POST /offline/acts": Permission.CIRCULATE,
    "GET /offline/tasks": Permission.CIRCULATE,
    "POST /offline/tasks/{task_id}/retry": Permission.CIRCULATE,
    "POST /offline/tasks/{task_id}/resolve": Permission.CIRCULATE,
    "POST /offline/tasks/{task_id}/dismiss": Permission.CIRCULATE,
    "GET /me/holds": Permission.USE_ACCOUNT,
    "POST /me/holds": Permission.BORROW,
    "GET /me/holds/past": Permission.USE_ACCOUNT,
    "POST /me/holds/dry-run": Permission.BORROW,
    "GET /titles/{title_id}/waiting": OPEN,
    "GET /titles/{title_id}/holds": Permission.CIRCULATE,
    "GET /titles/{title_id}/holds/expected-wait": Permission.BORROW,
    "POST /titles/{title_id}/holds/cancel": Permission.CIRCULATE,
    "POST /holds": Permission.CIRCULATE,
    "POST /holds/dry-run": Permission.CIRCULATE,
    "GET /holds/shelf": Permission.CIRCULATE,
    "GET /holds/take-off": Permission.CIRCULATE,
    "GET /holds/pull-list": Permission.CIRCULATE,
    "GET /holds/slips": Permission.CIRCULATE,
    "GET /holds/{hold_id}/slip": Permission.CIRCULATE,
    "POST /holds/{hold_id}/cancel": Permission.BORROW,
    "POST /holds/{hold_id}/suspend": Permission.BORROW,
    "POST /holds/{hold_id}/resume": Permission.BORROW,
    "POST /holds/{hold_id}/move": Permission.CIRCULATE,
    "POST /holds/{hold_id}/extend": Permission.CIRCULATE,
    "POST /holds/{hold_id}/copy": Permission.BORROW,
    "GET /members/{member_id}/holds": Permission.CIRCULATE,
    "GET /members/{member_id}/holds/past": Permission.CIRCULATE,
    "GET /holds/pull-list/pdf": Permission.CIRCULATE,
    "GET /holds/slips/new": Permission.CIRCULATE,
    "POST /holds/slips/new": Permission.CIRCULATE,
    "GET /worklists/inbox": Permission.CIRCULATE,
    "GET /worklists/overdue": Permission.READ_MEMBERS,
    "GET /worklists/copies/{status}": Permission.EDIT_CATALOGUE,
    "GET /worklists/lost": Permission.CIRCULATE,
    "GET /worklists/unserved": Permission.CIRCULATE,
    "GET /worklists/soon-lost": Permission.CIRCULATE,
    "POST /receipts/{payment_id}/take-back": Permission.TAKE_PAYMENTS,
    "GET /till/receipts": Permission.TAKE_PAYMENTS,
    "GET /weeding/csv": Permission.EDIT_CATALOGUE,
    "GET /me/owed": Permission.USE_ACCOUNT,
    "GET /me/charges": Permission.USE_ACCOUNT,
    "GET /me/receipts": Permission.USE_ACCOUNT,
    "GET /me/statement": Permission.USE_ACCOUNT,
    "GET /me/statement/pdf": Permission.USE_ACCOUNT,
    "GET /receipts/{payment_id}": Permission.USE_ACCOUNT,
    "GET /receipts/{payment_id}/pdf": Permission.USE_ACCOUNT,
    "GET /members/{member_id}/owed": Permission.CIRCULATE,
    "GET /members/{member_id}/charges": Permission.TAKE_PAYMENTS,
    "GET /members/{member_id}/receipts": Permission.TAKE_PAYMENTS,
    "GET /members/{member_id}/statement": Permission.TAKE_PAYMENTS,
    "GET /members/{member_id}/statement/pdf": Permission.TAKE_PAYMENTS,
    "POST /members/{member_id}/payments": Permission.TAKE_PAYMENTS,
    "POST /members/{member_id}/charges": Permission.TAKE_PAYMENTS,
    "POST /charges/{charge_id}/waive": Permission.WAIVE_CHARGES,
    "POST /charges/{charge_id}/refund": Permission.TAKE_PAYMENTS,
    "GET /till": Permission.TAKE_PAYMENTS,
    "GET /till/closings": Permission.TAKE_PAYMENTS,
    "POST /till/closings": Permission.TAKE_PAYMENTS,
    "GET /till/closings/{closing_id}": Permission.TAKE_PAYMENTS,
    "GET /till/closings/{closing_id}/pdf": Permission.TAKE_PAYMENTS,
    "POST /copies/not-there": Permission.CIRCULATE,
    "POST /loans/{loan_id}/lost": Permission.CIRCULATE,
    "POST /loans/{loan_id}/lost/dry-run": Permission.CIRCULATE,
    "POST /loans/{loan_id}/claim": Permission.CIRCULATE,
    "POST /loans/{loan_id}/claim/clear": Permission.CIRCULATE,
    "GET /claims": Permission.CIRCULATE,
    "GET /repairs": Permission.CIRCULATE,
    "POST /copies/{copy_id}/mend": Permission.CIRCULATE,
    "GET /weeding": Permission.EDIT_CATALOGUE,
    "GET /me/exceptions": Permission.USE_ACCOUNT,
    "GET /members/{member_id}/exceptions": Permission.CIRCULATE,
    "POST /members/{member_id}/exceptions": Permission.OVERRIDE_BLOCKS,
    "POST /exceptions/{exception_id}/end": Permission.OVERRIDE_BLOCKS,
    "GET /policy/lines": OPEN,
    "POST /policy/lines": Permission.MANAGE_POLICY,
    "PUT /policy/lines/{line_id}": Permission.MANAGE_POLICY,
    "DELETE /policy/lines/{line_id}": Permission.MANAGE_POLICY,
    "GET /policy/effective": OPEN,
    "GET /policy/state": Permission.MANAGE_POLICY,
    "POST /policy/replay": Permission.MANAGE_POLICY,
    "GET /policy/changes": Permission.MANAGE_POLICY,
    "POST /policy/changes": Permission.MANAGE_POLICY,
    "DELETE /policy/changes/{change_id}": Permission.MANAGE_POLICY,
    "GET /loans/{loan_id}/due": Permission.BORROW,
    "GET /me/acts": Permission.BORROW,
    "POST /me/acts/{act_id}/undo": Permission.BORROW,
    "GET /members/{member_id}/loans/slip": Permission.CIRCULATE,
    "GET /titles/{title_id}/copies/due": OPEN,
    "GET /titles/{title_id}/copies/out": Permission.CIRCULATE,
    "GET /policy/replay/period": Permission.MANAGE_POLICY,
    "GET /me/pin": Permission.USE_ACCOUNT,
    "GET /members/{account_id}/pin": Permission.READ_MEMBERS,
    "POST /calendar/changes/{change_id}/take-back/preview": Permission.MANAGE_CLOSURES,
    "GET /calendar/days": OPEN,
    "GET /calendar/closures": OPEN,
    "POST /calendar/closures": Permission.MANAGE_CLOSURES,
    "DELETE /calendar/closures/{closure_id}": Permission.MANAGE_CLOSURES,
    "GET /calendar/changes": Permission.MANAGE_CLOSURES,
    "POST /calendar/changes": Permission.MANAGE_CLOSURES,
    "POST /calendar/changes/preview": Permission.MANAGE_CLOSURES,
    "POST /calendar/changes/{change_id}/take-back": Permission.MANAGE_CLOSURES,
    "GET /settings": Permission.MANAGE_SETTINGS,
    "GET /settings/{group}": Permission.MANAGE_SETTINGS,
    "PUT /settings/{group}": Permission.MANAGE_SETTINGS,
    "GET /settings/{group}/history": Permission.MANAGE_SETTINGS,
    "GET /overview": Permission.READ_REPORTS,
    "GET /audit/actions": Permission.READ_AUDIT,
    "GET /integrity": Permission.READ_AUDIT,
    "GET /integrity/runs": Permission.READ_AUDIT,
    "POST /integrity/runs": Permission.READ_AUDIT,
    "GET /integrity/runs/{run_id}": Permission.READ_AUDIT,
    "POST /integrity/repairs/{name}": Permission.REPAIR_DATA,
    "GET /night/jobs": Permission.READ_AUDIT,
    "GET /night/runs": Permission.READ_AUDIT,
    "GET /imports": Permission.IMPORT,
    "POST /imports": Permission.IMPORT,
    "POST /imports/preview": Permission.IMPORT,
    "GET /imports/{run_id}": Permission.IMPORT,
    "GET /imports/{run_id}/faults": Permission.IMPORT,
    "GET /exports/{kind}": Permission.IMPORT,
    "GET /audit": Permission.READ_AUDIT,
    "GET /mailbox": Permission.READ_MAILBOX,
    "GET /terminals": Permission.MANAGE_SETTINGS,
    "POST /terminals": Permission.MANAGE_SETTINGS,
    "POST /terminals/{terminal_id}/secret": Permission.MANAGE_SETTINGS,
    "DELETE /terminals/{terminal_id}": Permission.MANAGE_SETTINGS,
    "PUT /me/pin": Permission.USE_ACCOUNT,
    "DELETE /me/pin": Permission.USE_ACCOUNT,
    "PUT /members/{account_id}/pin": Permission.EDIT_MEMBERS,
    "DELETE /members/{account_id}/pin": Permission.EDIT_MEMBERS,
    "DELETE /members/{account_id}/pin/lock": Permission.EDIT_MEMBERS,
    "PATCH /terminals/{terminal_id}": Permission.MANAGE_SETTINGS,
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /terminals": {"kind": "sip2", "login": "hall-1", "name": "Hall"},
    "PATCH /terminals/{terminal_id}": {"takes_returns": True},
    "PUT /me/pin": {"pin": "4711", "password": "x"},
    "PUT /members/{account_id}/pin": {"pin": "4711"},
    "POST /me/holds": {"title_id": 999},
    "POST /me/holds/dry-run": {"title_id": 999},
    "POST /holds": {"title_id": 999, "member_id": 999},
    "POST /holds/dry-run": {"title_id": 999, "member_id": 999},
    "POST /titles/{title_id}/holds/cancel": {"reason": "because"},
    "POST /holds/{hold_id}/cancel": {"reason": "because"},
    "POST /holds/{hold_id}/suspend": {"until": "2026-03-20"},
    "POST /holds/{hold_id}/move": {"position": 1, "reason": "because"},
    "POST /holds/{hold_id}/extend": {"until": "2026-03-20", "reason": "because"},
    "POST /holds/{hold_id}/copy": {"copy_id": None},
    "POST /members/{member_id}/payments": {"amount_minor": 100, "method": "cash"},
    "POST /members/{member_id}/charges": {"kind": "other", "amount_minor": 100, "what": "A bag"},
    "POST /charges/{charge_id}/waive": {"reason": "because"},
    "POST /charges/{charge_id}/refund": {"amount_minor": 100, "method": "cash", "reason": "because"},
    "POST /receipts/{payment_id}/take-back": {"reason": "because"},
    "POST /till/closings": {"cash_counted_minor": 0},
    "POST /copies/{copy_id}/mend": {"condition": "good"},
    "POST /members/{member_id}/exceptions": {
        "name": "max_loans",
        "amount": 9,
        "until": "2026-04-01",
        "reason": "because",
    },
    "POST /auth/keys": {"name": "key", "scopes": ["search"]},
    "PUT /me": {"name": "Somebody Else"},
    "POST /me/password": {"old": "x", "new": "y"},
    "POST /me/loans": {"title_id": 999},
    "POST /me/loans/dry-run": {"title_id": 999},
    "POST /registrations/{account_id}/reject": {"reason": "because"},
    "POST /titles": {"title": "A new one"},
    "POST /titles/bulk-edit": {"title_ids": []},
    "PUT /titles/{title_id}": {"title": "Other"},
    "POST /titles/{title_id}/copies": {"count": 1},
    "PUT /copies/{copy_id}": {},
    "POST /copies/{copy_id}/withdraw": {"reason": "because"},
    "POST /sections": {"name": "New section"},
    "PUT /sections/{section_id}": {"name": "Other"},
    "POST /members": {"name": "New Member"},
    "PUT /members/{account_id}": {"name": "Other"},
    "POST /members/{account_id}/suspend": {"reason": "because"},
    "POST /members/{account_id}/disable": {"reason": "because"},
    "POST /members/{account_id}/close": {"reason": "because"},
    "POST /me/close": {"password": "x"},
    "POST /members/{account_id}/role": {"role": "librarian"},
    "POST /me/email": {"email": "new@example.org", "password": "x"},
    "PUT /me/history": {"keep": True},
    "PUT /authors/{author_id}": {"name": "Other"},
    "POST /authors/{author_id}/merge": {"other_ids": []},
    "POST /kinds": {"code": "board-game", "name": "Board game"},
    "PUT /kinds/{kind_id}": {"name": "Other"},
    "POST /locations": {"code": "EAST", "name": "East"},
    "PUT /locations/{location_id}": {"code": "EAST", "name": "East"},
    "POST /members/types": {"code": "student", "name": "Student"},
    "PUT /members/types/{type_id}": {"code": "student", "name": "Student"},
    "POST /staff": {"name": "Mira Okafor", "email": "mira@example.org"},
    "POST /loans": {"barcode": "nothing", "member_id": 999},
    "POST /loans/dry-run": {"barcode": "nothing", "member_id": 999},
    "POST /returns": {"barcode": "nothing"},
    "POST /offline/acts": {
        "acts": [
            {
                "client_id": "7c0d5b52-6a0e-4a57-9a6c-0f8f4f1f8f11",
                "kind": "return",
                "barcode": "nothing",
                "recorded_at": "2026-03-10T09:00:00+01:00",
            }
        ]
    },
    "POST /offline/tasks/{task_id}/resolve": {"note": "by hand"},
    "POST /offline/tasks/{task_id}/dismiss": {"note": "because"},
    "POST /policy/lines": {"values": {}},
    "PUT /policy/lines/{line_id}": {"values": {}},
    "POST /policy/replay": {"first": "2026-01-01", "last": "2026-02-01", "lines": []},
    "POST /policy/changes": {"holds_from": "2026-05-01", "lines": [], "seen_mark": ""},
    "POST /calendar/closures": {"kind": "weekly", "weekday": 6},
    "POST /calendar/changes": {"add": [{"kind": "weekly", "weekday": 5}]},
    "POST /calendar/changes/preview": {"add": [{"kind": "weekly", "weekday": 5}]},
    "PUT /settings/{group}": {"values": {}},
}
UNKEYED = re.compile(
    r"/auth/|/registrations(/confirm|/resend)?$|/me/(password|email|close)|/terminals"  # their answers are secret
    r"|/dry-run$|/preview$|/replay$"  # nothing is done
    r"|/offline/|/imports$|/integrity/|/holds/slips/new$"  # a repeat does nothing, or is told so
)
SPAN = {"first": "2026-03-01", "last": "2026-03-02"}
PARAMS: dict[str, dict[str, str]] = {
    "GET /calendar/days": SPAN,
    "GET /me/statement": SPAN,
    "GET /me/statement/pdf": SPAN,
    "GET /members/{member_id}/statement": SPAN,
    "GET /members/{member_id}/statement/pdf": SPAN,
    "GET /desk/scan": {"text": "nobody"},
    "GET /holds/slips": {"hold_id": "987654"},
}
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
            method, _filled(path), json=BODIES.get(route), params=PARAMS.get(route), headers={"If-Match": '"1"'}
        )
        allowed = MATRIX[route] in GRANTS[role]
        refused = {401} if role is Role.GUEST else {403}
        if (answer.status_code in refused) is allowed or answer.status_code >= 500:
            wrong.append(f"{route}: {answer.status_code} {answer.text[:120]}")
    assert wrong == []


@pytest.mark.parametrize("route", [route for route in ROUTES if MATRIX[route] is OPEN and route.startswith("GET")])
def test_guests_may_read_what_is_open(served_sqlite: Installation, route: str) -> None:
    call = caller(served_sqlite, Role.GUEST)
    answer = call("GET", _filled(route.split()[1]), params=PARAMS.get(route))
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
        answer = call(method, _filled(path), json=BODIES.get(route), params=PARAMS.get(route))
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
            answer = call(method, _filled(path), json=BODIES.get(route), params=PARAMS.get(route))
            answers[route] = answer.status_code
    assert {route: status for route, status in answers.items() if status != 403} == {}


def _filled(path: str) -> str:
    known = {
        "{which}": "recent",
        "{status}": "lost",
        "{group}": "library",
        "{barcode}": "nothing",
        "{isbn}": "9780441478125",
        "{kind}": "titles",
    }
    for name, value in known.items():
        path = path.replace(name, value)
    return re.sub(r"\{\w+\}", "987654", path)
