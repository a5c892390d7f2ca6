"""Answers about copies: lend (11), take back (09), renew (29, 65), what a copy is (17), its properties (19)."""

from lib.catalogue.models import CopyStatus
from lib.circulation.checkout import IssueReceipt
from lib.circulation.errors import CannotLend
from lib.desk.self_check import (
    ItemSummary,
    item_summary,
    patron_summary,
    self_check_out,
    self_renew,
    self_renew_all,
)
from lib.desk.self_check_words import reasons_words
from lib.desk.self_returns import SelfReturn, self_cancel, self_return
from lib.kit.errors import Refusal, RuleBroken
from lib.sip2.codec import Request, count4, end_of_day, flag, read_stamp
from lib.sip2.talk import Reply, Talk, said

OTHER = "000"  # the standard's media types end with the CD
_MEDIA = {"book": "001", "magazine": "002", "audiobook": "006", "music": "006"}
_CIRCULATION = {
    CopyStatus.AVAILABLE: "03", CopyStatus.ON_LOAN: "04", CopyStatus.ON_HOLD_SHELF: "08", CopyStatus.ON_ORDER: "02",
    CopyStatus.IN_REPAIR: "06", CopyStatus.LOST: "12", CopyStatus.WITHDRAWN: "01",
}  # fmt: skip
_HAS_IT = "already-theirs"


class NotHere(RuleBroken):
    """Something that a machine does not do. Facts: text."""

    message = "{text}"


def check_out(talk: Talk, request: Request) -> Reply:
    """11 → 12. A copy that the member has already is renewed where the machine's policy allows it."""
    member_id = talk.member(request)
    if request.get("BI") == "Y":
        return _cancelled(talk, request, member_id)
    try:
        with talk.work() as uow:
            done = self_check_out(uow, barcode=request.get("AB"), member_id=member_id)
    except CannotLend as refusal:
        if request.fixed["renewal_policy"] == "Y" and any(reason.code == _HAS_IT for reason in refusal.reasons):
            return _renewed(talk, request, member_id, "12")
        raise
    return Reply(f"121NUY{talk.now}", _lent(talk, request, done))


def _lent(talk: Talk, request: Request, done: IssueReceipt) -> list[tuple[str, str]]:
    day = talk.day(done.due_on)
    return [
        *_both(request), ("AB", done.barcode), ("AJ", done.title), ("AH", end_of_day(done.due_on)),
        *said(f"Please bring it back by {day}."), ("AG", f"{done.title}: due {day}"),
    ]  # fmt: skip


def _cancelled(talk: Talk, request: Request, member_id: int) -> Reply:
    """The machine could not hand the copy out after all: what it lent a moment ago comes back."""
    with talk.work() as uow:
        done = self_cancel(uow, barcode=request.get("AB"), member_id=member_id)
    fields = [*_both(request), ("AB", done.barcode), ("AJ", done.title), ("AH", ""), *said("The loan was cancelled.")]
    return Reply(f"121NUN{talk.now}", fields)


def refuse_check_out(talk: Talk, request: Request, why: Refusal | None, text: str, code: str = "12") -> Reply:
    """12 or 30 without a loan; the title where the copy is known."""
    title = _title_of(talk, request, why)
    fields = [*_both(request), ("AB", request.get("AB")), ("AJ", title), ("AH", ""), *said(text)]
    return Reply(f"{code}0NUN{talk.now}", fields)


