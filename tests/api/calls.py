"""A call of each route: bodies and parameters that pass the checks of form, numbers of nobody and nothing."""

import re
from typing import Any

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


def filled(path: str) -> str:
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
