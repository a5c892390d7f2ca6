"""A closing of the till on paper, to be signed."""

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentKind
from lib.billing.paper import CHARGES, KINDS, METHODS, moment, money, typeset
from lib.billing.till import DayCloseRow, day_close


def day_close_pdf(uow: UnitOfWork, close_id: int) -> bytes:
    """A closing of the till on A5: what went through it by method and kind, what for, counted cash, difference.

    Raises:
        NotFound: there is no such closing.
    """
    closed = day_close(uow, close_id)
    about = [
        ("Closed", moment(uow, closed.closed_at)), ("By", closed.closer),
        ("Receipts", f"{closed.first_receipt} – {closed.last_receipt} ({closed.count})"),
    ]  # fmt: skip
    taken_for = [[CHARGES[kind], money(uow, amount)] for kind, amount in closed.taken_for.items()]
    return typeset(
        uow, "till", title="Closing of the till", about=[pair for pair in about if pair[1]], note=closed.note,
        cash=[("Cash expected", money(uow, closed.cash_expected_minor)),
              ("Cash counted", money(uow, closed.cash_counted_minor))],
        difference=["Difference", money(uow, closed.difference_minor)], signatures=["Counted by", "Checked by"],
        **{
            "by-method": {"heads": ["By", *KINDS.values(), "Sum"], "rows": _by_method(uow, closed)},
            "taken-for": {"heads": ["For", "Sum"], "rows": taken_for},
        },
    )  # fmt: skip


def _by_method(uow: UnitOfWork, closed: DayCloseRow) -> list[list[str]]:
    """A row a method, a column a kind, and the sum."""
    return [
        [METHODS[method], *(money(uow, kinds.get(kind, 0)) for kind in PaymentKind), money(uow, sum(kinds.values()))]
        for method, kinds in closed.totals.items()
    ]
