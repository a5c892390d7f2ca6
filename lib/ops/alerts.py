"""What of the house itself needs attention: findings that stand, jobs that failed, nights that did not come."""

from datetime import timedelta

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.ops.auditor import findings_of, last_run
from lib.ops.night import NIGHT
from lib.ops.night_history import last_runs
from lib.reports.overview import Alert

NIGHTS_MISSED = timedelta(days=2)


def house_alerts(uow: UnitOfWork) -> tuple[Alert, ...]:
    """Sentences for the overview, the worst first; none for who may not read the audit trail."""
    if not uow.actor.may(Permission.READ_AUDIT):
        return ()
    return tuple(alert for alert in (_broken(uow), *_jobs(uow)) if alert.count)


def _broken(uow: UnitOfWork) -> Alert:
    run = last_run(uow)
    count = sum(one.repaired_at is None for one in findings_of(uow, run.id)) if run else 0
    said = "One thing is not as it must be." if count == 1 else f"{count:,} things are not as they must be."
    return Alert("integrity", f"The last check found: {said}", count, "integrity")


def _jobs(uow: UnitOfWork) -> tuple[Alert, Alert]:
    runs = last_runs(uow)
    failed = sum(bool(run.failed) for name, run in runs.items() if name != NIGHT)
    said = "One job of the night failed." if failed == 1 else f"{failed:,} jobs of the night failed."
    night = runs.get(NIGHT)
    late = night is not None and uow.now - night.started_at > NIGHTS_MISSED
    return (
        Alert("jobs-failed", said, failed, "jobs"),
        Alert("no-night", "The night's work has not been done for more than two days.", int(late), "jobs"),
    )
