"""Answers about members: status (23), information (63), block (01), enable (25), end of their session (35)."""

from lib.accounts.errors import TooManyBlocks, WrongPin
from lib.accounts.standing import block_card, note_block_refused
from lib.circulation.decision import Reason
from lib.desk.self_check import PatronSummary, member_of_card, patron_summary
from lib.desk.self_check_words import reasons_words
from lib.kit.errors import NotFound, Refusal, TooManyAttempts
from lib.kit.logs import log
from lib.sip2.codec import Request, count4, flag
from lib.sip2.talk import NeedsPin, Reply, Talk, said

UNKNOWN_COUNTS = " " * 24
DENIED = "YYYY          "  # charging, renewing, recalling and holding
MOST_LISTED = 200
# Where each reason stands among the fourteen flags of a patron's status.
_FLAGS = {
    "limit-reached": (5,), "has-overdue": (6,), "owes-too-much": (1, 10), "member-suspended": (1, 3),
    "member-not-active": (1, 3), "membership-expired": (1, 3),
}  # fmt: skip


def status_flags(blocks: tuple[Reason, ...]) -> str:
    """The fourteen flags of a patron's status, Y or blank."""
    found = [" "] * 14
    for reason in blocks:
        for place in (0, *_FLAGS.get(reason.code, ())):
            found[place] = "Y"
    return "".join(found)


def patron_status(talk: Talk, request: Request) -> Reply:
    """23 → 24."""
    return _status(talk, request, "24")


def patron_enable(talk: Talk, request: Request) -> Reply:
    """25 → 26: says how things stand. A machine lifts no block; the desk does."""
    reply = _status(talk, request, "26")
    return Reply(reply.head, [*reply.fields, *said("A block is lifted at the desk only.")])


def _status(talk: Talk, request: Request, code: str) -> Reply:
    member_id = talk.member(request)
    with talk.reading() as uow:
        found = patron_summary(uow, member_id)
    head = f"{code}{status_flags(found.blocks)}{_language(request)}{talk.now}"
    return Reply(head, [*_person(talk, request, found), *_money(talk, found), *said(_words(talk, found))])


def refuse_status(talk: Talk, request: Request, why: Refusal | None, text: str, code: str = "24") -> Reply:
    """24 or 26 for a card that nobody proved: no name, nothing but whether there is such a card."""
    head = f"{code}{DENIED}{_language(request)}{talk.now}"
    return Reply(head, [*_nobody(request, known=_is_a_card(talk, request, why)), *said(text)])


def refuse_enable(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return refuse_status(talk, request, why, text, "26")


def patron_information(talk: Talk, request: Request) -> Reply:
    """63 → 64, with the one list that the summary asks for."""
    member_id = talk.member(request)
    with talk.reading() as uow:
        found = patron_summary(uow, member_id)
    counts = "".join(count4(len(_listed(talk, found, place))) for place in range(len(_LISTS)))
    head = f"64{status_flags(found.blocks)}{_language(request)}{talk.now}{counts}"
    limits = found.limits
    fields = [
        *_person(talk, request, found), ("BZ", count4(limits.max_holds)), ("CB", count4(limits.max_loans)),
        *_money(talk, found), ("CC", talk.money(limits.debt_block)), *_summary(talk, request, found),
        *said(_words(talk, found)),
    ]  # fmt: skip
    return Reply(head, fields)


def refuse_information(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    head = f"64{DENIED}{_language(request)}{talk.now}{UNKNOWN_COUNTS}"
    return Reply(head, [*_nobody(request, known=_is_a_card(talk, request, why)), *said(text)])


def block_patron(talk: Talk, request: Request) -> Reply:
    """01 → 24: the machine kept the card, or saw something that the desk should look at."""
    words = request.get("AL") or "no reason was given"
    kept = " The machine kept the card." if request.fixed["card_retained"] == "Y" else ""
    with talk.reading() as uow:
        member_id = member_of_card(uow, request.get("AA"))
    try:
        with talk.work() as uow:
            block_card(uow, member_id, f"{talk.actor.name}: {words}.{kept}"[:480])
    except TooManyBlocks:
        log().warning("sip2 block refused: too many today", terminal=talk.actor.name)
        with talk.work() as uow:
            note_block_refused(uow, member_id)
        raise
    talk.forget()
    head = f"24{DENIED}{_language(request)}{talk.now}"
    known = _nobody(request, known=True)
    return Reply(head, [*known, *said("The card is blocked. Please ask at the desk.")])


def end_session(talk: Talk, request: Request) -> Reply:
    """35 → 36."""
    talk.forget()
    return Reply(f"36Y{talk.now}", [("AO", request.get("AO")), ("AA", request.get("AA"))])


def refuse_end(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return Reply(f"36N{talk.now}", [("AO", request.get("AO")), ("AA", request.get("AA")), *said(text)])


def _person(talk: Talk, request: Request, found: PatronSummary) -> list[tuple[str, str]]:
    return [("AO", request.get("AO")), ("AA", found.card_number), ("AE", found.name), ("BL", "Y"), ("CQ", "Y")]


def _nobody(request: Request, *, known: bool) -> list[tuple[str, str]]:
    """Without proof there is no name."""
    return [("AO", request.get("AO")), ("AA", request.get("AA")), ("AE", ""), ("BL", flag(known)), ("CQ", "N")]


def _is_a_card(talk: Talk, request: Request, why: Refusal | None) -> bool:
    """Whether there is such a card: told where the PIN alone is what is missing."""
    if not isinstance(why, NeedsPin | WrongPin | TooManyAttempts):
        return False
    try:
        with talk.reading() as uow:
            member_of_card(uow, request.get("AA"))
    except NotFound:
        return False
    return True


def _money(talk: Talk, found: PatronSummary) -> list[tuple[str, str]]:
    return [("BH", talk.currency), ("BV", talk.money(found.owed_minor))]


def _words(talk: Talk, found: PatronSummary) -> str:
    return reasons_words(found.blocks) if found.blocks else ""


def _language(request: Request) -> str:
    """The language asked for, as the machine names it; 000 where it named none."""
    asked = request.fixed.get("language", "").strip()
    return asked.rjust(3, "0") if asked.isdigit() else "000"


# The lists of a summary, in the order of its places, each with the field that carries it.
_LISTS = ("AS", "AT", "AU", "AV", "BU", "CD")


def _listed(talk: Talk, found: PatronSummary, place: int) -> list[str]:
    """Copies by their barcodes, as machines scan them; what has none, in words."""
    if place == 0:
        return [hold.barcode for hold in found.holds if hold.ready]
    if place == 1:
        return [loan.barcode for loan in found.loans if loan.overdue]
    if place == 2:
        return [loan.barcode for loan in found.loans]
    if place == 3:
        return [f"{charge.charge_id} {talk.money(charge.owed_minor)} {charge.what}" for charge in found.charges]
    if place == 5:
        return [hold.title for hold in found.holds if not hold.ready]
    return []  # nothing is ever called back from a reader


def _summary(talk: Talk, request: Request, found: PatronSummary) -> list[tuple[str, str]]:
    """The list of the first Y, from start item to end item, both counted from one."""
    place = request.fixed["summary"].find("Y")
    if not 0 <= place < len(_LISTS):
        return []
    rows = _listed(talk, found, place)
    first, last = _number(request.get("BP"), 1), _number(request.get("BQ"), MOST_LISTED)
    return [(_LISTS[place], row) for row in rows[max(first, 1) - 1 : min(last, max(first, 1) - 1 + MOST_LISTED)]]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
