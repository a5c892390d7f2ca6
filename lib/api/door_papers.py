"""Papers to print: receipts, statements, slips of the hold shelf, the pull list, closings of the till; and lists to
take into a spreadsheet.

All are private: asked for with the cookie, kept nowhere. The use case decides for whom they are; to all others there
are none. A new paper is a line of PAPERS.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.access.opened import opened
from lib.access.work import UnitOfWork, begin_reading
from lib.accounts.sessions import identify, session_of_token
from lib.api.door_numbers import LARGEST_ID
from lib.api.guard_origin import cookie_token
from lib.billing.receipts import receipt_pdf, statement_pdf
from lib.billing.till_paper import day_close_pdf
from lib.circulation.pull_paper import pull_list_pdf
from lib.circulation.slips import new_slips_pdf, slip_pdf, slips_pdf
from lib.kit.errors import Fault, Forbidden, Invalid, NotFound, RuleBroken
from lib.ops.weeding_file import weeding_csv

STATEMENT_DAYS = 365  # where no first day is asked for
MOST_IDS = 200
NO_STORE = {"cache-control": "no-store"}
NOTHING = "There is no such paper.\n"
UNSTORABLE = "The address holds characters that cannot be stored.\n"

Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a paper is asked for, how its file is called, what makes it from the number in the address (0 where there
    is none) and the query, and what kind of file it is."""

    path: str
    filename: str
    make: Callable[[UnitOfWork, int, Asked], bytes]
    media: str = "application/pdf"


def _statement(uow: UnitOfWork, account_id: int, asked: Asked) -> bytes:
    last = _day(asked, "last") or uow.today
    return statement_pdf(uow, account_id, _day(asked, "first") or last - timedelta(days=STATEMENT_DAYS), last)


def _day(asked: Asked, name: str) -> date | None:
    text = asked.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year < 1900:
        raise Invalid(Fault(name, "A day is written like 2026-05-03."))
    return found


def _slips(uow: UnitOfWork, _number: int, asked: Asked) -> bytes:
    words = asked.get("ids", "").split(",")[:MOST_IDS]
    ids = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < len(str(LARGEST_ID))]
    return slips_pdf(uow, ids)


def _weeding(uow: UnitOfWork, _number: int, asked: Asked) -> bytes:
    return weeding_csv(
        uow, years=_whole(asked, "years"), worn=asked.get("worn") == "1", location=asked.get("location", ""),
        section_id=_whole(asked, "section"),
    )  # fmt: skip


def _whole(asked: Asked, name: str) -> int:
    text = asked.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_ID))):
        raise Invalid(Fault(name, "Give a whole number."))
    return int(text)


PAPERS: tuple[Paper, ...] = (
    Paper("/files/receipt/{number:row}", "receipt.pdf", lambda uow, number, _: receipt_pdf(uow, number)),
    Paper("/files/statement/{number:row}", "statement.pdf", _statement),
    Paper("/files/hold-slip/{number:row}", "hold-slip.pdf", lambda uow, number, _: slip_pdf(uow, number)),
    Paper("/files/hold-slips", "hold-slips.pdf", _slips),
    Paper("/files/hold-slips/new", "hold-slips.pdf", lambda uow, _, __: new_slips_pdf(uow)),
    Paper("/files/pull-list", "pull-list.pdf",
          lambda uow, _, asked: pull_list_pdf(uow, location=asked.get("location") or None)),
    Paper("/files/weeding", "weeding.csv", _weeding, "text/csv; charset=utf-8"),
    Paper("/files/day-close/{number:row}", "till-closing.pdf", lambda uow, number, _: day_close_pdf(uow, number)),
)  # fmt: skip


def paper_routes() -> list[Route]:
    """A route a paper."""
    return [Route(paper.path, _route(paper)) for paper in PAPERS]


def _route(paper: Paper) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        """GET: the paper as a file; 404 to whoever may not have it, 422 with what is wrong with the question."""
        token = cookie_token(dict(request.scope), opened().config)
        if not token:
            return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
        number, asked = request.path_params.get("number", 0), dict(request.query_params)
        if any("\x00" in text for text in asked.values()):
            return PlainTextResponse(UNSTORABLE, 422, headers=NO_STORE)
        return await run_in_threadpool(_make, paper, token, number, asked)

    return answer


def _make(paper: Paper, token: str, number: int, asked: Asked) -> Response:
    library = opened()
    me = identify(library, session_of_token(library, token))
    if me is None or not 0 <= number <= LARGEST_ID:
        return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
    try:
        with begin_reading(library, me.actor) as uow:  # typesetting takes its time; nobody who writes waits for it
            made = paper.make(uow, number, asked)
    except (Forbidden, NotFound):
        return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
    except (Invalid, RuleBroken) as refusal:
        return PlainTextResponse(f"{refusal}\n", 422, headers=NO_STORE)
    headers = NO_STORE | {"content-disposition": f'attachment; filename="{paper.filename}"'}
    return Response(made, media_type=paper.media, headers=headers)
