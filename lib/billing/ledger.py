"""The ledger's own verbs, for the use cases of this room and those above: no permission is asked here, no member
locked, nothing noted in the audit trail.

Every entry moves its charge's balance in the same step, and nothing else does. Amounts are minor units.
"""

from sqlalchemy.exc import IntegrityError

from lib.access.work import UnitOfWork
from lib.billing.currency import currency_of
from lib.billing.errors import AlreadyAccruing, AlreadyReversed, NotReversible, WrongChargeState
from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.billing.policy import CHARGE_MOVES, ChargeMove, forgive_anew_minor, positive
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import NotFound

_OPEN = Statement(
    "INSERT INTO charge (account_id, kind, state, loan_id, copy_id, what, balance_minor, made_at, made_by)"
    " VALUES (:account_id, :kind, :state, :loan_id, :copy_id, :what, 0, :now, :by) RETURNING id"
)
_MOVE = Statement("UPDATE charge SET balance_minor = balance_minor + :delta WHERE id = :charge_id RETURNING account_id")
_ADD = Statement(
    "INSERT INTO ledger_entry (charge_id, account_id, kind, amount_minor, currency, at, on_date, made_by, payment_id,"
    " reverses_id, reason) VALUES (:charge_id, :account_id, :kind, :amount, :currency, :now, :today, :by, :payment_id,"
    " :reverses_id, :reason) RETURNING id"
)
_STATE = Statement("UPDATE charge SET state = :after WHERE id = :charge_id AND state = :before")
_STATE_NOW = Statement("SELECT state, kind, loan_id FROM charge WHERE id = :charge_id")
_ENTRY = Statement(
    "SELECT e.charge_id, e.kind, e.amount_minor, e.payment_id, (SELECT r.id FROM ledger_entry r"
    " WHERE r.reverses_id = e.id) FROM ledger_entry e WHERE e.id = :entry_id"
)
_ACCRUING = Statement(
    "SELECT c.id, CAST(coalesce(sum(CASE WHEN coalesce(r.kind, e.kind) IN ('charge', 'correction')"
    " THEN e.amount_minor END), 0) AS BIGINT), c.balance_minor FROM charge c"
    " LEFT JOIN ledger_entry e ON e.charge_id = c.id LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    " WHERE c.loan_id = :loan_id AND c.state = 'accruing' GROUP BY c.id, c.balance_minor"
)
# What stands of it, and what was taken back of it because the charge became less.
_FORGIVEN = Statement(
    "SELECT c.balance_minor, CAST(coalesce(-sum(CASE WHEN coalesce(r.kind, e.kind) = 'waiver' THEN e.amount_minor END),"
    " 0) AS BIGINT), CAST(coalesce(sum(CASE WHEN e.reason IN (:trimmed, :kept) THEN e.amount_minor END), 0) AS BIGINT)"
    " FROM charge c LEFT JOIN ledger_entry e ON e.charge_id = c.id LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    " WHERE c.id = :charge_id GROUP BY c.id, c.balance_minor"
)
_WAIVERS = Statement(
    "SELECT e.id, -e.amount_minor FROM ledger_entry e WHERE e.charge_id = :charge_id AND e.kind = 'waiver'"
    " AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses_id = e.id) ORDER BY e.id DESC"
)
TRIMMED, KEPT = "More was forgiven than it costs now", "Forgiven before"
ONE_ACCRUING = ("uq_charge_accruing", "charge.loan_id")
ONE_REVERSAL = ("uq_ledger_entry_reverses_id", "ledger_entry.reverses_id")


def open_charge(
    uow: UnitOfWork,
    *,
    account_id: int,
    kind: ChargeKind,
    amount_minor: int,
    what: str,
    loan_id: int | None = None,
    copy_id: int | None = None,
    state: ChargeState = ChargeState.FINAL,
) -> int:
    """A new charge with its first entry; returns its id. Nought is allowed for a running fine only, which then has
    no entry yet. `what` says what it is for, without naming a title.

    Raises:
        AlreadyAccruing: the loan has a running fine. Invalid: the amount.
    """
    running = state is ChargeState.ACCRUING
    if not (running and amount_minor == 0):
        positive(amount_minor)
    try:
        row = _OPEN.row(
            uow.connection, account_id=account_id, kind=kind.value, state=state.value, loan_id=loan_id,
            copy_id=copy_id, what=what, now=uow.now, by=uow.actor.account_id,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) in ONE_ACCRUING:
            raise AlreadyAccruing(loan_id=loan_id) from error
        raise
    charge_id = int(row[0])
    if amount_minor:
        enter(uow, charge_id, EntryKind.CHARGE, amount_minor)
    return charge_id


def enter(
    uow: UnitOfWork,
    charge_id: int,
    kind: EntryKind,
    amount_minor: int,
    *,
    payment_id: int | None = None,
    reverses_id: int | None = None,
    reason: str = "",
) -> int:
    """One entry, and the charge's balance with it; returns the entry's id.

    Raises:
        NotFound: no such charge.
    """
    row = _MOVE.row(uow.connection, delta=amount_minor, charge_id=charge_id)
    if row is None:
        raise NotFound("charge")
    return write(
        uow, charge_id, row[0], kind, amount_minor, payment_id=payment_id, reverses_id=reverses_id, reason=reason
    )


