"""Who is acting. No context means no permission, never all of them."""

from dataclasses import dataclass

from lib.access.permissions import GRANTS, Permission, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or the system) at one moment, as the database knew them then.

    `account_id` is None for guests and the system; `scopes` narrows what an API key may do;
    `session_id` is the screen session, if any.
    """

    account_id: int | None
    role: Role
    name: str = ""
    session_id: int | None = None
    scopes: frozenset[Permission] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role, and the key's scopes where there are some, allow it."""
        return permission in GRANTS[self.role] and (self.scopes is None or permission in self.scopes)


GUEST = Actor(None, Role.GUEST, "guest")
SYSTEM = Actor(None, Role.SYSTEM, "system")
