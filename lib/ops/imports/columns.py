"""Which column means what: guessed from headers and content, remembered for files with the same first line,
and always told. A mapping that is given wins over one that is remembered, which wins over a guess."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, delete, insert, select

from lib.kit.text import fold
from lib.ops.imports.errors import NoColumns, NoSuchMapping, UnknownKind
from lib.ops.imports.fields import FIELDS, NEEDED, Field
from lib.ops.imports.reading import Line, Table
from lib.ops.models import ImportMapping

SAMPLE_ROWS = 400
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: what it is taken for ("" for nothing), why, and its first values."""

    header: str
    field: str
    label: str
    why: str
    samples: tuple[str, ...]


def columns_of(
    connection: Connection, kind: str, table: Table, mapping: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """What each column of a file is taken for. `mapping` is header → field name, "" for columns to leave out;
    columns it does not name are left out too.

    Raises:
        UnknownKind: nothing of this kind can be imported.
        NoSuchMapping: the mapping names a column or field that is not there.
        NoColumns: a column that this kind cannot do without was not found.
    """
    if kind not in FIELDS:
        raise UnknownKind(kind=kind)
    sample = list(islice((line for line in table.lines() if not line.fault), SAMPLE_ROWS))
    if mapping is not None:
        chosen, why = _checked(kind, table.headers, mapping), "chosen"
    elif kept := remembered(connection, kind, table.headers):
        chosen, why = kept, "as last time"
    else:
        chosen, why = guess(kind, table.headers, sample), ""
    _check_needed(kind, table.headers, chosen)
    labels = {field.name: field.label for field in FIELDS[kind]}
    return tuple(
        Column(header, name, labels.get(name, ""), why or ("by name and content" if name else "not used"),
               _first_values(sample, at))
        for at, header in enumerate(table.headers) for name in [chosen.get(header, "")]
    )  # fmt: skip


def _first_values(sample: Sequence[Line], at: int) -> tuple[str, ...]:
    return tuple(islice((line.cells[at][:80] for line in sample if line.cells[at].strip()), 3))


def header_key(headers: Sequence[str]) -> str:
    """The same for files whose first lines name the same columns in the same order."""
    return hashlib.sha256(json.dumps([plain(header) for header in headers]).encode()).hexdigest()[:32]


def plain(header: str) -> str:
    """A header as it is compared: folded words, "checkedOut" and "checked_out" and "Checked out" alike."""
    return _SIGNS.sub(" ", fold(_HUMP.sub(" ", header))).strip()


def remembered(connection: Connection, kind: str, headers: Sequence[str]) -> dict[str, str] | None:
    """The mapping by which files with this first line were imported last."""
    query = select(ImportMapping.mapping).where(
        ImportMapping.kind == kind, ImportMapping.header_key == header_key(headers)
    )
    kept = connection.execute(query).scalar()
    fields = list(kept.get("fields", ())) if kept else []
    known = {field.name for field in FIELDS[kind]} | {""}
    return dict(zip(headers, fields, strict=True)) if len(fields) == len(headers) and set(fields) <= known else None


def remember(connection: Connection, kind: str, columns: Sequence[Column], source: str, at: datetime) -> None:
    """Keeps how a file was read, and under which source, for the next one with the same first line."""
    key = header_key([column.header for column in columns])
    kept = {"fields": [column.field for column in columns], "source": source}
    connection.execute(delete(ImportMapping).where(ImportMapping.kind == kind, ImportMapping.header_key == key))
    connection.execute(insert(ImportMapping).values(kind=kind, header_key=key, mapping=kept, changed_at=at))


def _checked(kind: str, headers: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    known = {field.name: field.many for field in FIELDS[kind]}
    for header, name in mapping.items():
        if header not in headers:
            raise NoSuchMapping(name=header, known="the columns " + ", ".join(headers))
        if name and name not in known:
            raise NoSuchMapping(name=name, known="the fields " + ", ".join(known))
    names = [name for name in mapping.values() if name]
    twice = next((name for name in names if names.count(name) > 1 and not known[name]), None)
    if twice:
        raise NoSuchMapping(name=f"{twice}, twice", known="the fields that several columns may feed")
    return dict(mapping)


def _check_needed(kind: str, headers: Sequence[str], chosen: Mapping[str, str]) -> None:
    found = set(chosen.values())
    for group in NEEDED[kind]:
        if not found & set(group):
            labels = {field.name: field.label for field in FIELDS[kind]}
            raise NoColumns(
                kind=kind, found=", ".join(headers)[:300], wanted=" or ".join(labels[name] for name in group)
            )


def guess(kind: str, headers: Sequence[str], sample: Sequence[Line]) -> dict[str, str]:
    """The likeliest field of each column. Every pair gets a score from its header and its values; the best go first."""
    scores: list[tuple[float, int, str]] = []
    for at, header in enumerate(headers):
        name = plain(header)
        values = [line.cells[at].strip() for line in sample if line.cells[at].strip()]
        scores += [(score, -at, field.name) for field in FIELDS[kind] if (score := _score(field, name, values)) > 0]
    many = {field.name for field in FIELDS[kind] if field.many}
    chosen: dict[str, str] = {}
    for _, minus_at, field_name in sorted(scores, key=lambda item: item[:2], reverse=True):
        header = headers[-minus_at]
        if header not in chosen and (field_name in many or field_name not in chosen.values()):
            chosen[header] = field_name
    if kind == "copies" and not {"title_id", "isbn"} & set(chosen.values()):  # "id, copies": the ids are the titles'
        chosen = {header: "title_id" if name == "source_id" else name for header, name in chosen.items()}
    return chosen


def _score(field: Field, header: str, values: Sequence[str]) -> float:
    by_name = _name_score(field.names, header)
    if field.looks is None:
        return by_name
    fit = sum(map(field.looks, values)) / len(values) if values else 0.5
    if by_name:
        return by_name + 10 * fit if fit >= 0.4 else 0
    return 40 * fit if field.by_content and values and fit >= 0.9 else 0


def _name_score(names: Sequence[str], header: str) -> float:
    if header in names:
        return 100 - names.index(header)
    words = set(header.split())
    partial = [60 - 10 * (len(words) - len(parts)) for name in names if (parts := set(name.split())) and parts < words]
    return max(partial, default=0)
