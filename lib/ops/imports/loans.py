"""Rows of loans: which copy, which member, when; copies are made where a file tells of loans but of no copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.work import UnitOfWork
from lib.accounts.fields import email_key_of
from lib.catalogue.bulk import put_copies
from lib.catalogue.forms import CopyForm
from lib.catalogue.policy import barcode_of
from lib.circulation.bulk import PastLoan, Spans, put_loans
from lib.kit.bulk import fetch_in
from lib.ops.imports.copies import titles_meant
from lib.ops.imports.reading import Line
from lib.ops.imports.rows import Layout, Row, RowResult, Sources

NO_DATE = "This row has no date of issue, so it cannot become a loan."


@dataclass(slots=True)
class Told:
    """One row's loan as far as it is understood; `copy` may be a stand-in for one that is still to be made."""

    row: Row
    source_id: str
    title_id: int | None = None
    account_id: int | None = None
    copy: Any = None
    issued: datetime | None = None
    returned: datetime | None = None


def prepare(lines: Sequence[Line], layout: Layout) -> list[Told]:
    """Reads a batch of rows; needs no database, so that nobody waits meanwhile."""
    return [_read(Row(line, layout)) for line in lines]


def put(uow: UnitOfWork, told: Sequence[Told], sources: Sources) -> tuple[list[RowResult], int]:
    """Writes a batch of loans: one result a row, in order, and how many copies had to be made."""
    known = _known(uow, told, sources.own)
    new = [one for one in told if one.source_id not in known]
    _find_members(uow, new, sources.members)
    for one, title in zip(new, titles_meant(uow, [one.row for one in new], sources.titles), strict=True):
        one.title_id = title
    made = _find_copies(uow, new, sources)
    for one in told:
        if one.source_id in known:
            one.copy, one.account_id = known[one.source_id]
    good = [one for one in told if not one.row.faults]
    results = put_loans(uow, [_loan(one) for one in good], source=sources.own)
    outcome: dict[int, str] = {}
    for one, result in zip(good, results, strict=True):
        outcome[one.row.line.number] = result.outcome
        if result.reason:
            one.row.fault(result.field, result.reason)
    return [one.row.result(outcome.get(one.row.line.number)) for one in told], made


def _read(row: Row) -> Told:
    told = Told(row, row.text("source_id")[:100])
    told.issued = row.instant("issued")
    if told.issued is None and not row.faults:
        row.fault("issued", NO_DATE)
    told.returned = row.instant("returned")
    if told.issued and told.returned and told.returned < told.issued and _same_day(row, told):
        told.returned = told.issued
    row.day("due")
    row.whole("renewals", 0, 10_000)
    row.money("fine")
    if not told.source_id:  # the row itself is its id: who, what, when
        parts = ("member_id", "card_number", "email", "title_id", "barcode", "copy_no", "issued")
        told.source_id = "|".join([*map(row.text, parts), *row.texts("isbn")])
    return told


def _same_day(row: Row, told: Told) -> bool:
    """A book issued at ten and returned on the same day, of which the file tells no time."""
    assert told.issued is not None
    zone = row.layout.zone
    return row.is_bare_day("returned") and told.issued.astimezone(zone).date() == row.day("returned")


def _known(uow: UnitOfWork, told: Sequence[Told], source: str) -> dict[str, tuple[int, int]]:
    query = "SELECT source_id, copy_id, account_id FROM loan WHERE source = ? AND source_id IN (:values)"
    rows = fetch_in(uow.connection, query, [one.source_id for one in told], source)
    return {row[0]: (row[1], row[2] or 0) for row in rows}


def _find_members(uow: UnitOfWork, told: Sequence[Told], source: str) -> None:
    query = "SELECT source_id, id FROM account WHERE source = ? AND source_id IN (:values)"
    by_id = dict(fetch_in(uow.connection, query, [one.row.text("member_id") for one in told], source))
    query = "SELECT card_number, id FROM account WHERE card_number IN (:values)"
    by_card = dict(fetch_in(uow.connection, query, filter(None, (one.row.text("card_number") for one in told))))
    query = "SELECT email_key, id FROM account WHERE email_key IN (:values)"
    by_mail = dict(fetch_in(uow.connection, query, filter(None, (_mail(one.row) for one in told))))
    for one in told:
        key, card = one.row.text("member_id"), one.row.text("card_number")
        one.account_id = by_id.get(key) or by_card.get(card) or by_mail.get(_mail(one.row))
        if one.account_id is None:
            field = "member_id" if key else "card_number" if card else "email"
            who = key or card or one.row.text("email")
            place = f" from {source}" if key else ""
            one.row.fault(field, f"There is no member “{who[:60]}”{place}." if who else "This row names no member.")


