"""The API's description: valid OpenAPI 3.1, complete, with examples that are of the form they illustrate."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis import openapi

from lib.api.app import api
from lib.api.examples import Examples

DOCUMENT: dict[str, Any] = api.openapi()
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method.upper()} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
every_operation = pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)


def _bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Media type and media object of the request body and every answer."""
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in (*bodies, *(_resolved(answer) for answer in operation["responses"].values())):
        yield from body.get("content", {}).items()


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    found: Any = DOCUMENT
    if "$ref" not in part:
        return part
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def test_it_is_openapi_3_1_and_a_tool_for_it_can_read_every_operation() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    schema = openapi.from_dict(DOCUMENT)
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(OPERATIONS)
    assert [found for found in schema.get_all_operations() if not found.ok().label] == []


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    for ref in set(_refs(DOCUMENT)):
        assert _resolved({"$ref": ref}), ref
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operation_ids_are_readable_and_one_of_a_kind() -> None:
    names = [given.values[2]["operationId"] for given in OPERATIONS]  # type: ignore[index]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_tag_is_explained_and_used() -> None:
    explained = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    used = {tag for given in OPERATIONS for tag in given.values[2]["tags"]}  # type: ignore[index]
    assert used == explained


@every_operation
def test_an_operation_says_what_it_does_and_how_it_is_refused(path: str, method: str, operation: Any) -> None:
    assert 3 < len(operation["summary"]) < 100
    statuses = set(operation["responses"])
    assert statuses >= {"415", "422", "429", "503"}
    if "requestBody" in operation:
        assert statuses >= {"400", "413"}
    if "{" in path:
        assert "404" in statuses
    for way in operation["security"]:
        if way.get("bearer"):
            assert statuses >= {"401", "403"}
            assert f"`{way['bearer'][0]}`" in operation["description"]
    for status, answer in operation["responses"].items():
        if status >= "400":
            assert set(_resolved(answer)["content"]) == {"application/problem+json"}


@every_operation
def test_every_body_has_an_example_of_its_own_form(path: str, method: str, operation: Any) -> None:
    for kind, media in _bodies(operation):
        if "json" not in kind:
            continue
        schema = media["schema"] | {"components": DOCUMENT["components"]}
        faults = [
            f"{fault.json_path}: {fault.message}"
            for fault in Draft202012Validator(schema).iter_errors(media["example"])
        ]
        assert faults == []


def test_no_example_is_made_of_fillers() -> None:
    examples = Examples(DOCUMENT["components"]["schemas"])
    for given in OPERATIONS:
        for kind, media in _bodies(given.values[2]):  # type: ignore[arg-type]
            if "json" in kind and "Problem" not in str(media["schema"]):
                examples.of(media["schema"])
    assert examples.missing == set()