def write(
    uow: UnitOfWork,
    charge_id: int,
    account_id: int,
    kind: EntryKind,
    amount_minor: int,
    *,
    payment_id: int | None = None,
    reverses_id: int | None = None,
    reason: str = "",
) -> int:
    """The entry alone: for this room's use cases, which have moved the balance in the same transaction under a
    condition of their own.

    Raises:
        AlreadyReversed: another entry takes `reverses_id` back.
    """
    try:
        row = _ADD.row(
            uow.connection, charge_id=charge_id, account_id=account_id, kind=kind.value, amount=amount_minor,
            currency=currency_of(uow), now=uow.now, today=uow.today, by=uow.actor.account_id, payment_id=payment_id,
            reverses_id=reverses_id, reason=reason,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) in ONE_REVERSAL:
            raise AlreadyReversed(thing="entry") from error
        raise
    return int(row[0])


def adjust(uow: UnitOfWork, charge_id: int, delta_minor: int, *, reason: str = "") -> None:
    """What a charge is for became more (a CHARGE entry) or less (a CORRECTION); nothing for 0. What was forgiven of it
    follows: the library never owes what nobody paid.

    Raises:
        NotFound: no such charge.
    """
    if delta_minor:
        kind = EntryKind.CHARGE if delta_minor > 0 else EntryKind.CORRECTION
        enter(uow, charge_id, kind, delta_minor, reason=reason)
        settle_waivers(uow, charge_id)


def settle_waivers(uow: UnitOfWork, charge_id: int) -> None:
    """After a charge became more or less: a waiver above what it costs is taken back and made anew for the rest; one
    that was cut so counts again when the charge grows."""
    balance, waived, trimmed = _FORGIVEN.row(uow.connection, charge_id=charge_id, trimmed=TRIMMED, kept=KEPT)
    more = forgive_anew_minor(balance_minor=balance, waived_minor=waived, trimmed_minor=trimmed)
    if more > 0:
        enter(uow, charge_id, EntryKind.WAIVER, -more, reason=KEPT)
    left = -more
    for entry_id, amount in _WAIVERS.rows(uow.connection, charge_id=charge_id) if left > 0 else ():
        if left > 0:
            enter(uow, charge_id, EntryKind.REVERSAL, amount, reverses_id=entry_id, reason=TRIMMED)
            if amount > left:
                enter(uow, charge_id, EntryKind.WAIVER, left - amount, reason=KEPT)
            left -= amount


def finalise(uow: UnitOfWork, charge_id: int) -> None:
    """A running fine has reached its last amount.

    Raises:
        NotFound: no such charge. WrongChargeState: it is final.
    """
    _change_state(uow, charge_id, ChargeMove.FINALISE)


def reopen(uow: UnitOfWork, charge_id: int) -> None:
    """A fine runs again: what made it final was taken back.

    Raises:
        NotFound: no such charge. WrongChargeState: it is running, or no fine of a loan.
        AlreadyAccruing: the loan has another running fine.
    """
    _change_state(uow, charge_id, ChargeMove.REOPEN)


def _change_state(uow: UnitOfWork, charge_id: int, move: ChargeMove) -> None:
    row = _STATE_NOW.row(uow.connection, charge_id=charge_id)
    if row is None:
        raise NotFound("charge")
    before = ChargeState(row[0])
    after = CHARGE_MOVES.get((before, move))
    can_run = row[1] == ChargeKind.FINE and row[2] is not None
    refusal = WrongChargeState(charge_id=charge_id, state=before.value, move=move.value)
    if after is None or (after is ChargeState.ACCRUING and not can_run):
        raise refusal
    try:
        changed = _STATE.count(uow.connection, charge_id=charge_id, before=before.value, after=after.value)
    except IntegrityError as error:
        if broken_constraint(error) in ONE_ACCRUING:
            raise AlreadyAccruing(loan_id=row[2]) from error
        raise
    if not changed:
        raise refusal


def reverse_entry(uow: UnitOfWork, entry_id: int, *, reason: str) -> int:
    """The exact opposite of an entry, once; returns the new entry's id. Money goes through `reverse_payment`.

    Raises:
        NotFound: no such entry. AlreadyReversed. NotReversible: it is money, or a reversal itself.
    """
    row = _ENTRY.row(uow.connection, entry_id=entry_id)
    if row is None:
        raise NotFound("entry")
    charge_id, kind, amount, payment_id, reversal = row
    if payment_id is not None:
        raise NotReversible(thing="entry", way_out="Take its receipt back as a whole.")
    if kind == EntryKind.REVERSAL:
        raise NotReversible(thing="entry", way_out="Do anew what it took back.")
    if reversal is not None:
        raise AlreadyReversed(thing="entry")
    reversal_id = enter(uow, charge_id, EntryKind.REVERSAL, -amount, reverses_id=entry_id, reason=reason)
    if kind != EntryKind.WAIVER:
        settle_waivers(uow, charge_id)
    return reversal_id


def accruing_charge(uow: UnitOfWork, loan_id: int) -> tuple[int, int, int] | None:
    """The running fine of a loan as (charge_id, gross_minor, balance_minor): gross is what was charged and corrected,
    whatever was paid or waived since. None when no fine runs."""
    row = _ACCRUING.row(uow.connection, loan_id=loan_id)
    return (int(row[0]), int(row[1]), int(row[2])) if row else None
