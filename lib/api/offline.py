"""The offline desk's acts: sent in batches, replayed through the rules; and the tasks that they leave."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator

from lib.access.actor import Actor
from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading, working
from lib.api.strictness import StrictRoute
from lib.desk.offline import OfflineAct, OfflineOutcome, replay_batch, try_again
from lib.desk.offline_tasks import OfflineTask, dismiss, offline_tasks, resolve
from lib.kit.strict import Moment, YesNo

router = APIRouter(prefix="/offline", tags=["Desk"], route_class=StrictRoute)
DESK = [needs(Permission.CIRCULATE)]
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


class OfflineActForm(Body):
    """One act as it was recorded: an issue names the member's card; `client_id` is never used for another act."""

    client_id: Annotated[UUID, Field(examples=["7c0d5b52-6a0e-4a57-9a6c-0f8f4f1f8f11"])]
    kind: Literal["issue", "return"]
    barcode: Annotated[str, Field(min_length=1, max_length=60, examples=["3100000000017"])]
    card: Annotated[str, Field(max_length=60, examples=["2912345678907"])] = ""
    recorded_at: Annotated[Moment, Field(ge=OLDEST)]
    device: Annotated[str, Field(max_length=60, examples=["Front desk"])] = ""

    @model_validator(mode="after")
    def _issue_has_card(self) -> "OfflineActForm":
        if self.kind == "issue" and not self.card.strip():
            raise ValueError("An issue needs the member's card.")
        return self


class OfflineBatch(Body):
    """Acts in any order; they are done in the order of their times."""

    acts: Annotated[list[OfflineActForm], Field(min_length=1, max_length=500)]


class OfflineSent(BaseModel):
    """What became of each act, in the order of their times."""

    outcomes: list[OfflineOutcome]


class OfflineRetry(Body):
    """`take_back`: first take the copy back from whoever has it, at the time of the record."""

    take_back: YesNo = False


class OfflineNote(Body):
    """How a task was settled, or why nothing needs to come of it."""

    note: Annotated[str, Field(examples=["The reader brought the book; issued at the desk."])]


def replayed(actor: Actor, batch: OfflineBatch) -> list[OfflineOutcome]:
    """Replays a batch in this process's library."""
    acts = [OfflineAct(**form.model_dump() | {"client_id": str(form.client_id)}) for form in batch.acts]
    return list(replay_batch(opened(), actor, acts))


@router.post(
    "/acts", dependencies=DESK, summary="Send acts that were recorded while the server was away; repeats do nothing",
    response_model=OfflineSent,
)  # fmt: skip
def post_acts(actor: Caller, batch: OfflineBatch) -> Any:
    return OfflineSent(outcomes=replayed(actor, batch))


@router.get("/tasks", dependencies=DESK, summary="What could not be done, or was done against a block")
def get_tasks(actor: Caller, paging: Paging, settled: bool = False) -> Listing[OfflineTask]:
    with reading(actor) as uow:
        return paging.listing(offline_tasks(uow, settled=settled, page=paging.page, size=paging.size))


@router.post("/tasks/{task_id}/retry", dependencies=DESK, summary="Try an act again, with its own time")
def post_retry(actor: Caller, task_id: RowId, form: OfflineRetry | None = None) -> OfflineOutcome:
    with working(actor) as uow:
        return try_again(uow, task_id, take_back=bool(form and form.take_back))


@router.post("/tasks/{task_id}/resolve", dependencies=DESK, summary="Say that a task was done by hand")
def post_resolve(actor: Caller, task_id: RowId, form: OfflineNote) -> Done:
    with working(actor) as uow:
        resolve(uow, task_id, form.note)
    return Done(done="The task is settled.")


@router.post("/tasks/{task_id}/dismiss", dependencies=DESK, summary="Dismiss a task, with a reason")
def post_dismiss(actor: Caller, task_id: RowId, form: OfflineNote) -> Done:
    with working(actor) as uow:
        dismiss(uow, task_id, form.note)
    return Done(done="The task is dismissed.")
