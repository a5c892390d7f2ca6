"""A copy that was scanned on a page of work, in words: for whom it lies ready now, or where it goes."""

from lib.catalogue.models import CopyStatus
from lib.circulation.capture import Offer
from lib.circulation.returns import ReturnReceipt
from lib.ui.words import day, money

_GOES = {
    CopyStatus.AVAILABLE: "It goes back to its shelf.",
    CopyStatus.IN_REPAIR: "It goes to the repairs.",
    CopyStatus.ON_HOLD_SHELF: "It belongs on the hold shelf.",
}


def fetched_words(done: ReturnReceipt) -> str:
    """After a scan: what came of the loan if there was one, then for whom or where to. Not escaped."""
    parts = [f"“{done.title}”"]
    if done.member_name:
        parts.append(f"is back from {done.member_name}")
    told = " ".join(parts) + "."
    costs = [
        f"Fine: {money(done.fine_minor)}." if done.fine_minor else "",
        f"{money(done.given_back_minor)} for its loss is taken back." if done.given_back_minor else "",
    ]
    place = offer_words(done.hold) or _place(done)
    note = "" if done.hold else done.note.removeprefix("It was not on loan.").removesuffix(place).strip()
    return " ".join(filter(None, (told, *costs, note, place)))


def _place(done: ReturnReceipt) -> str:
    return _GOES.get(CopyStatus(done.copy_status), "")


def offer_words(offer: Offer | None) -> str:
    """For whom a copy lies on the hold shelf now; "" for nobody."""
    return f"Put it on the hold shelf for {offer.name}, until {day(offer.shelf_until)}." if offer else ""
