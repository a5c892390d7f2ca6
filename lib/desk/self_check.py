"""What a machine does for the one member before it: the desk's own decisions, never an override.

Lending and taking back are the machine's acts (Channel.SELF_CHECK). Renewing, holding and reading are done with the
member's own rights, in the same transaction, so that a machine never sees or does more than they could themselves.
Who the member is was proved before (lib/accounts/pins.py); these use cases take the id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lib.access.actor import Actor
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts.fields import readable
from lib.accounts.models import AccountStatus
from lib.audit.trail import record
from lib.billing.models import PaymentMethod
from lib.billing.paid import PaymentReceipt, receipt_once
from lib.billing.payments import take_in
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import PAY, note_act
from lib.circulation.checkout import IssueReceipt, check_out
from lib.circulation.decision import Reason
from lib.circulation.errors import NoSuchCopy
from lib.circulation.facts import lock_member
from lib.circulation.fines import accrue_member
from lib.circulation.hold_models import HoldState
from lib.circulation.holds import HoldReceipt, cancel_hold, place_hold
from lib.circulation.models import Channel
from lib.circulation.policy import EffectiveRule
from lib.circulation.queries import LoanRow, loans_of, standing
from lib.circulation.renewals import RenewOutcome, RenewReceipt, renew, renew_all
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

MOST_LISTED = 200
_BY_CARD = Statement("SELECT id FROM account WHERE card_number = :card AND role <> 'terminal'")
_MEMBER = Statement("SELECT name, card_number, status, language, membership_ends_on FROM account WHERE id = :id")
_ITEM = Statement(
    "SELECT c.id, c.barcode, c.title_id, t.title, c.status, c.price_minor, p.name, c.shelf, k.code, o.id,"
    " o.account_id, o.due_on, o.claimed_on FROM copy c JOIN title t ON t.id = c.title_id"
    " JOIN location p ON p.id = c.location_id JOIN item_kind k ON k.id = t.kind_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL WHERE c.barcode = :barcode"
)
_HOLDS = Statement(
    "SELECT h.id, h.title_id, t.title, h.state, h.position, h.shelf_until, c.barcode FROM hold h"
    " JOIN title t ON t.id = h.title_id LEFT JOIN copy c ON c.id = h.shelf_copy_id"
    " WHERE h.account_id = :id AND h.state IN ('waiting', 'ready') ORDER BY h.id LIMIT 200"
)
_CHARGES = Statement(
    "SELECT id, what, balance_minor FROM charge WHERE account_id = :id AND balance_minor > 0 ORDER BY id LIMIT 200"
)
_HOLD_OF = Statement(
    "SELECT id FROM hold WHERE account_id = :id AND title_id = :title_id AND state IN ('waiting', 'ready')"
)
_TITLE_OF = Statement("SELECT title_id FROM copy WHERE barcode = :barcode")


@dataclass(frozen=True, slots=True)
class SelfHold:
    """One of the member's holds. `barcode` and `shelf_until` once a copy lies on the hold shelf for them."""

    hold_id: int
    title_id: int
    title: str
    ready: bool
    position: int | None
    shelf_until: date | None
    barcode: str


@dataclass(frozen=True, slots=True)
class SelfCharge:
    """Something the member owes, in minor units."""

    charge_id: int
    what: str
    owed_minor: int


@dataclass(frozen=True, slots=True)
class PatronSummary:
    """A member as a machine shows them to themselves. `blocks`: what stands against any further loan; `owed_minor`:
    what they owe as of today in minor units."""

    member_id: int
    name: str
    card_number: str
    status: AccountStatus
    membership_ends_on: date | None
    loans: tuple[LoanRow, ...]
    holds: tuple[SelfHold, ...]
    charges: tuple[SelfCharge, ...]
    blocks: tuple[Reason, ...]
    owed_minor: int
    limits: EffectiveRule


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """A copy as a machine sees it; of a loan only until when it runs."""

    copy_id: int
    barcode: str
    title_id: int
    title: str
    kind: str
    status: str
    price_minor: int | None
    location: str
    shelf: str
    due_on: date | None
    claimed: bool


@dataclass(frozen=True, slots=True)
class SelfRenewal:
    """A renewal, with what was renewed."""

    title: str
    barcode: str
    receipt: RenewReceipt


def member_of_card(uow: UnitOfWork, card: str) -> int:
    """Whose card this is.

    Raises:
        NotFound: nobody's.
    """
    uow.require(Permission.SELF_CHECK)
    row = _BY_CARD.row(uow.connection, card=readable(card, 64).replace(" ", ""))
    if row is None:
        raise NotFound("library card")
    return int(row[0])


def patron_summary(uow: UnitOfWork, member_id: int) -> PatronSummary:
    """All a machine may show a member of themselves.

    Raises:
        NotFound: no such member.
    """
    uow.require(Permission.SELF_CHECK)
    row = _MEMBER.row(uow.connection, id=member_id)
    if row is None:
        raise NotFound("member")
    own = acting_for(uow, member_id)
    state = standing(own, member_id)
    loans = loans_of(own, member_id, size=MOST_LISTED).rows
    holds = tuple(_hold(found) for found in _HOLDS.rows(uow.connection, id=member_id))
    charges = tuple(SelfCharge(*found) for found in _CHARGES.rows(uow.connection, id=member_id))
    return PatronSummary(
        member_id, row[0], row[1] or "", AccountStatus(row[2]), as_day(row[4]), loans, holds, charges, state.blocks,
        state.owed_minor, state.limits,
    )  # fmt: skip


