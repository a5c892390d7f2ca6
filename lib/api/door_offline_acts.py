"""The door through which the offline desk's page sends what was recorded."""

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.api.door_offline import NO_STORE, signed_in
from lib.api.guard_origin import sent_by_our_page
from lib.api.offline import OfflineBatch, OfflineSent, replayed
from lib.api.problems import HTTP_CODES, FieldFault, problem, refused
from lib.api.strictness import StrictRequest, is_json
from lib.kit.errors import Forbidden, NotSignedIn, Refusal


async def take_acts(request: Request) -> Response:
    """POST /offline-desk/acts: at most 500 acts, replayed as `POST /api/v1/offline/acts` does."""
    try:
        if not sent_by_our_page(dict(request.scope), opened().config):
            raise Forbidden
        actor = await run_in_threadpool(signed_in, request)
        if not actor.may(Permission.CIRCULATE):
            raise Forbidden if actor.account_id is not None else NotSignedIn
        strict = StrictRequest(request.scope, request.receive)
        if not is_json(strict):
            raise HTTPException(415, "Send application/json.")
        batch = OfflineBatch.model_validate(await strict.json())
        told = await run_in_threadpool(replayed, actor, batch)
    except Refusal as refusal:
        return refused(refusal)
    except HTTPException as fault:
        return problem(fault.status_code, HTTP_CODES.get(fault.status_code, "refused"), str(fault.detail))
    except ValidationError as fault:
        faults = [FieldFault(field=".".join(map(str, one["loc"])), text=one["msg"]) for one in fault.errors()]
        return problem(422, "invalid", "Some fields are not as they should be.", faults=faults)
    except ValueError:
        return problem(400, "not-json", "The body is not JSON.")
    return JSONResponse(OfflineSent(outcomes=told).model_dump(mode="json"), headers=NO_STORE)
