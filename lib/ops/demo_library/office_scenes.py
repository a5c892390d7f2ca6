"""What is agreed, planned and left to settle in the demo library: exceptions, a closure, new rules, an hour offline."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import UnitOfWork
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.circulation.closure_entries import Entry, calendar_of
from lib.circulation.exceptions import add_exception
from lib.circulation.models import ClosureKind
from lib.circulation.policy_changes import ProposedLine, add_change, policy_state
from lib.circulation.policy_sets import Pair, set_ones
from lib.closures.changes import apply_change
from lib.closures.reach import CalendarChange
from lib.desk.offline import ISSUE, RETURN, OfflineAct, replay
from lib.kit.database import Statement
from lib.ops.demo_library.cast import Part
from lib.ops.demo_library.lending import Reader
from lib.ops.demo_library.stage import Stage

_BARCODE = Statement("SELECT barcode FROM copy WHERE id = :copy_id")
_CARD = Statement("SELECT card_number FROM account WHERE id = :account_id")
_IN = Statement(
    "SELECT c.barcode FROM copy c WHERE c.status = 'available' AND NOT EXISTS (SELECT 1 FROM loan l"
    " WHERE l.copy_id = c.id AND l.returned_at > :at) ORDER BY c.id LIMIT 1"
)
_REPAIR_NOTE = "Planned repairs of the roof"
DEVICE = "Desk by the door"


def play_office(stage: Stage, parts: Mapping[str, Part]) -> None:
    """Writes exceptions and an hour without the server down; `stage.play()` plays them."""
    excused, student = parts["long overdue, excused"].reader, parts["late, paid"].reader
    stage.desk(6, 0.8, partial(
        _except, who=excused, name="overdue_blocks", amount=0, days=30, reason="In hospital; the family brings the book"
    ))  # fmt: skip
    stage.desk(10, 0.8, partial(
        _except, who=student, name="max_loans", amount=12, days=90, reason="Thesis year, as agreed with the faculty"
    ))  # fmt: skip
    stage.desk(1, 0.9, partial(_offline, stage=stage, gone=parts["long overdue"], owing=parts["damaged"]))


def _except(uow: UnitOfWork, *, who: Reader, name: str, amount: int, days: int, reason: str) -> None:
    until = uow.today + timedelta(days=days)
    add_exception(uow, account_id=who.account_id, name=name, amount=amount, until=until, reason=reason)


def _offline(uow: UnitOfWork, *, stage: Stage, gone: Part, owing: Part) -> None:
    """One act was done, one went against a rule, and two could not be done: a copy that is out, a misread label."""
    at = uow.now - timedelta(minutes=40)
    (out,) = _BARCODE.row(uow.connection, copy_id=gone.copy_id)
    (there,) = _IN.row(uow.connection, at=at)
    hers, theirs = (
        _CARD.row(uow.connection, account_id=one.account_id)[0] for one in (stage.star, owing.reader)
    )  # fmt: skip
    acts = (
        (ISSUE, there, theirs), (RETURN, there, ""), (ISSUE, out, hers), (RETURN, "B0000000", ""),
    )  # fmt: skip
    replay(uow, [
        OfflineAct(f"demo-{number}", kind, barcode, card, at + timedelta(minutes=3 * number), DEVICE)
        for number, (kind, barcode, card) in enumerate(acts, 1)
    ])  # fmt: skip


def plan_ahead(uow: UnitOfWork, admin: Actor) -> None:
    """A closure that moves due days, and new rules that hold in two weeks."""
    mine = replace(uow, actor=admin)
    apply_change(mine, CalendarChange((Entry(
        ClosureKind.DAY, on_date=_day_that_moves(mine), reason=_REPAIR_NOTE
    ),)))  # fmt: skip
    state = policy_state(mine)
    lines = [
        ProposedLine(line.membership_type_id, line.item_kind_id, set_ones(line.values) | _NEW_RULES.get(line.pair, {}))
        for line in state.lines
    ]
    add_change(
        mine, holds_from=mine.today + timedelta(days=14), lines=lines, seen_mark=state.mark,
        note="Four weeks for everybody, and one renewal more",
    )  # fmt: skip


_NEW_RULES: dict[Pair, dict[str, int]] = {(None, None): {"loan_days": 28, "max_renewals": 3}}


def _day_that_moves(uow: UnitOfWork) -> date:
    """An open day in nine days or more."""
    return calendar_of(uow).next_open(uow.today + timedelta(days=9))


def set_up_terminals(installation: Installation, admin: Actor) -> None:
    """A self-check machine and a tablet. Their secrets are told to nobody: an admin gives them new ones."""
    make_terminal(installation, admin, kind=TerminalKind.SIP2, login="selfcheck-1", name="Self-check, entrance hall",
                  takes_returns=True)  # fmt: skip
    make_terminal(installation, admin, kind=TerminalKind.KIOSK, login="tablet-1", name="Tablet, Children's Pavilion")
