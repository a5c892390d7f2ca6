"""How a copy looks when it is in somebody's hand, and for whom it was put aside: what acts keep of both."""

from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.billing.charges import chargeable
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind
from lib.circulation.acts import Act
from lib.circulation.capture import Offer, displace, undisplace, why_not_withdrawn, withdraw_offer
from lib.circulation.hold_queue import hold_on_shelf, snapshot
from lib.circulation.postings import posted_new
from lib.kit.errors import Fault, Invalid
from lib.kit.text import clean

DAMAGE = "Damage to a copy"
LONGEST_NOTE = 500


def read_note(text: str) -> str:
    """A note about a copy as it is kept.

    Raises:
        Invalid: longer than 500 characters.
    """
    note = clean(text, "note")
    if len(note) > LONGEST_NOTE:
        raise Invalid(Fault("note", f"Keep the note to {LONGEST_NOTE} characters."))
    return note


def charge_damage(
    uow: UnitOfWork, *, amount_minor: int, account_id: int, copy_id: int, loan_id: int
) -> list[dict[str, Any]]:
    """Charges a member for what happened to a copy; returns what was written, as an act keeps it.

    Raises:
        Forbidden: the till's permission is missing. Invalid: the amount.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    chargeable(uow, amount_minor, "charge_minor")
    charge = open_charge(
        uow, account_id=account_id, kind=ChargeKind.DAMAGE, amount_minor=amount_minor, what=DAMAGE, loan_id=loan_id,
        copy_id=copy_id,
    )  # fmt: skip
    return [posted_new(uow, charge)]


def kept_offer(offer: Offer | None) -> dict[str, Any]:
    """For whom a copy was put aside, as an act keeps it: without saying who that is."""
    return {"hold": {"hold_id": offer.hold_id}} if offer else {}


def offer_overtaken(uow: UnitOfWork, act: Act) -> str:
    """What stands against giving the copy's place on the hold shelf up, or nothing."""
    kept = act.after.get("hold")
    return why_not_withdrawn(uow, kept["hold_id"]) if kept else ""


def take_offer_back(uow: UnitOfWork, act: Act) -> None:
    """The hold waits again, in its order; its unsent notice goes."""
    if kept := act.after.get("hold"):
        withdraw_offer(uow, kept["hold_id"])


def off_hold_shelf(uow: UnitOfWork, copy_id: int) -> dict[str, Any]:
    """A damaged copy leaves the hold shelf: its reader waits again, at the first place. Returns what undoing needs."""
    lying = hold_on_shelf(uow, copy_id)
    if lying is None:
        return {}
    was = snapshot(lying)
    displace(uow, copy_id=copy_id)
    return {"displaced": was}


def back_on_hold_shelf(uow: UnitOfWork, act: Act) -> None:
    """Undoes `off_hold_shelf`, once the copy has its status back."""
    if was := act.before.get("displaced"):
        undisplace(uow, was)
