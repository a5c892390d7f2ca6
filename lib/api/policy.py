"""The lending policy: lines for (membership type × item kind); the most specific line that sets a value wins."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import LARGEST_ID, AskedId, Body, Done, Listing, Made, Number, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version
from lib.api.strictness import StrictRoute
from lib.circulation.policy import EffectiveRule
from lib.circulation.policy_sets import PolicyLineRow
from lib.circulation.rules import delete_line, policy_lines, rule_for, save_line
from lib.kit.errors import NotFound
from lib.kit.strict import Whole

LineId = Annotated[
    int,
    Path(ge=-1000, le=LARGEST_ID, description="Its number; below nought while a dated set is not in the table yet."),
]
router = APIRouter(prefix="/policy", tags=["Policy"], route_class=StrictRoute)


class LineForm(Body):
    """A line; null stands for any membership type or any kind, and for values that are left to other lines.
    Money in minor units."""

    membership_type_id: Number | None = None
    item_kind_id: Number | None = None
    values: Annotated[dict[str, Whole | None], Field(examples=[{"loan_days": 14, "max_loans": 10}])]


@router.get("/lines", summary="Every line of the policy")
def get_lines(actor: Caller) -> Listing[PolicyLineRow]:
    with reading(actor) as uow:
        return listed(policy_lines(uow))


@router.get("/effective", summary="What holds for a membership type and a kind of item")
def get_effective(actor: Caller, membership_type_id: AskedId = None, item_kind_id: AskedId = None) -> EffectiveRule:
    with reading(actor) as uow:
        policy_lines(uow)
        return rule_for(uow, membership_type_id, item_kind_id)


@router.post(
    "/lines", dependencies=[needs(Permission.MANAGE_POLICY)], summary="Add a line", status_code=201, response_model=Made
)
def post_line(actor: Caller, form: LineForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("policy.add", form.model_dump()),
        lambda uow: Made(id=save_line(uow, form.membership_type_id, form.item_kind_id, form.values)), Made,
    )  # fmt: skip


@router.put("/lines/{line_id}", dependencies=[needs(Permission.MANAGE_POLICY)], summary="Change the values of a line")
def put_line(actor: Caller, line_id: LineId, form: LineForm, if_match: IfMatch = None) -> PolicyLineRow:
    """`If-Match` carries the line's `version` in quotes."""
    version = seen_version(if_match)
    with working(actor) as uow:
        uow.require(Permission.MANAGE_POLICY)  # before telling which lines there are
        line = _line(policy_lines(uow), line_id)
        save_line(uow, line.membership_type_id, line.item_kind_id, form.values, seen_version=version)
        return next(row for row in policy_lines(uow) if row.pair == line.pair)


@router.delete("/lines/{line_id}", dependencies=[needs(Permission.MANAGE_POLICY)], summary="Take a line out")
def remove_line(actor: Caller, line_id: LineId) -> Done:
    with working(actor) as uow:
        delete_line(uow, line_id)
    return Done(done="The line was taken out of the policy.")


def _line(lines: tuple[PolicyLineRow, ...], line_id: int) -> PolicyLineRow:
    found = next((line for line in lines if line.id == line_id), None)
    if found is None:
        raise NotFound("policy line")
    return found
