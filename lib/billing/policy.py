"""The rules of money on plain values: what a charge may become, and over which charges money is spread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.kit.errors import Fault, Invalid
from lib.kit.money import LARGEST


class ChargeMove(StrEnum):
    """What can happen to a charge's state."""

    FINALISE = "final"
    REOPEN = "running again"


# Every arrow there is; what is not here does not happen.
CHARGE_MOVES: dict[tuple[ChargeState, ChargeMove], ChargeState] = {
    (ChargeState.ACCRUING, ChargeMove.FINALISE): ChargeState.FINAL,
    (ChargeState.FINAL, ChargeMove.REOPEN): ChargeState.ACCRUING,
}


@dataclass(frozen=True, slots=True)
class Share:
    """An amount (minor units) of one charge: what is owed on it, or what of a payment goes there."""

    charge_id: int
    amount_minor: int


def owed_minor(owing: Iterable[Share]) -> int:
    """What can be paid: charges below nought pay for nothing."""
    return sum(share.amount_minor for share in owing if share.amount_minor > 0)


def net_minor(parts: Iterable[tuple[int, int]]) -> dict[int, int]:
    """What (charge, amount) pairs come to for each charge, in the charges' order."""
    sums: dict[int, int] = {}
    for charge_id, amount in sorted(parts):
        sums[charge_id] = sums.get(charge_id, 0) + amount
    return sums


def allocate(owing: Sequence[Share], amount_minor: int) -> tuple[Share, ...]:
    """Spreads an amount over charges in their order, filling each before the next; what is left over stays out."""
    parts, left = [], amount_minor
    for share in owing:
        part = min(left, share.amount_minor)
        if part > 0:
            parts.append(Share(share.charge_id, part))
            left -= part
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Credit:
    """What of a payment's money (minor units) lies on a charge."""

    payment_id: int
    charge_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SetOff:
    """Money of a payment (minor units) that goes from one charge, which does not need it any more, to another."""

    payment_id: int
    from_id: int
    to_id: int
    amount_minor: int


def set_off(due: Sequence[Share], money: Sequence[Credit], owing: Sequence[Share]) -> tuple[SetOff, ...]:
    """How what the library owes (`due`, above nought) pays what a member owes, in the order of all three: no more than
    is due, no more than is owed, and only money that was paid."""
    left = {share.charge_id: share.amount_minor for share in due}
    needed = {share.charge_id: share.amount_minor for share in owing}
    moves = []
    for credit in money:
        free = min(credit.amount_minor, left[credit.charge_id])
        left[credit.charge_id] -= free
        for part in allocate([Share(*pair) for pair in needed.items()], free):
            needed[part.charge_id] -= part.amount_minor
            moves.append(SetOff(credit.payment_id, credit.charge_id, part.charge_id, part.amount_minor))
    return tuple(moves)


def refundable_minor(*, paid_minor: int, balance_minor: int) -> int:
    """What of a charge can be given back: no more than was paid on it, no more than the library owes."""
    return max(0, min(paid_minor, -balance_minor))


def forgive_anew_minor(*, balance_minor: int, waived_minor: int, trimmed_minor: int) -> int:
    """By how much more is to be forgiven of a charge that costs more or less than before; below nought: by how much
    less. What is forgiven never makes the library owe anything, and what was `trimmed` for that counts again as soon
    as there is something to forgive."""
    return max(-waived_minor, min(balance_minor, trimmed_minor))


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry as a statement of account shows it; `since` lies before `on_date` where several became one."""

    charge_id: int
    charge_kind: ChargeKind
    what: str
    kind: EntryKind
    amount_minor: int
    since: date
    on_date: date
    receipt: str = ""
    reason: str = ""
    takes_back: EntryKind | None = None


def merge_growth(postings: Iterable[Posting]) -> list[Posting]:
    """A fine that grows day by day is told once, on its last day, as long as nothing else happened to it between."""
    told: dict[int, Posting] = {}  # by a number of their own, in order
    growing: dict[int, int] = {}  # the charge → the number of what is still growing
    for number, posting in enumerate(postings):
        grows = posting.charge_kind is ChargeKind.FINE and posting.kind is EntryKind.CHARGE and not posting.reason
        before = told.pop(growing[posting.charge_id]) if grows and posting.charge_id in growing else None
        told[number] = posting if before is None else replace(
            posting, amount_minor=before.amount_minor + posting.amount_minor, since=before.since
        )  # fmt: skip
        if grows:
            growing[posting.charge_id] = number
        else:
            growing.pop(posting.charge_id, None)
    return list(told.values())


def positive(amount_minor: int, field: str = "amount") -> int:
    """An amount above nought.

    Raises:
        Invalid: it is nought, below, or absurdly large.
    """
    if not 0 < amount_minor <= LARGEST:
        raise Invalid(Fault(field, "Give an amount above nought."))
    return amount_minor


def receipt_name(number: int) -> str:
    """A receipt's number as people see it: R-000123."""
    return f"R-{number:06d}"
