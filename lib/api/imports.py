"""Imports: a file is looked at, tried, imported, and reported on; and the library as files again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.api.answers import Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading
from lib.api.files import CsvResponse, file_body, received, require_media
from lib.api.strictness import FileRoute
from lib.kit.errors import Fault, Invalid
from lib.ops.export import export_lines
from lib.ops.imports.report import ImportReport, fault_file, import_report, import_runs
from lib.ops.imports.run import Preview, import_file, preview_file

LARGEST = 50_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = ("text/csv", "text/tab-separated-values", "text/plain", XLSX, "application/octet-stream")
router = APIRouter(tags=["Imports and exports"], route_class=FileRoute, dependencies=[needs(Permission.IMPORT)])


class Kind(StrEnum):
    """What a file holds, in the order in which a new library wants it."""

    TITLES = "titles"
    COPIES = "copies"
    MEMBERS = "members"
    LOANS = "loans"


class How:
    """How a file is to be read."""

    def __init__(
        self,
        kind: Annotated[Kind, Query(description="What the file holds.", examples=["titles"])],
        file_name: Annotated[str, Query(max_length=200, examples=["books.csv"])] = "upload.csv",
        source: Annotated[
            str | None, Query(max_length=60, description="Under which name the ids of the file are kept.")
        ] = None,
        column: Annotated[
            list[str],
            Query(
                max_length=200,
                description="`Header=field` where a guess is wrong; `Header=` leaves it out.",
            ),
        ] = [],  # noqa: B006
    ) -> None:
        if odd := [pair for pair in column if "=" not in pair]:
            raise Invalid(*(Fault("column", f"Write Header=field, not “{pair[:60]}”.") for pair in odd[:5]))
        self.kind, self.file_name, self.source = kind.value, Path(file_name).name or "upload.csv", source or None
        self.columns = dict(pair.rsplit("=", 1) for pair in column)

    def options(self, actor: Caller, path: Path) -> dict[str, Any]:
        """Keywords of a preview or an import: the guessed columns with those given put over them."""
        found: dict[str, Any] = {"source": self.source, "file_name": self.file_name}
        if self.columns:
            guessed = preview_file(opened(), actor, self.kind, path, **found).columns
            found["mapping"] = {one.header: one.field for one in guessed} | self.columns
        return found


Reading = Annotated[How, Depends(How)]


@router.post("/imports/preview", summary="How a file would be read; changes nothing", openapi_extra=file_body(*TABLES))
async def post_preview(actor: Caller, how: Reading, request: Request) -> Preview:
    """The file is the body: CSV, TSV or XLSX, up to 50 MB and 200,000 rows."""
    require_media(request, *TABLES)
    async with received(request, LARGEST, Path(how.file_name).suffix[:10]) as path:
        return await run_in_threadpool(_look, actor, how, path)


@router.post("/imports", summary="Import a file; the same file again adds nothing", openapi_extra=file_body(*TABLES))
async def post_import(
    actor: Caller,
    how: Reading,
    request: Request,
    dry_run: Annotated[bool, Query(description="Do everything, keep nothing but the report.")] = False,
    all_or_nothing: Annotated[bool, Query(description="Keep nothing if a single row is refused.")] = False,
) -> ImportReport:
    """The file is the body. The answer comes when the import is done; large files take minutes, and its report can be
    asked for meanwhile under `GET /imports`."""
    require_media(request, *TABLES)
    async with received(request, LARGEST, Path(how.file_name).suffix[:10]) as path:
        return await run_in_threadpool(_import, actor, how, path, dry_run, all_or_nothing)


@router.get("/imports", summary="Imports, the newest first")
def get_imports(actor: Caller, paging: Paging) -> Listing[ImportReport]:
    with reading(actor) as uow:
        return paging.listing(import_runs(uow, page=paging.page, size=paging.size))


@router.get("/imports/{run_id}", summary="The report of an import, with its first hundred faults")
def get_import(actor: Caller, run_id: RowId) -> ImportReport:
    with reading(actor) as uow:
        return import_report(uow, run_id)


@router.get("/imports/{run_id}/faults", summary="Every refused row, with line, column and reason, as CSV",
            response_class=CsvResponse)  # fmt: skip
def get_import_faults(actor: Caller, run_id: RowId) -> Response:
    with reading(actor) as uow:
        import_report(uow, run_id)
        return CsvResponse(fault_file(uow, run_id), f"refused-{run_id}")


@router.get("/exports/{kind}", summary="Titles, copies, members or loans as CSV that imports again",
            response_class=CsvResponse)  # fmt: skip
def get_export(actor: Caller, kind: Kind) -> Response:
    """Members and loans hold personal data; that they were exported is audited."""
    with reading(actor) as uow:
        return CsvResponse(export_lines(uow, kind.value), kind.value)


def _look(actor: Caller, how: How, path: Path) -> Preview:
    return preview_file(opened(), actor, how.kind, path, **how.options(actor, path))


def _import(actor: Caller, how: How, path: Path, dry_run: bool, all_or_nothing: bool) -> ImportReport:
    options = how.options(actor, path) | {"dry_run": dry_run, "all_or_nothing": all_or_nothing}
    return import_file(opened(), actor, how.kind, path, **options)
