"""How this library takes in its readers and how long it keeps them signed in."""

from typing import ClassVar

from pydantic import Field

from lib.kit.settings import SettingsGroup


class AccountSettings(SettingsGroup):
    """Registration, sign-in and history."""

    group: ClassVar[str] = "accounts"
    heading: ClassVar[str] = "Accounts"

    open_registration: bool = Field(
        True, title="Anybody may register", description="Off: accounts are made at the desk only."
    )
    needs_approval: bool = Field(
        True, title="Registrations wait for approval", description="Off: a confirmed e-mail address is enough."
    )
    single_librarian: bool = Field(
        False, title="One librarian only", description="A second librarian is refused while this is on."
    )
    staff_idle_minutes: int = Field(
        30, ge=1, le=720, title="Staff are signed out after", description="Minutes without a click."
    )
    session_hours: int = Field(
        12, ge=1, le=48, title="Everybody is signed out after", description="Hours since signing in."
    )
    keep_days: int = Field(
        14, ge=1, le=90, title="“Keep me signed in” lasts", description="Days; for members, never for staff."
    )
    kiosk_idle_seconds: int = Field(
        60, ge=15, le=600, title="A kiosk signs a reader out after", description="Seconds without a touch or a scan."
    )
    history_months: int = Field(
        24, ge=0, le=600, title="Borrowing history is kept at most", description="Months; members may keep less."
    )
