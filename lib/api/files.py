"""Files over the API: bodies written to disk while they come in, and answers that are no JSON."""

import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from lib.access.actor import Actor
from lib.access.opened import opened
from lib.access.work import UnitOfWork
from lib.api.callers import reading
from lib.api.throttle import admit_paper
from lib.ops.safe_cells import safe_cell

PORTION = 64 * 1024


class PdfResponse(Response):
    """A document to print; kept nowhere."""

    media_type = "application/pdf"

    def __init__(self, content: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> None:
        fixed = {"Content-Disposition": 'attachment; filename="library-card.pdf"', "Cache-Control": "no-store"}
        super().__init__(content, status_code, fixed | (headers or {}))


def pdf(content: bytes, name: str) -> PdfResponse:
    """A document under a name of its own (without its ending)."""
    return PdfResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'})


@contextmanager
def printing(actor: Actor) -> Iterator[UnitOfWork]:
    """A unit of work for a question whose answer is typeset.

    Raises:
        TooManyPapers.
    """
    admit_paper(actor)
    with reading(actor) as uow:
        yield uow


class CsvResponse(StreamingResponse):
    """A table as a file (UTF-8 with byte order mark, formulas escaped); kept nowhere."""

    media_type = "text/csv"

    def __init__(self, lines: Iterable[str], name: str, status_code: int = 200) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
        super().__init__(_portions(_on_disk(lines)), status_code, headers, "text/csv; charset=utf-8")


def csv_lines(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """A table as CSV, a line at a time; what a spreadsheet would run as a formula is escaped."""
    for row in (head, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([safe_cell(cell) for cell in row])
        yield line.getvalue()


def _on_disk(lines: Iterable[str]) -> IO[bytes]:
    """The whole table first, so that a slow reader holds no transaction and a refusal is still a refusal."""
    file = tempfile.TemporaryFile(dir=folder())  # noqa: SIM115  # closed by whoever reads it
    file.write("\ufeff".encode())
    for line in lines:
        file.write(line.encode())
    file.seek(0)
    return file


def _portions(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while portion := file.read(PORTION):
            yield portion


def folder() -> Path:
    """Where bodies and tables stand while they pass through."""
    found = opened().config.data_dir / "uploads"
    found.mkdir(parents=True, exist_ok=True)
    return found


@asynccontextmanager
async def received(request: Request, largest: int, suffix: str = "") -> AsyncIterator[Path]:
    """The body as a file, for as long as the block lasts; memory stays flat.

    Raises:
        HTTPException: 413 past `largest` bytes, 422 without a body.
    """
    with tempfile.NamedTemporaryFile(dir=await run_in_threadpool(folder), suffix=suffix) as file:
        seen = 0
        async for portion in request.stream():
            seen += len(portion)
            if seen > largest:
                raise HTTPException(413, f"Send at most {largest // 1_000_000} MB.")
            await run_in_threadpool(file.write, portion)
        if not seen:
            raise HTTPException(422, "Send the file as the body.")
        await run_in_threadpool(file.flush)
        yield Path(file.name)


def require_media(request: Request, *kinds: str) -> None:
    """Lets a body of one of these media types through.

    Raises:
        HTTPException: 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise HTTPException(415, f"Send one of: {', '.join(kinds)}.")


def file_body(*kinds: str) -> dict[str, Any]:
    """How a body that is a file is described."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": {}} for kind in kinds}}}
