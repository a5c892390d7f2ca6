"""Staff: librarians and admins made from nothing; members are appointed under /members/{id}/role."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from lib.access.permissions import Permission, Role
from lib.accounts.staff import StaffForm, create_staff
from lib.api.answers import Made
from lib.api.callers import Caller, needs
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute

router = APIRouter(
    prefix="/staff", tags=["Members"], route_class=StrictRoute, dependencies=[needs(Permission.MANAGE_STAFF)]
)


class StaffBody(StaffForm):
    """A librarian or admin to be made; a link to choose a password is mailed to them."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    name: str
    email: str
    role: Annotated[Role, Field(description="`librarian` or `admin`.", examples=["librarian"])] = Role.LIBRARIAN


@router.post("", summary="Make an account for a librarian or an admin", status_code=201, response_model=Made)
def post_staff(actor: Caller, form: StaffBody, key: IdempotencyKey = None) -> Any:
    asked = ("staff.add", form.model_dump(mode="json"))
    return do_once(actor, key, asked, lambda uow: Made(id=create_staff(uow, form)), Made)
