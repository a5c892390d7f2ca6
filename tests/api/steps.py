"""Steps that tests of the API take."""

from datetime import timedelta
from typing import Any

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.api_tokens import issue_tokens
from lib.kit.clock import SetClock
from tests.api.conftest import PASSWORD, Caller, caller
from tests.circulation.steps import rows


def later(library: Installation, *callers: Caller, **by: int) -> None:
    """Lets time pass; tokens end meanwhile, so everybody signs in again."""
    assert isinstance(library.clock, SetClock)
    library.clock.forward(timedelta(**by))
    for call in callers:
        assert call.actor is not None
        tokens = issue_tokens(library, call.actor.role.value, PASSWORD, "127.0.0.1")
        call.headers = {"Authorization": f"Bearer {tokens.access}"}


def ok(answer: Any, status: int = 200) -> Any:
    """The body of an answer that must be of this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The facts of a refusal that must be of this status and code."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    facts: dict[str, Any] = answer.json()["facts"]
    return facts


def is_pdf(answer: Any) -> bool:
    """Whether an answer is a document to save and kept by nobody in between."""
    headers = answer.headers
    return bool(
        answer.content.startswith(b"%PDF")
        and headers["content-type"] == "application/pdf"
        and headers["cache-control"] == "no-store"
        and ".pdf" in headers["content-disposition"]
    )


def a_new_title(desk: Caller, title: str, copies: int = 1) -> tuple[int, list[str]]:
    """A title made by the desk: its id and its copies' barcodes."""
    made = ok(desk("POST", "/titles", json={"title": title}), 201)["id"]
    return made, ok(desk("POST", f"/titles/{made}/copies", json={"count": copies}), 201)["barcodes"]


def the_staff(library: Installation) -> tuple[Caller, Caller]:
    """A librarian and a member, who call."""
    return caller(library, Role.LIBRARIAN), caller(library, Role.MEMBER)


def copy_id_of(library: Installation, barcode: str) -> int:
    return int(rows(library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0])
