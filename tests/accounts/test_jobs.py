"""Night work on accounts: what is of no more use goes, what is in use stays, and twice is as good as once."""

from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.api_tokens import issue_tokens
from lib.accounts.jobs import drop_unconfirmed, forget_old_traces, lift_suspensions
from lib.accounts.models import MailedLink, RefreshToken, SignInAttempt, SignInSession
from lib.accounts.recovery import request_password_reset
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden
from tests.accounts.steps import HERE, PASSWORD, a_reader, rows_of, session_for, who
from tests.builders import an_admin

TRACES = (SignInAttempt, MailedLink, SignInSession, RefreshToken)


def test_old_traces_go_a_month_after_they_were_of_use(library: Installation, clock: SetClock) -> None:
    a_reader(library)
    session_for(library)
    issue_tokens(library, "ada", PASSWORD, HERE)
    request_password_reset(library, "ada@example.org", HERE)
    clock.forward(timedelta(days=45))
    session = session_for(library)
    with begin_work(library, SYSTEM) as uow:
        assert forget_old_traces(uow) > 0
        assert forget_old_traces(uow) == 0
    assert [rows_of(library, table) for table in TRACES] == [1, 0, 1, 0]
    assert who(library, session) is not None


@pytest.mark.parametrize("job", [lift_suspensions, drop_unconfirmed, forget_old_traces])
def test_only_the_system_runs_jobs(sqlite_library: Installation, job: object) -> None:
    with pytest.raises(Forbidden), begin_work(sqlite_library, an_admin(sqlite_library)) as uow:
        job(uow)  # type: ignore[operator]
