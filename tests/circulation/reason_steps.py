"""One reader, one copy and the terms of a day, for tests of what is said of a loan or a renewal: values alone."""

from datetime import date, timedelta
from typing import Any

from lib.circulation.calendar import OpenDays
from lib.circulation.decision import ReasonKind
from lib.circulation.policy import Line, effective_rule
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms

IMPOSSIBLE, BLOCKED, NOTE = ReasonKind
TODAY = date(2026, 3, 10)
RULE = effective_rule([Line(None, None, {"max_loans": 5, "debt_block": 500}, "any × any")], None, None)
TERMS = Terms(TODAY, OpenDays(), CirculationSettings(), RULE, "EUR", "en-GB")
READER = Borrower(1, "Ada", "active", None, None, None, date(2027, 1, 1))
COPY = Item(10, "B10", 100, "Dune", 5, "available", 1500, "Main", "B-12")


def a_loan(number: int = 1, *, due: int = 7, kind: int = 5, **more: Any) -> OpenLoan:
    day = TODAY + timedelta(days=due)
    return OpenLoan(number, number, f"T{number}", kind, day, 10, 1, 500, **{"fine_settled": 0} | more)


def loans(count: int, **more: Any) -> tuple[OpenLoan, ...]:
    return tuple(a_loan(number, **more) for number in range(1, count + 1))
