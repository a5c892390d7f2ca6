"""Columns of loans from rows that name only what matters, and their replay."""

from datetime import date
from typing import Any

import numpy as np

from lib.circulation.calendar import OpenDays
from lib.circulation.policy import DEFAULTS, Line
from lib.circulation.settings import ClosedDayMode
from lib.reports.replay import NEVER, NO_PRICE, Behaviour, Ground, Loans, Replayed, Rules, replayed

TODAY = date(2026, 3, 10)
SUNDAYS = OpenDays(frozenset({6}))
ROLL = ClosedDayMode.ROLL


def loans_of(*rows: dict[str, Any]) -> Loans:
    """Columns from rows that name only what matters; days as dates."""
    usual: dict[str, Any] = {
        "issued": date(2026, 1, 5), "due": date(2026, 1, 26), "ended": None, "renewals": 0, "loan_days": 21,
        "account": 1, "type_id": 1, "kind_id": 1, "price": None, "membership_ends": None, "claimed": None,
        "imported": False, "counted": True, "tried": True,
    }  # fmt: skip
    table = [usual | row for row in rows]
    for row in table:
        row["stands"] = min(row["ended"] or TODAY, row["claimed"] or TODAY, TODAY)
    missing = {"ended": NEVER, "membership_ends": NEVER, "claimed": NEVER, "price": NO_PRICE}

    def number(name: str, value: Any) -> Any:
        if value is None:
            return missing[name]
        return value.toordinal() if isinstance(value, date) else value

    columns = {
        name: np.array(
            [number(name, row[name]) for row in table], bool if name in ("imported", "counted", "tried") else np.int64
        )
        for name in Loans.__dataclass_fields__
    }
    return Loans(**columns)


def rules_of(*lines: Line, **values: int) -> Rules:
    return Rules([Line(None, None, dict(DEFAULTS) | values), *lines])


def ground(calendar: OpenDays = OpenDays(), mode: ClosedDayMode = ROLL, **given: bool) -> Ground:
    return Ground(calendar, mode, TODAY.toordinal(), **given)


def run(loans: Loans, rules: Rules, on: Ground | None = None, behaviour: Behaviour = Behaviour.AS_THEY_DID) -> Replayed:
    return replayed(loans, rules, on or ground(), behaviour)


def days(values: Any) -> list[date | None]:
    return [None if value == NEVER else date.fromordinal(value) for value in values.tolist()]


JAN = {day: date(2026, 1, day) for day in range(1, 32)}
FEB = {day: date(2026, 2, day) for day in range(1, 29)}
