"""Papers to print: library cards, receipts, statements, slips of the hold shelf, the pull list, closings of the till;
and lists to take into a spreadsheet.

All are private: asked for with the cookie, kept nowhere. The use case decides for whom they are; to all others there
are none. A new paper is a line of PAPERS.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.access.opened import opened
from lib.access.work import UnitOfWork, begin_reading
from lib.accounts.cards import card_pdf
from lib.accounts.sessions import identify, session_of_token
from lib.api.door_numbers import LARGEST_ID
from lib.api.guard_origin import cookie_token, sent_by_our_page
from lib.api.throttle import TooManyPapers, admit_paper
from lib.billing.receipts import receipt_pdf, statement_pdf
from lib.billing.till_paper import day_close_pdf
from lib.circulation.loan_slip import loan_slip_pdf
from lib.circulation.pull_paper import pull_list_pdf
from lib.circulation.slips import new_slips_pdf, slip_pdf, slips_pdf
from lib.kit.errors import Fault, Forbidden, Invalid, NotFound, RuleBroken
from lib.ops.overdue_file import overdue_csv
from lib.ops.weeding_file import weeding_csv

STATEMENT_DAYS = 365  # where no first day is asked for
MOST_IDS = 200
AT_ONCE = 2  # papers typeset at one time; the others wait without a thread, so that screens keep theirs
NO_STORE = {"cache-control": "no-store"}
PDF = "application/pdf"
NOTHING = "There is no such paper.\n"
UNSTORABLE = "The address holds characters that cannot be stored.\n"
FROM_A_PAGE = "This must come from the library's own page.\n"

Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a paper is asked for, how its file is called, what makes it from the number in the address (0 where there
    is none) and the query, what kind of file it is, and whether asking for it changes anything."""

    path: str
    filename: str
    make: Callable[[UnitOfWork, int, Asked], bytes]
    media: str = PDF
    changes: bool = False  # sent as POST by a page of ours: what it prints counts as printed


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
    return slips_pdf(uow, _ids(asked))


def _loan_slip(uow: UnitOfWork, account_id: int, asked: Asked) -> bytes:
    ids = _ids(asked)
    if "ids" in asked and not ids:
        raise NotFound("loan")
    return loan_slip_pdf(uow, account_id, ids)


def _ids(asked: Asked) -> list[int]:
    words = asked.get("ids", "").split(",")[:MOST_IDS]
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < len(str(LARGEST_ID))]


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
    Paper("/files/card/{number:row}", "library-card.pdf", lambda uow, number, _: card_pdf(uow, number)),
    Paper("/files/receipt/{number:row}", "receipt.pdf", lambda uow, number, _: receipt_pdf(uow, number)),
    Paper("/files/statement/{number:row}", "statement.pdf", _statement),
    Paper("/files/hold-slip/{number:row}", "hold-slip.pdf", lambda uow, number, _: slip_pdf(uow, number)),
    Paper("/files/loan-slip/{number:row}", "loans.pdf", _loan_slip),
    Paper("/files/hold-slips", "hold-slips.pdf", _slips),
    Paper("/files/hold-slips/new", "hold-slips.pdf", lambda uow, _, __: new_slips_pdf(uow), changes=True),
    Paper("/files/pull-list", "pull-list.pdf",
          lambda uow, _, asked: pull_list_pdf(uow, location=asked.get("location") or None)),
    Paper("/files/weeding", "weeding.csv", _weeding, "text/csv; charset=utf-8"),
    Paper("/files/overdue", "overdue.csv", lambda uow, _, asked: overdue_csv(
        uow, more_than_days=_whole(asked, "days"), text=asked.get("q", "")), "text/csv; charset=utf-8"),
    Paper("/files/day-close/{number:row}", "till-closing.pdf", lambda uow, number, _: day_close_pdf(uow, number)),
)  # fmt: skip


_typesetters = CapacityLimiter(AT_ONCE)


def paper_routes() -> list[Route]:
    """A route a paper."""
    return [Route(paper.path, _route(paper), methods=["GET", "POST"] if paper.changes else ["GET"]) for paper in PAPERS]


def too_many(refusal: TooManyPapers) -> Response:
    """Says calmly when to come back."""
    wait = {"retry-after": str(refusal.facts["retry_after_s"])}
    return PlainTextResponse(f"{refusal}\n", 429, headers=NO_STORE | wait)


def _route(paper: Paper) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        """The paper as a file; 404 to whoever may not have it, 422 with what is wrong with the question, 429 to whoever
        asks for more than anybody reads."""
        if paper.changes and request.method != "POST":
            return PlainTextResponse(FROM_A_PAGE, 405, headers=NO_STORE | {"allow": "POST"})
        if paper.changes and not sent_by_our_page(dict(request.scope), opened().config):
            return PlainTextResponse(FROM_A_PAGE, 403, headers=NO_STORE)
        token = cookie_token(dict(request.scope), opened().config)
        if not token:
            return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
        number, asked = request.path_params.get("number", 0), dict(request.query_params)
        if any("\x00" in text for text in asked.values()):
            return PlainTextResponse(UNSTORABLE, 422, headers=NO_STORE)
        return await to_thread.run_sync(_make, paper, token, number, asked, limiter=_typesetters)

    return answer


def _make(paper: Paper, token: str, number: int, asked: Asked) -> Response:
    library = opened()
    me = identify(library, session_of_token(library, token))
    if me is None or not 0 <= number <= LARGEST_ID:
        return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
    try:
        if paper.media == PDF:
            admit_paper(me.actor)
        with begin_reading(library, me.actor) as uow:  # typesetting takes its time; nobody who writes waits for it
            made = paper.make(uow, number, asked)
    except (Forbidden, NotFound):
        return PlainTextResponse(NOTHING, 404, headers=NO_STORE)
    except TooManyPapers as refusal:
        return too_many(refusal)
    except (Invalid, RuleBroken) as refusal:
        return PlainTextResponse(f"{refusal}\n", 422, headers=NO_STORE)
    headers = NO_STORE | {"content-disposition": f'attachment; filename="{paper.filename}"'}
    return Response(made, media_type=paper.media, headers=headers)
