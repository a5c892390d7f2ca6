"""The rules of holds as pure functions of values: which moves there are, who is next, which copy goes to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.accounts.models import AccountStatus
from lib.accounts.policy import standing_on
from lib.circulation.hold_models import HoldState

_S = HoldState
# Whoever takes a copy of the title, from the shelf or from a desk, has what they waited for: waiting → collected.
HOLD_MOVES: Mapping[HoldState, frozenset[HoldState]] = {
    _S.WAITING: frozenset({_S.READY, _S.COLLECTED, _S.CANCELLED}),
    _S.READY: frozenset({_S.COLLECTED, _S.CANCELLED, _S.EXPIRED}),
    _S.COLLECTED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
# Ways back: an act is undone, or the copy on the hold shelf goes to somebody else by an override.
TAKEN_BACK: Mapping[HoldState, frozenset[HoldState]] = {
    _S.WAITING: frozenset(),
    _S.READY: frozenset({_S.WAITING}),
    _S.COLLECTED: frozenset({_S.WAITING, _S.READY}),
    _S.CANCELLED: frozenset({_S.WAITING, _S.READY}),
    _S.EXPIRED: frozenset(),
}
LIVE = frozenset({_S.WAITING, _S.READY})


def may_move(old: HoldState, new: HoldState) -> bool:
    """Whether a hold may go from one state to another."""
    return new in HOLD_MOVES[old]


def may_return(old: HoldState, new: HoldState) -> bool:
    """Whether undoing may bring a hold back from one state to another."""
    return new in TAKEN_BACK[old]


def sources(new: HoldState) -> list[str]:
    """The states from which a hold may come to this one."""
    return sorted(old.value for old in HoldState if may_move(old, new))


def is_suspended(until: date | None, today: date) -> bool:
    """Whether a hold is passed over today: up to and including its day."""
    return until is not None and today <= until


def why_passed_over(
    status: AccountStatus, suspended_until: date | None, membership_ends_on: date | None, today: date
) -> str:
    """Why a reader's holds keep their place but get no copy today, or "": who may not borrow at all would only let it
    lie. What they owe is no such reason: it can be settled when they come."""
    standing = standing_on(status, suspended_until, today)
    if standing is AccountStatus.SUSPENDED:
        return "the membership is suspended"
    if standing is not AccountStatus.ACTIVE:
        return "the account is not active"
    return "the membership has ended" if membership_ends_on is not None and membership_ends_on < today else ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A waiting hold that may be served now. `copy_id`: by this copy only."""

    hold_id: int
    copy_id: int | None = None


def share_out(claims: Iterable[Claim], copy_ids: Sequence[int]) -> dict[int, int]:
    """Which copy goes to which hold, by hold: in the order of the queue, each copy once.

    A hold for any copy leaves aside, where it can, a copy that somebody further behind can only be served by.
    """
    queue, free, given = list(claims), list(copy_ids), {}
    for place, claim in enumerate(queue):
        behind = {later.copy_id for later in queue[place + 1 :]} if claim.copy_id is None else set()
        fitting = [copy for copy in free if claim.copy_id in (None, copy)]
        if fitting:
            chosen = next((copy for copy in fitting if copy not in behind), fitting[0])
            given[claim.hold_id] = chosen
            free.remove(chosen)
    return given


def in_want_of(claims: Sequence[Claim], copy_id: int, others: Sequence[int]) -> int:
    """How many of those who wait stay without a copy for want of this one; nought where, standing on the shelf beside
    the others, it would go to nobody."""
    if copy_id not in share_out(claims, [*others, copy_id]).values():
        return 0
    served = share_out(claims, others)
    fitting = {None, copy_id, *others}
    return sum(1 for claim in claims if claim.hold_id not in served and claim.copy_id in fitting)
