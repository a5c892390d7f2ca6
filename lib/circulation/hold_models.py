"""The tables of holds: who waits for what, in which order, and what lies on the hold shelf."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class HoldState(StrEnum):
    """Where a hold stands; the allowed moves are in circulation/hold_policy.py."""

    WAITING = "waiting"
    READY = "ready"  # a copy lies on the hold shelf
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# Of a hold `h`: it waits and may be served on the day :today, that is not suspended and whose reader may borrow
# (debts aside): as is_suspended and why_passed_over in circulation/hold_policy.py say.
WAITS_NOW = (
    "h.state = 'waiting' AND (h.suspended_until IS NULL OR h.suspended_until < :today)"
    " AND EXISTS (SELECT 1 FROM account w WHERE w.id = h.account_id"
    " AND (w.status = 'active' OR (w.status = 'suspended' AND w.suspended_until < :today))"
    " AND (w.membership_ends_on IS NULL OR w.membership_ends_on >= :today))"
)
# Of a hold `h` and a copy of its title, a column or a value: any copy will do, or this one.
FITS = "(h.copy_id IS NULL OR h.copy_id = {copy})"


def _live(states: str) -> dict[str, Any]:
    return {"sqlite_where": text(states), "postgresql_where": text(states)}


class Hold(Base):
    """A place in the queue of a title. `copy_id`: only this copy will do. `shelf_copy_id`: the copy that lies (or
    lay) on the hold shelf for it, until the end of the day `shelf_until`.

    Positions of a title's waiting holds are 1..n; a suspended one (up to and including `suspended_until`) keeps its
    place and is passed over. Whoever waits again stands where the order of `rank` puts them: the id, or what a move by
    hand has set.
    """

    __tablename__ = "hold"
    __table_args__ = (
        Index("uq_hold_member_title", "account_id", "title_id", unique=True, **_live("state IN ('waiting', 'ready')")),
        Index("uq_hold_place", "title_id", "position", unique=True, **_live("state = 'waiting'")),
        Index("uq_hold_shelf_copy", "shelf_copy_id", unique=True, **_live("state = 'ready'")),
        Index("ix_hold_shelf_until", "shelf_until", **_live("state = 'ready'")),
        Index("ix_hold_left", "ended_at", **_live("ended_at IS NOT NULL AND shelf_copy_id IS NOT NULL")),
        Index("ix_hold_account", "account_id", "id"),
        Index("ix_hold_title", "title_id", "id"),
        Index("ix_hold_copy", "copy_id"),
        Index("ix_hold_shelf_copy", "shelf_copy_id"),
        CheckConstraint("(state = 'waiting') = (position IS NOT NULL)", name="waiting_has_place"),
        CheckConstraint("position <> 0", name="place_not_nought"),  # places pass through negatives while they move
        CheckConstraint(
            "state <> 'ready' OR (shelf_copy_id IS NOT NULL AND shelf_until IS NOT NULL AND ready_at IS NOT NULL)",
            name="ready_has_copy",
        ),
        CheckConstraint("(state IN ('waiting', 'ready')) = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("suspended_until IS NULL OR state <> 'ready'", name="only_waiting_suspended"),
        CheckConstraint("shelf_days >= 1", name="shelf_days_possible"),
    )

    id: Mapped[Id]
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    copy_id: Mapped[int | None] = mapped_column(ForeignKey("copy.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # empty once history has been cut
    state: Mapped[HoldState] = mapped_column(choice(HoldState, "state"), default=HoldState.WAITING)
    position: Mapped[int | None]
    rank: Mapped[float | None]  # its order among the holds of its title where it was moved by hand, else its id
    suspended_until: Mapped[date | None]
    placed_at: Mapped[datetime]
    placed_by: Mapped[int | None]
    shelf_days: Mapped[int]  # the rule it was made under
    max_holds: Mapped[int | None]  # its limit, where one was asked
    limit_kind_id: Mapped[int | None]  # that limit counted holds of this kind of item only
    shelf_copy_id: Mapped[int | None] = mapped_column(ForeignKey("copy.id"))
    ready_at: Mapped[datetime | None]
    shelf_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