def refuse_renewal(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return refuse_check_out(talk, request, why, text, "30")


def _title_of(talk: Talk, request: Request, why: Refusal | None) -> str:
    """The title where the copy is known; not asked for when a fault of ours is what is told."""
    if why is None:
        return ""
    try:
        with talk.reading() as uow:
            return item_summary(uow, request.get("AB")).title
    except Refusal:
        return ""


def check_in(talk: Talk, request: Request) -> Reply:
    """09 → 10. The machine is told where the copy belongs, never whose it was or who waits. Where the terminal has no
    bin, nothing is checked in yet: the copy is noted as put into the book drop, and the answer's "ok" is 0. A return
    date of an earlier day, from a bin that was filled while the line was down, counts where it can be true."""
    if request.get("BI") == "Y":
        raise NotHere(text="A return cannot be cancelled here. Please ask at the desk.")
    with talk.work() as uow:
        told = read_stamp(request.fixed["return_date"], talk.zone)
        done = self_return(uow, barcode=request.get("AB"), returned_at=told)
        item = item_summary(uow, done.barcode)
    alert = done.returned and (done.copy_status != CopyStatus.AVAILABLE or not done.on_loan)
    fields = [
        ("AO", request.get("AO")), ("AB", done.barcode), ("AQ", item.location), ("AJ", done.title),
        ("CL", _bin(done)), ("CK", _MEDIA.get(item.kind, OTHER)), ("CS", item.shelf),
    ]  # fmt: skip
    if alert:
        fields.append(("CV", "01" if done.copy_status == CopyStatus.ON_HOLD_SHELF else "99"))
    return Reply(f"10{_in(done)}U{flag(alert)}{talk.now}", [*fields, *said(_returned_words(done))])


def _in(done: SelfReturn) -> str:
    """Whether it was checked in, and whether it may be made safe against theft again."""
    return "1Y" if done.returned else "0N"


def _bin(done: SelfReturn) -> str:
    """What a sorter does with it: the shelf, the hold shelf, or into somebody's hands."""
    if not done.returned:
        return "DESK"
    return {CopyStatus.AVAILABLE: "SHELF", CopyStatus.ON_HOLD_SHELF: "HOLD"}.get(CopyStatus(done.copy_status), "DESK")


def _returned_words(done: SelfReturn) -> str:
    if not done.returned:
        return "Please put it into the book drop. The loan ends when the library has checked it in."
    if done.copy_status in (CopyStatus.AVAILABLE, CopyStatus.ON_HOLD_SHELF):
        return "Thank you, it is returned."
    return "Thank you. Please give it to the desk."


def refuse_check_in(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    fields = [("AO", request.get("AO")), ("AB", request.get("AB")), ("AQ", ""), ("AJ", _title_of(talk, request, why))]
    return Reply(f"100NUY{talk.now}", [*fields, ("CV", "99"), *said(text)])


def renew_one(talk: Talk, request: Request) -> Reply:
    """29 → 30."""
    return _renewed(talk, request, talk.member(request), "30")


def _renewed(talk: Talk, request: Request, member_id: int, code: str) -> Reply:
    with talk.work() as uow:
        done = self_renew(uow, barcode=request.get("AB"), member_id=member_id)
    day = talk.day(done.receipt.due_on)
    fields = [
        *_both(request), ("AB", done.barcode), ("AJ", done.title), ("AH", end_of_day(done.receipt.due_on)),
        *said(f"Renewed. Please bring it back by {day}."), ("AG", f"{done.title}: renewed, due {day}"),
    ]  # fmt: skip
    return Reply(f"{code}1YUY{talk.now}", fields)


def renew_everything(talk: Talk, request: Request) -> Reply:
    """65 → 66: the barcodes that were renewed and those that were not, and for these why."""
    member_id = talk.member(request)
    with talk.work() as uow:
        barcodes = {loan.loan_id: loan.barcode for loan in patron_summary(uow, member_id).loans}
        done = self_renew_all(uow, member_id=member_id)
    renewed = [barcodes.get(one.loan_id, "") for one in done if one.receipt]
    left = [one for one in done if not one.receipt]
    words = " ".join(f"“{one.title}”: {reasons_words(one.reasons)}" for one in left)
    fields = [
        ("AO", request.get("AO")), *(("BM", barcode) for barcode in renewed),
        *(("BN", barcodes.get(one.loan_id, "")) for one in left), *said(words),
    ]  # fmt: skip
    return Reply(f"661{count4(len(renewed))}{count4(len(left))}{talk.now}", fields)


def refuse_renew_everything(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return Reply(f"660{count4(0)}{count4(0)}{talk.now}", [("AO", request.get("AO")), *said(text)])


def item_information(talk: Talk, request: Request) -> Reply:
    """17 → 18: what the copy is and where it stands; not who has it."""
    with talk.reading() as uow:
        found = item_summary(uow, request.get("AB"))
    price = [("BH", talk.currency), ("BV", talk.money(found.price_minor))] if found.price_minor else []
    due = [("AH", end_of_day(found.due_on))] if found.due_on else []
    fields = [
        ("AB", found.barcode), ("AJ", found.title), ("CK", _MEDIA.get(found.kind, OTHER)), ("AQ", found.location),
        ("AP", found.location), ("CS", found.shelf), *due, *price,
    ]  # fmt: skip
    return Reply(f"18{_circulation(found)}0001{talk.now}", fields)


def _circulation(found: ItemSummary) -> str:
    return "11" if found.claimed else _CIRCULATION.get(CopyStatus(found.status), "01")


def refuse_item(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return Reply(f"18010001{talk.now}", [("AB", request.get("AB")), ("AJ", ""), *said(text)])


def item_status_update(talk: Talk, request: Request) -> Reply:
    """19 → 20: tags and security bits are not kept here."""
    text = "The library keeps no item properties for machines."
    return Reply(f"200{talk.now}", [("AB", request.get("AB")), *said(text)])


def refuse_item_status(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return Reply(f"200{talk.now}", [("AB", request.get("AB")), *said(text)])


def _both(request: Request) -> list[tuple[str, str]]:
    return [("AO", request.get("AO")), ("AA", request.get("AA"))]