def _hold(row: Any) -> SelfHold:
    number, title_id, title, state, position, until, barcode = row
    return SelfHold(number, title_id, title, state == HoldState.READY, position, as_day(until), barcode or "")


def item_summary(uow: UnitOfWork, barcode: str) -> ItemSummary:
    """A copy by its barcode.

    Raises:
        NoSuchCopy.
    """
    uow.require(Permission.SELF_CHECK)
    row = _ITEM.row(uow.connection, barcode=barcode_of(barcode))
    if row is None:
        raise NoSuchCopy(barcode)
    number, code, title_id, title, status, price, place, shelf, kind, _, _, due_on, claimed = row
    return ItemSummary(
        number, code, title_id, title, kind, status, price, place, shelf, as_day(due_on), claimed is not None
    )


def self_check_out(uow: UnitOfWork, *, barcode: str, member_id: int, key: str | None = None) -> IssueReceipt:
    """Issues a copy to the member before the machine: the same decision as at the desk.

    Raises:
        NoSuchCopy, NotFound; CannotLend: with every reason.
    """
    return check_out(uow, barcode=barcode, member_id=member_id, key=key, channel=Channel.SELF_CHECK)


def self_renew(uow: UnitOfWork, *, barcode: str, member_id: int, key: str | None = None) -> SelfRenewal:
    """Renews the member's loan of this copy.

    Raises:
        NoSuchCopy; NotFound: it is not on loan to them. CannotRenew: with every reason.
    """
    uow.require(Permission.SELF_CHECK)
    row = _ITEM.row(uow.connection, barcode=barcode_of(barcode))
    if row is None:
        raise NoSuchCopy(barcode)
    if row[10] != member_id:
        raise NotFound("loan of yours")
    receipt = renew(acting_for(uow, member_id), loan_id=row[9], key=key)
    record(uow, "self-check.renew", "account", member_id)
    return SelfRenewal(row[3], row[1], receipt)


def self_renew_all(uow: UnitOfWork, *, member_id: int) -> tuple[RenewOutcome, ...]:
    """Renews what may be renewed of the member's loans; for each says what happened or why not."""
    uow.require(Permission.SELF_CHECK)
    done = renew_all(acting_for(uow, member_id), member_id=member_id)
    record(uow, "self-check.renew-all", "account", member_id, count=sum(1 for one in done if one.receipt))
    return done


def self_hold(
    uow: UnitOfWork, *, member_id: int, title_id: int | None = None, barcode: str = "", key: str | None = None
) -> HoldReceipt:
    """Puts the member into the queue of a title, named by its id or by one of its copies.

    Raises:
        NoSuchCopy, NotFound; CannotHold: with every reason.
    """
    wanted = _title(uow, title_id, barcode)
    done = place_hold(acting_for(uow, member_id), title_id=wanted, key=key)
    record(uow, "self-check.hold", "account", member_id)
    return done


def self_cancel_hold(uow: UnitOfWork, *, member_id: int, title_id: int | None = None, barcode: str = "") -> str:
    """Ends the member's hold on a title; returns the title's name.

    Raises:
        NoSuchCopy; NotFound: they hold no such title.
    """
    wanted = _title(uow, title_id, barcode)
    row = _HOLD_OF.row(uow.connection, id=member_id, title_id=wanted)
    if row is None:
        raise NotFound("hold of yours")
    done = cancel_hold(acting_for(uow, member_id), row[0])
    record(uow, "self-check.cancel-hold", "account", member_id)
    return done.title


def self_pay(
    uow: UnitOfWork,
    *,
    member_id: int,
    amount_minor: int,
    method: PaymentMethod,
    charge_ids: Sequence[int] = (),
    key: str | None = None,
) -> PaymentReceipt:
    """Books money that the machine took, over the chosen charges or the oldest first; running fines are brought up to
    today before. The same `key` again gives the same receipt and books nothing more.

    Raises:
        PaysTooMuch, NothingOwed, AlreadyPaid, ChargeChanged, NotFound, Invalid: as `billing.payments.pay`.
    """
    uow.require(Permission.SELF_CHECK)
    lock_member(uow, member_id)

    def book() -> PaymentReceipt:
        accrue_member(uow, member_id)
        receipt = take_in(
            uow, account_id=member_id, amount_minor=amount_minor, method=method, charge_ids=charge_ids,
            note=f"At {uow.actor.name}",
        )  # fmt: skip
        after = {"amount_minor": amount_minor, "payment_id": receipt.payment_id}
        note_act(uow, PAY, account_id=member_id, before={}, after=after)
        return receipt

    return receipt_once(uow, key, ("self-pay", member_id, amount_minor, method, list(charge_ids)), book)


def _title(uow: UnitOfWork, title_id: int | None, barcode: str) -> int:
    uow.require(Permission.SELF_CHECK)
    if title_id is not None:
        return title_id
    row = _TITLE_OF.row(uow.connection, barcode=barcode_of(barcode))
    if row is None:
        raise NoSuchCopy(barcode)
    return int(row[0])


def acting_for(uow: UnitOfWork, member_id: int) -> UnitOfWork:
    """The same transaction with the member's own rights; never more than the machine was let in for."""
    uow.require(Permission.SELF_CHECK)
    return replace(uow, actor=Actor(member_id, Role.MEMBER))