def _mail(row: Row) -> str:
    text = row.text("email")
    return email_key_of(text) if text else ""


def _find_copies(uow: UnitOfWork, told: Sequence[Told], sources: Sources) -> int:
    codes = [code for one in told if (code := barcode_of(one.row.text("barcode")))]
    by_code = dict(fetch_in(uow.connection, "SELECT barcode, id FROM copy WHERE barcode IN (:values)", codes))
    shelves = _copies_by_title(uow, told)
    open_rows: list[Told] = []
    for one in told:
        code = barcode_of(one.row.text("barcode"))
        if code:
            one.copy = by_code.get(code)
            if one.copy is None:
                one.row.fault("barcode", f"There is no copy with barcode {code[:60]}.")
        elif one.row.text("copy_no"):
            _nth_copy(one, shelves, sources.titles)
        elif not one.row.faults:
            open_rows.append(one)
    return _any_copies(uow, open_rows, shelves, sources)


def _copies_by_title(uow: UnitOfWork, told: Sequence[Told]) -> dict[int, list[tuple[int, str | None, str | None]]]:
    titles = [one.title_id for one in told if one.title_id is not None]
    found: dict[int, list[tuple[int, str | None, str | None]]] = {}
    query = "SELECT title_id, id, source, source_id FROM copy WHERE title_id IN (:values) ORDER BY id"
    for title, copy_id, source, source_id in fetch_in(uow.connection, query, titles):
        found.setdefault(title, []).append((copy_id, source, source_id))
    return found


def _nth_copy(one: Told, shelves: dict[int, list[tuple[int, str | None, str | None]]], source: str) -> None:
    number = one.row.whole("copy_no", 1, 100_000)
    if number is None or one.title_id is None:
        return
    copies = shelves.get(one.title_id, [])
    named = next((c for c, src, key in copies if src == source and key == f"{one.row.text('title_id')}#{number}"), None)
    own = [c for c, src, _ in copies if src == source]
    one.copy = named or (own[number - 1] if number <= len(own) else None)
    if one.copy is None:
        one.row.fault("copy_no", f"There is no copy {number} of this title, only {len(own)} from {source}.")


def _any_copies(
    uow: UnitOfWork, told: Sequence[Told], shelves: dict[int, list[tuple[int, str | None, str | None]]],
    sources: Sources,
) -> int:  # fmt: skip
    """Gives each loan that names no copy the first one that was free then; makes one where none was."""
    spans = Spans()
    spans.load(uow, [copy_id for one in told for copy_id, *_ in shelves.get(one.title_id or 0, [])])
    stand_ins: dict[tuple[int, int], None] = {}
    for one in told:
        title, start = one.title_id, one.issued
        if title is None or start is None or (one.returned and one.returned < start) or start > uow.now:
            continue
        keys: list[Any] = [copy_id for copy_id, *_ in shelves.get(title, [])]
        keys += [key for key in stand_ins if key[0] == title]
        one.copy = next((key for key in keys if not spans.clash(key, start, one.returned)), None)
        if one.copy is None:
            one.copy = (title, len(keys) + 1)
            stand_ins[one.copy] = None
        spans.take(one.copy, start, one.returned)
    forms = [CopyForm(note=f"Made for loans from {sources.own}, which names no copies.")] * len(stand_ins)
    keys = [f"{title}#loan{number}" for title, number in stand_ins]
    made = put_copies(uow, [title for title, _ in stand_ins], forms, source=sources.titles, source_ids=keys)
    ids = {key: copy_id for key, (copy_id, _) in zip(stand_ins, made, strict=True)}
    for one in told:
        one.copy = ids.get(one.copy, one.copy)
    return len(made)


def _loan(one: Told) -> PastLoan:
    assert one.issued is not None
    return PastLoan(
        copy_id=one.copy or 0, account_id=one.account_id or 0, issued_at=one.issued, due_on=one.row.day("due"),
        returned_at=one.returned, renewals=one.row.whole("renewals", 0, 10_000) or 0,
        fine_minor=one.row.money("fine") or 0, source_id=one.source_id,
    )  # fmt: skip
