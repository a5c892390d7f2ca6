"""Every whole number, yes or no, day and moment of every body: what only looks like one is refused, by its field."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.api.app import api
from lib.api.examples import Examples
from tests.api.conftest import Caller, caller

NAMED: dict[str, Any] = api.openapi()["components"]["schemas"]
LIES: dict[str, tuple[Any, ...]] = {
    "integer": (True, False, "5", " 5", 5.0, 5.5),
    "boolean": (0, 1, 1.0, "true", "yes", "1"),
    "number": (True, "5"),
    "date": (0, 86400, "86400", True, 1.5),
    "date-time": (0, 1767225600, "1767225600", True),
}
Path = tuple[str | int, ...]


def places(schema: dict[str, Any], at: Path = (), seen: tuple[str, ...] = ()) -> Iterator[tuple[Path, str]]:
    """Where such values stand in a body, and what each is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from places(NAMED[name], at, (*seen, name))
        return
    for choice in schema.get("anyOf", ()):
        yield from places(choice, at, seen)
    kind = schema.get("format", schema.get("type"))
    if kind in LIES:
        yield at, kind
    for name, part in schema.get("properties", {}).items():
        yield from places(part, (*at, name), seen)
    if isinstance(schema.get("items"), dict):
        yield from places(schema["items"], (*at, 0), seen)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from places(schema["additionalProperties"], (*at, "name"), seen)


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in api.openapi()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield method.upper(), path, content["application/json"]["schema"]


CASES = [
    pytest.param(method, path, schema, at, kind, id=f"{method} {path} {'.'.join(map(str, at))}")
    for method, path, schema in bodies()
    for at, kind in places(schema)
]


def with_lie(body: Any, at: Path, lie: Any) -> Any:
    """The body with another value at a place; lists and objects on the way get what they need."""
    if not at:
        return lie
    if isinstance(at[0], int):
        return [with_lie(body[0] if isinstance(body, list) and body else {}, at[1:], lie)]
    base = deepcopy(body) if isinstance(body, dict) else {}
    return base | {at[0]: with_lie(base.get(at[0]), at[1:], lie)}


def test_there_are_many_such_places() -> None:
    assert len(CASES) > 60


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(NAMED)


@pytest.fixture
def admin(served_sqlite: Installation) -> Caller:
    return caller(served_sqlite, Role.ADMIN)


def test_no_field_takes_what_only_looks_like_a_number(admin: Caller, examples: Examples) -> None:
    taken: list[str] = []
    for case in CASES:
        method, path, schema, at, kind = case.values
        good = examples.of(schema)  # type: ignore[arg-type]
        for lie in LIES[str(kind)]:
            answer = admin(
                str(method),
                re.sub(r"\{\w+\}", "1", str(path)),
                json=with_lie(good, at, lie),
                headers={"If-Match": '"1"'},
            )
            named = [fault["field"] for fault in answer.json().get("faults", ())] if answer.status_code == 422 else []
            if not any(field.startswith(".".join(map(str, at))) for field in named):
                taken.append(f"{case.id} = {lie!r}: {answer.status_code} {answer.text[:200]}")
    assert taken == []


def test_no_setting_takes_what_only_looks_like_a_number(admin: Caller) -> None:
    taken, asked = [], 0
    for group in admin("GET", "/settings").json()["items"]:
        for field, value in group["values"].items():
            lies = LIES["boolean"] if isinstance(value, bool) else LIES["integer"] if isinstance(value, int) else ()
            for lie in lies:
                asked += 1
                answer = admin(
                    "PUT", f"/settings/{group['group']}", json={"values": {field: lie}},
                    headers={"If-Match": f'"{group["version"]}"'},
                )  # fmt: skip
                if answer.status_code != 422 or [one["field"] for one in answer.json()["faults"]] != [field]:
                    taken.append((group["group"], field, lie, answer.text[:100]))
    assert asked > 40
    assert taken == []
