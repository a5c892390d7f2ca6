"""The table of night jobs, in the order in which they run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.access.installation import Installation
from lib.access.once import forget_old
from lib.access.work import UnitOfWork
from lib.accounts.jobs import drop_unconfirmed, forget_old_traces, lift_suspensions
from lib.catalogue.file_tidying import tidy_files
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.jobs import (
    accrue_fines,
    age_to_lost,
    auto_renew,
    look_at_fines,
    set_off_credits,
    settle_history,
    write_fines,
)
from lib.circulation.policy_changes import fold_changes
from lib.circulation.retention import cut_old_history, cut_old_holds
from lib.kit.errors import RuleBroken
from lib.ops.auditor import forget_old_runs, run_audit
from lib.ops.night_history import forget_old_nights


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did. `after_id`: where the next one begins; None: there is nothing left."""

    after_id: int | None
    counts: Mapping[str, int] = field(default_factory=dict)


Step = Callable[[UnitOfWork, int, int], Batch]  # (uow, after_id, limit)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a window, and counted. `changes` are still to be written, some in a transaction: `write` looks
    whether they still hold. `after_id`: where the next window begins; None: there is nothing left."""

    after_id: int | None
    counts: Mapping[str, int]
    changes: Sequence[Any]
    write: Callable[[Sequence[Any], UnitOfWork], Mapping[str, int]]


Look = Callable[[UnitOfWork, int, int], Seen]  # (uow, after_id, limit)


@dataclass(frozen=True, slots=True)
class Job:
    """One night job. `step` does a bounded batch in a transaction of its own; `look` is the same in two parts, for
    SQLite, where others wait while a batch is written, but not while it is read; `whole` runs by itself, with a
    function to call now and then as a sign of life."""

    name: str
    title: str
    says: str
    step: Step | None = None
    look: Look | None = None
    whole: Callable[[Installation, Callable[[], None]], Mapping[str, int]] | None = None


class FoundFaults(RuleBroken):
    """The nightly check found something. Facts: count."""

    message = "The check found {count} that should not be: see the page Integrity."


def until_none(work: Callable[..., int], counted: str, **given: Any) -> Step:
    """A job that is called until it says 0."""

    def step(uow: UnitOfWork, _after: int, _limit: int) -> Batch:
        done = work(uow, **given)
        return Batch(0 if done else None, {counted: done})

    return step


def onward(work: Callable[..., Any]) -> Step:
    """A job that goes on after the last id it saw: `work(uow, after_id=, limit=)` gives `last_id` and `counts`."""

    def step(uow: UnitOfWork, after: int, limit: int) -> Batch:
        done = work(uow, after_id=after, limit=limit)
        ended = done.last_id is None or done.last_id <= after
        return Batch(None if ended else done.last_id, done.counts)

    return step


def looking(look: Callable[..., Any], write: Callable[..., Mapping[str, int]]) -> Look:
    """A job in two parts: `look(uow, after_id=, limit=)` gives `last_id`, `counts` and `changes`, of which
    `write(uow, seen, some)` writes some."""

    def seen(uow: UnitOfWork, after: int, limit: int) -> Seen:
        found = look(uow, after_id=after, limit=limit)
        return Seen(found.last_id, found.counts, found.changes, lambda some, uow: write(uow, found, some))

    return seen


def windows(work: Callable[..., tuple[int | None, int]], counted: str) -> Step:
    """A job that looks at a window of ids at a time: `work(uow, after_id=, limit=)` gives the last id and a count."""

    def step(uow: UnitOfWork, after: int, limit: int) -> Batch:
        last, done = work(uow, after_id=after, limit=limit)
        return Batch(last, {counted: done})

    return step


def _audit(installation: Installation, alive: Callable[[], None]) -> Mapping[str, int]:
    made = run_audit(installation, asked_by="night", tick=lambda _done, _total: alive())
    if made.found:
        raise FoundFaults(count=f"{len(made.found)} {'thing' if len(made.found) == 1 else 'things'}")
    return {"checks": made.run.checked}


JOBS: tuple[Job, ...] = (
    Job("policy", "Planned policy", "A planned lending policy whose day has come is written into the table of rules.",
        until_none(fold_changes, "changes")),
    Job("suspensions", "Suspensions that end", "Members whose suspension had its last day are active again.",
        until_none(lift_suspensions, "accounts")),
    Job("holds", "Reservations not collected", "What was not fetched from the hold shelf in time goes to whoever waits"
        " next, or back to its place; the reader is told.", until_none(expire_holds, "holds")),
    Job("renewals", "Renewals by themselves", "Where the setting says so, what is due today or tomorrow is renewed if"
        " it may be; readers are told.", onward(auto_renew)),
    Job("fines", "Running fines", "The fines of overdue loans are brought up to today.", onward(accrue_fines),
        look=looking(look_at_fines, write_fines)),
    Job("lost", "Lost by age", "Copies overdue for longer than the setting says count as lost; their replacement is"
        " charged.", onward(age_to_lost)),
    Job("set-off", "Credits set off", "Where the library owes a member and they owe the library, one pays the other.",
        onward(set_off_credits)),
    Job("settled", "Histories nobody keeps", "Where a member keeps no history, who had a copy is forgotten a day after"
        " its fine is settled.", onward(settle_history)),
    Job("registrations", "Registrations nobody confirmed", "Registrations whose mail address was not confirmed within a"
        " week are dropped.", until_none(drop_unconfirmed, "accounts")),
    Job("history", "Old borrowing history", "Who had a copy is forgotten once it came back longer ago than the library"
        " keeps history, unless something is still owed for it.", windows(cut_old_history, "loans")),
    Job("old-holds", "Old reservations", "Who waited for a title is forgotten after the same time.",
        windows(cut_old_holds, "holds")),
    Job("traces", "Old sign-ins", "Ended sessions, used links and attempts to sign in are deleted after a month.",
        until_none(forget_old_traces, "rows")),
    Job("keys", "Keys of repeated requests", "Keys that keep an act from happening twice are dropped after two days.",
        until_none(forget_old, "keys")),
    Job("files", "Files nobody uses", "Covers that no title uses any more are deleted after a day.",
        until_none(tidy_files, "files")),
    Job("runs", "Old records of nights", "Records of night jobs and checks are dropped after 400 days.",
        until_none(forget_old_nights, "job runs")),
    Job("checks", "Old records of checks", "Records of integrity checks are dropped after 400 days.",
        until_none(forget_old_runs, "checks")),
    Job("integrity", "Integrity check", "Checks everything that must always hold; its findings stand under Integrity.",
        whole=_audit),
)  # fmt: skip
