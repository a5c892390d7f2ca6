"""schemathesis asks every operation strange things, as a guest and as an admin: never a 500, never an answer that the
description does not know."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.api_tokens import actor_of_token, issue_tokens
from lib.api.app import api
from lib.api.guard import Guard
from lib.kit.clock import SetClock
from tests.api.conftest import PASSWORD, caller
from tests.builders import a_copy, a_title

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))  # an operation
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
settings = hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, print_blob=False,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def behind_the_door(served_sqlite: Installation) -> Guard:
    """The API as it is served, with the guard before it, over a library with something in it."""
    for _ in range(3):
        a_copy(served_sqlite, a_title(served_sqlite))
    return Guard(_mounted)


async def _mounted(scope: Any, receive: Any, send: Any) -> None:
    """The API at its path, also where the path has a line break, which Starlette's Mount does not see."""
    await api(dict(scope) | {"root_path": "/api/v1"}, receive, send)


def _credentials(library: Installation, role: Role, clock: SetClock) -> Callable[[], dict[str, str]]:
    """Headers of a caller, signed in again (minutes later, past the limit of attempts) where the token was ended."""
    if role is Role.GUEST:
        return dict
    held = caller(library, role).headers

    def headers() -> dict[str, str]:
        if actor_of_token(library, held["Authorization"].removeprefix("Bearer ")) is None:
            clock.forward(timedelta(minutes=10))
            tokens = issue_tokens(library, role.value, PASSWORD, "127.0.0.1")
            held["Authorization"] = f"Bearer {tokens.access}"
        return held

    return headers


@pytest.mark.parametrize("role", [Role.GUEST, Role.ADMIN])
def test_whatever_is_asked_the_answer_is_one_that_is_described(
    behind_the_door: Guard, served_sqlite: Installation, clock: SetClock, role: Role
) -> None:
    load_all_checks()
    checks = CHECKS.get_by_names(list(WANTED))
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", behind_the_door)
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, "413"]
    headers = _credentials(served_sqlite, role, clock)
    wrong: dict[str, str] = {}
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings
        @hypothesis.given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
        def ask(case: Any) -> None:
            response = case.call(headers=headers())
            case.validate_response(response, checks=checks)

        try:
            ask()
        except FailureGroup as group:  # every operation is asked before any is reported
            wrong[operation.label] = str(group)[:2000]
    assert wrong == {}, "\n\n".join(f"{name}: {text}" for name, text in wrong.items())
