"""Roles and what each may do: one table, checked at the page door and again in each use case."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is to the library."""

    GUEST = "guest"
    MEMBER = "member"
    LIBRARIAN = "librarian"
    ADMIN = "admin"
    TERMINAL = "terminal"
    SYSTEM = "system"


class Permission(StrEnum):
    """One thing that can be allowed; the value is also the scope's name of an API key."""

    SEARCH = "search"
    USE_ACCOUNT = "account"
    BORROW = "borrow"
    CIRCULATE = "circulate"
    OVERRIDE_BLOCKS = "override-blocks"
    TAKE_PAYMENTS = "take-payments"
    WAIVE_CHARGES = "waive-charges"
    EDIT_CATALOGUE = "edit-catalogue"
    IMPORT = "import"
    READ_MEMBERS = "read-members"
    EDIT_MEMBERS = "edit-members"
    APPROVE_MEMBERS = "approve-members"
    MANAGE_STAFF = "manage-staff"
    MANAGE_POLICY = "manage-policy"
    MANAGE_CLOSURES = "manage-closures"
    MANAGE_SETTINGS = "manage-settings"
    READ_REPORTS = "read-reports"
    READ_AUDIT = "read-audit"
    READ_MAILBOX = "read-mailbox"
    REPAIR_DATA = "repair-data"
    SELF_CHECK = "self-check"
    RUN_JOBS = "run-jobs"


_MEMBER = {Permission.SEARCH, Permission.USE_ACCOUNT, Permission.BORROW}
_LIBRARIAN = _MEMBER | {
    Permission.CIRCULATE,
    Permission.OVERRIDE_BLOCKS,
    Permission.TAKE_PAYMENTS,
    Permission.WAIVE_CHARGES,
    Permission.EDIT_CATALOGUE,
    Permission.IMPORT,
    Permission.READ_MEMBERS,
    Permission.EDIT_MEMBERS,
    Permission.APPROVE_MEMBERS,
    Permission.MANAGE_CLOSURES,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.GUEST: frozenset({Permission.SEARCH}),
    Role.MEMBER: frozenset(_MEMBER),
    Role.LIBRARIAN: frozenset(_LIBRARIAN),
    Role.ADMIN: frozenset(set(Permission) - {Permission.RUN_JOBS, Permission.SELF_CHECK}),
    Role.TERMINAL: frozenset({Permission.SEARCH, Permission.SELF_CHECK}),
    Role.SYSTEM: frozenset({Permission.RUN_JOBS, Permission.SEARCH, Permission.IMPORT}),
}

PHRASES: dict[Permission, str] = {
    Permission.SEARCH: "Search the catalogue",
    Permission.USE_ACCOUNT: "Use an own account",
    Permission.BORROW: "Borrow and renew",
    Permission.CIRCULATE: "Issue, return and renew at the desk",
    Permission.OVERRIDE_BLOCKS: "Override a block with a written reason",
    Permission.TAKE_PAYMENTS: "Take payments, give refunds and close the till",
    Permission.WAIVE_CHARGES: "Waive charges with a written reason",
    Permission.EDIT_CATALOGUE: "Edit titles, copies and sections",
    Permission.IMPORT: "Import files",
    Permission.READ_MEMBERS: "Look members up",
    Permission.EDIT_MEMBERS: "Edit, suspend and reactivate members",
    Permission.APPROVE_MEMBERS: "Approve or reject registrations",
    Permission.MANAGE_STAFF: "Appoint librarians and admins",
    Permission.MANAGE_POLICY: "Change the lending policy",
    Permission.MANAGE_CLOSURES: "Change opening days and closures",
    Permission.MANAGE_SETTINGS: "Change the library's settings",
    Permission.READ_REPORTS: "See the overview and reports",
    Permission.READ_AUDIT: "Read the audit trail",
    Permission.READ_MAILBOX: "Read the demo mailbox",
    Permission.REPAIR_DATA: "Apply the auditor's repairs",
    Permission.SELF_CHECK: "Serve members at a self-check machine",
    Permission.RUN_JOBS: "Run night jobs",
}
