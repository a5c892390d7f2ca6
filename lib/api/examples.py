"""Examples of every body in the API's description, composed from the schemas.

A schema says which fields there are; examples.json says what stands in them in a library. So an example never goes out
of step with what it illustrates; a field without a worthy value is found by a test.
"""

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
_TABLES = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
FIELDS: Schema = _TABLES["fields"]  # field → value
PLACES: Schema = _TABLES["places"]  # Schema.field → value, where the field means something else there
DAYS = {"date": "2026-03-10", "date-time": "2026-03-10T12:00:00Z"}


class Examples:
    """Composes examples over the named schemas of a description."""

    def __init__(self, named: dict[str, Schema]) -> None:
        self.named = named
        self.missing: set[str] = set()

    def of(self, schema: Schema, owner: str = "", field: str = "") -> Any:
        """An example of what a schema describes; `owner` and `field` say where it stands."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.of(self.named[name], name if "properties" in self.named[name] else owner, field)
        if (known := self._known(schema, owner, field)) is not _NOTHING:
            return known
        if "anyOf" in schema:
            return self._of_any(schema["anyOf"], owner, field)
        if "enum" in schema:
            return schema["enum"][0]
        if "properties" in schema:
            return {name: self.of(part, owner, name) for name, part in schema["properties"].items()}
        return self._plain(schema, owner, field)

    def _known(self, schema: Schema, owner: str, field: str) -> Any:
        """A value of the tables or of the field itself, where it is of this schema's form."""
        place = f"{owner}.{field}"
        if "properties" in schema or not field:
            return _NOTHING
        if place in PLACES and (PLACES[place] is not None or _takes_null(schema)):
            return PLACES[place]
        if schema.get("examples"):
            return schema["examples"][0]
        if field in FIELDS and _fits(FIELDS[field], schema):
            return FIELDS[field]
        return _NOTHING

    def _of_any(self, choices: list[Schema], owner: str, field: str) -> Any:
        first = next((choice for choice in choices if choice.get("type") != "null"), choices[0])
        return self.of(first, owner, field)

    def _plain(self, schema: Schema, owner: str, field: str) -> Any:
        kind = schema.get("type")
        if kind == "array":
            if "prefixItems" in schema:
                return [self.of(part, owner, field) for part in schema["prefixItems"]]
            return [self.of(schema.get("items", {}), owner, field)]
        if kind == "object":
            inner = schema.get("additionalProperties")
            return {"language": self.of(inner, owner, field)} if isinstance(inner, dict) and inner else {}
        if schema.get("format") in DAYS:
            return DAYS[schema["format"]]
        if kind == "boolean":
            return True
        self.missing.add(f"{owner}.{field}")
        return {"integer": 1, "number": 1.0, "null": None}.get(str(kind), "")


_NOTHING = object()
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "object": (dict,),
    "array": (list,),
}  # fmt: skip


def _takes_null(schema: Schema) -> bool:
    return any(choice.get("type") == "null" for choice in schema.get("anyOf", ()))


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a value of the table is of a schema's type; lists and objects are composed."""
    if "anyOf" in schema:
        return any(_fits(value, choice) for choice in schema["anyOf"])
    kind = schema.get("type")
    if kind == "null":
        return value is None
    if "enum" in schema:
        return value in schema["enum"]
    if isinstance(value, bool) and kind != "boolean":
        return False
    if schema.get("format") in DAYS and len(str(value)) != len(DAYS[schema["format"]]):
        return False
    return kind in _TYPES and isinstance(value, _TYPES[kind])
