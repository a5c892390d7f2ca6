"""The member that the page's address asks for."""

from lib.accounts.queries import MemberDetail, member
from lib.ui.asked import asked


def member_asked() -> MemberDetail:
    """Their record."""
    why = "Perhaps the account was closed, or the address is not complete."
    return asked(member, "member", why, ("members", "Find a member"))
