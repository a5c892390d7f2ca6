"""The integrity check, its runs and repairs, and what the nights did."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.api.answers import Listing, Paging, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.strictness import StrictRoute
from lib.ops.auditor import FindingRow, RunRow, findings_of, run_audit, run_of, runs
from lib.ops.integrity import Finding, findings
from lib.ops.night_history import JobRunRow, last_runs, nights
from lib.ops.night_jobs import JOBS
from lib.ops.repairs import Proposal, Repaired, proposal, repair

router = APIRouter(tags=["Integrity"], route_class=StrictRoute)
READ, MEND = needs(Permission.READ_AUDIT), needs(Permission.REPAIR_DATA)
InvariantName = Annotated[
    str,
    Path(min_length=1, max_length=100, description="The name of what is broken.", examples=["title-counts-its-loans"]),
]


class ShownFinding(BaseModel):
    """A finding of a run, and what can be done about it now."""

    finding: FindingRow
    proposal: Proposal


class ShownRun(BaseModel):
    """A run with everything it found."""

    run: RunRow
    findings: list[ShownFinding]


class NightJob(BaseModel):
    """A night job: what it does, and how it went the last time."""

    name: str
    title: str
    says: str
    last: JobRunRow | None = Field(description="Empty: it has never run.")


@router.get(
    "/integrity", dependencies=[READ],
    summary="What is not as it must be: every invariant, the chains of the audit trail, the stored files",
)  # fmt: skip
def get_integrity(actor: Caller) -> Listing[Finding]:
    """Empty when all is well. Looks through the whole database, which takes seconds in a large library; nothing of it
    is kept."""
    with reading(actor) as uow:
        return listed(findings(uow))


@router.get("/integrity/runs", dependencies=[READ], summary="Integrity checks that were made, newest first")
def get_runs(actor: Caller, paging: Paging) -> Listing[RunRow]:
    with reading(actor) as uow:
        return paging.listing(runs(uow, page=paging.page, size=paging.size))


@router.post(
    "/integrity/runs", dependencies=[READ], status_code=201, summary="Make a whole integrity check and keep it"
)
def post_run(actor: Caller) -> ShownRun:
    """Looks through the whole database, which takes seconds in a large library; others go on working."""
    made = run_audit(opened(), asked_by="api", actor=actor)
    return _shown(actor, made.run.id)


@router.get("/integrity/runs/{run_id}", dependencies=[READ], summary="One integrity check with what it found")
def get_run(actor: Caller, run_id: RowId) -> ShownRun:
    return _shown(actor, run_id)


@router.post(
    "/integrity/repairs/{name}", dependencies=[MEND], summary="Mend every row that breaks an invariant now, where safe"
)
def post_repair(actor: Caller, name: InvariantName) -> Repaired:
    """Checked again in the same transaction: where a row stays broken, nothing is kept."""
    with working(actor) as uow:
        return repair(uow, name)


@router.get("/night/jobs", dependencies=[READ], summary="The night jobs, and how each went the last time")
def get_night_jobs(actor: Caller) -> Listing[NightJob]:
    with reading(actor) as uow:
        last = last_runs(uow)
    return listed(
        tuple(NightJob(name=job.name, title=job.title, says=job.says, last=last.get(job.name)) for job in JOBS)
    )


@router.get("/night/runs", dependencies=[READ], summary="The nights, newest first")
def get_nights(actor: Caller, paging: Paging) -> Listing[JobRunRow]:
    with reading(actor) as uow:
        return paging.listing(nights(uow, page=paging.page, size=paging.size))


def _shown(actor: Caller, run_id: int) -> ShownRun:
    with reading(actor) as uow:
        run, found = run_of(uow, run_id), findings_of(uow, run_id)
    return ShownRun(
        run=run, findings=[ShownFinding(finding=one, proposal=proposal(one.name, one.count)) for one in found]
    )
