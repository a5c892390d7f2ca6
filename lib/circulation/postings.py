"""What an act did to charges, kept with the act: taken back as long as nobody paid or forgave since."""

from dataclasses import dataclass
from typing import Any

from lib.access.work import UnitOfWork
from lib.billing.ledger import KEPT, TRIMMED, reopen, reverse_entry
from lib.billing.models import ChargeState
from lib.circulation.acts import Act
from lib.kit.database import Statement

MONEY = "money"
NEW = "new"
_FOLLOWED = {"trimmed": TRIMMED, "kept": KEPT}
_LATEST = Statement("SELECT max(id) FROM ledger_entry WHERE charge_id = :charge_id")
# Waivers that followed a charge on their own follow it back as well.
_SINCE = Statement(
    "SELECT id FROM ledger_entry WHERE charge_id = :charge_id AND id > :latest AND reason NOT IN (:trimmed, :kept)"
    " ORDER BY id"
)
# What stands: neither taken back nor itself the taking back of something. What was set off stays where it went: its
# member owes as much in all, whichever charge the money lies on.
_STANDING = Statement(
    "SELECT e.id, e.kind FROM ledger_entry e WHERE e.charge_id = :charge_id AND e.id > :latest"
    " AND e.kind NOT IN ('reversal', 'set_off') AND e.reason NOT IN (:trimmed, :kept)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses_id = e.id) ORDER BY e.id"
)
_CHARGE = Statement(
    "SELECT g.state, (SELECT o.id FROM charge o WHERE o.loan_id = g.loan_id AND o.state = 'accruing') FROM charge g"
    " WHERE g.id = :charge_id"
)
_OVERTAKEN = {
    "payment": "what it cost was paid since",
    "refund": "money was given back for it since",
    "waiver": "what it cost was forgiven since",
}
_CHANGED = "what it cost was changed since"


@dataclass(frozen=True, slots=True)
class Before:
    """A charge before an act touched it. `state` is "new", "accruing" or "final"; `latest` its last entry."""

    charge_id: int
    state: str
    latest: int


def before(uow: UnitOfWork, charge_id: int, state: ChargeState) -> Before:
    """Notes how a charge stands that is about to change."""
    row = _LATEST.row(uow.connection, charge_id=charge_id)
    return Before(charge_id, state.value, int(row[0] or 0))


def posted(uow: UnitOfWork, was: Before, *, runs_again: bool = False) -> dict[str, Any]:
    """What the act wrote, in JSON's types. `runs_again`: taken back, the charge runs again as part of an open loan."""
    written = [row[0] for row in _SINCE.rows(uow.connection, charge_id=was.charge_id, latest=was.latest, **_FOLLOWED)]
    return {
        "charge": was.charge_id, "latest": was.latest, "entries": written,
        "runs_again": runs_again or was.state == ChargeState.ACCRUING,
    }  # fmt: skip


def posted_new(uow: UnitOfWork, charge_id: int, *, runs_again: bool = False) -> dict[str, Any]:
    """The same for a charge that the act itself opened."""
    return posted(uow, Before(charge_id, NEW, 0), runs_again=runs_again)


def money_overtaken(uow: UnitOfWork, act: Act) -> str:
    """What happened since to the charges of an act, or nothing."""
    for posting in act.after.get(MONEY, ()):
        own = set(posting["entries"])
        standing = _STANDING.rows(
            uow.connection, charge_id=posting["charge"], latest=posting["latest"], **_FOLLOWED
        )  # fmt: skip
        since = [kind for number, kind in standing if number not in own]
        if since:
            return _OVERTAKEN.get(since[-1], _CHANGED)
        if own - {number for number, _ in standing}:
            return _CHANGED
    return ""


def take_money_back(uow: UnitOfWork, act: Act) -> None:
    """Writes the opposite of each entry of an act; a fine that it fixed runs again."""
    for posting in reversed(act.after.get(MONEY, [])):
        for entry_id in reversed(posting["entries"]):
            reverse_entry(uow, entry_id, reason="Taken back")
        if posting["runs_again"]:
            _run_again(uow, posting["charge"])


def _run_again(uow: UnitOfWork, charge_id: int) -> None:
    state, running = _CHARGE.row(uow.connection, charge_id=charge_id)
    if state == ChargeState.FINAL and running is None:
        reopen(uow, charge_id)
