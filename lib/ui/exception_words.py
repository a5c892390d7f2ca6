"""What holds otherwise for one member, in words."""

from lib.circulation.situation import OVERDUE_BLOCKS
from lib.ui.words import count, money

MONEY = {"fine_per_day": "Fine a day", "debt_block": "Borrowing stops above"}
NAMES = {
    "max_loans": "Loans at a time", "loan_days": "Days of a loan", "max_renewals": "Renewals", "max_holds": "Holds",
    "hold_shelf_days": "Days on the hold shelf", OVERDUE_BLOCKS: "Overdue loans block new ones",
} | MONEY  # fmt: skip
# What a loan was made under stays with it; these count at once, also for what is on loan.
AT_ONCE = frozenset({"max_loans", "max_renewals", "max_holds", "debt_block", OVERDUE_BLOCKS})


def reach_words(name: str) -> str:
    """For which loans an exception counts: said where one is made."""
    if name == "max_renewals":
        return "Counts at once, also for what they have on loan."
    if name == "hold_shelf_days":
        return "Counts for holds that are placed from now on."
    if name in AT_ONCE:
        return "Counts at once."
    return "Counts for loans from now on. What they have on loan keeps the numbers it was lent under."


_COUNTED = {
    "max_loans": ("loan at a time", "loans at a time"), "loan_days": ("day for a loan", "days for a loan"),
    "max_renewals": ("renewal", "renewals"), "max_holds": ("hold", "holds"),
    "hold_shelf_days": ("day on the hold shelf", "days on the hold shelf"),
}  # fmt: skip


def exception_words(name: str, amount: int) -> str:
    """ "10 loans at a time", "Borrowing stops above €20.00", "May borrow while loans are overdue"."""
    if name == OVERDUE_BLOCKS:
        return "Overdue loans block new ones" if amount else "May borrow while loans are overdue"
    if name in MONEY:
        return f"{MONEY[name]}: {money(amount)}"
    return count(amount, *_COUNTED[name])
