"""Policies tried out on past loans, and planned with a date from which they hold."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, Made, Number, Paging, RowId
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.policy_changes import (
    PolicyChangeRow,
    PolicyState,
    ProposedLine,
    add_change,
    cancel_change,
    policy_changes,
    policy_state,
)
from lib.kit.strict import Day, Whole
from lib.reports.replay import Behaviour
from lib.reports.time_machine import Replay, loan_period, replay_policy

router = APIRouter(prefix="/policy", tags=["Policy"], route_class=StrictRoute)
MANAGING = [needs(Permission.MANAGE_POLICY)]


class PlannedLine(Body):
    """A line; null stands for any. Values that are left out come from more general lines. Money in minor units."""

    membership_type_id: Number | None = None
    item_kind_id: Number | None = None
    values: Annotated[dict[str, Whole], Field(max_length=20, examples=[{"loan_days": 14, "max_loans": 10}])]

    def line(self) -> ProposedLine:
        return ProposedLine(self.membership_type_id, self.item_kind_id, self.values)


Lines = Annotated[list[PlannedLine], Field(max_length=500, description="The whole policy, not only what changes.")]


class ReplayForm(Body):
    """Which loans (of the months from that of `first` to that of `last`), under which lines, and what is assumed of
    readers."""

    first: Day
    last: Day
    lines: Lines
    behaviour: Behaviour = Behaviour.AS_THEY_DID


class LoanPeriod(BaseModel):
    """The days of the first and of the last loan; empty where nothing was lent yet."""

    first: date | None
    last: date | None


class PolicyChangeForm(Body):
    """A policy and the day from which it holds; `seen_mark` is the `mark` of `GET /policy/state` it started from."""

    holds_from: Day
    lines: Lines
    note: Annotated[str, Field(max_length=500)] = ""
    seen_mark: Annotated[str, Field(max_length=64)]


@router.get("/state", dependencies=MANAGING, summary="The lines in force, what is planned, and the mark of both")
def get_policy_state(actor: Caller) -> PolicyState:
    with reading(actor) as uow:
        return policy_state(uow)


@router.get("/replay/period", dependencies=MANAGING, summary="From when to when there are loans to replay")
def get_loan_period(actor: Caller) -> LoanPeriod:
    with reading(actor) as uow:
        first, last = loan_period(uow) or (None, None)
        return LoanPeriod(first=first, last=last)


@router.post("/replay", dependencies=MANAGING, summary="What would have changed under other rules; changes nothing")
def post_replay(actor: Caller, form: ReplayForm) -> Replay:
    """Takes seconds for tens of thousands of loans. Whole months count that are over; those with fewer than five
    readers are `left_out`, and on `untried` loans the rules in force stay: fewer than five readers of their membership
    type borrowed of their kind in that month. Smaller groups of types are put together under the key null."""
    with reading(actor) as uow:
        return replay_policy(
            uow, first=form.first, last=form.last, lines=[line.line() for line in form.lines], behaviour=form.behaviour
        )


@router.get("/changes", dependencies=MANAGING, summary="Changes with a date, the latest day first")
def get_policy_changes(actor: Caller, paging: Paging) -> Listing[PolicyChangeRow]:
    with reading(actor) as uow:
        return paging.listing(policy_changes(uow, page=paging.page, size=paging.size))


@router.post(
    "/changes", dependencies=MANAGING, summary="Plan a policy that holds from a day on", status_code=201,
    response_model=Made,
)  # fmt: skip
def post_policy_change(actor: Caller, form: PolicyChangeForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("policy.plan", form.model_dump(mode="json")),
        lambda uow: Made(
            id=add_change(
                uow, holds_from=form.holds_from, lines=[line.line() for line in form.lines], note=form.note,
                seen_mark=form.seen_mark,
            )
        ),
        Made,
    )  # fmt: skip


@router.delete("/changes/{change_id}", dependencies=MANAGING, summary="Take a planned change back, before its day")
def remove_policy_change(actor: Caller, change_id: RowId) -> Done:
    with working(actor) as uow:
        cancel_change(uow, change_id)
    return Done(done="The planned change was taken back.")
