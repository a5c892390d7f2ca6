"""Integrity: the last check, each finding with its rows, its repair, and the checks before."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import names_of
from lib.kit.clock import day_of
from lib.ops.auditor import findings_of, last_run, run_of, runs
from lib.ops.finding_names import finding_names
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.integrity_report import finding_card, run_list, run_now, run_summary

enter(Permission.READ_AUDIT)
st.title("Integrity", anchor=False)
st.write("What must always hold is checked every night: loans, reservations, money, the audit trail, stored files.")
asked = st.query_params.get("run", "")
with showing_refusals():
    with reading() as uow:
        run = run_of(uow, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 19 else last_run(uow)
        found = findings_of(uow, run.id) if run else ()
        page = runs(uow, page=int(st.session_state.get("page", 1)), size=10)
        people = (
            [row.actor_id for row in page.rows] + [row.repaired_by for row in found] + [run.actor_id if run else None]
        )
        things = finding_names(uow, (row for one in found for row in one.rows))
        names = names_of(uow, [one for one in people if one is not None])
        today, on_day = uow.today, day_of(run.started_at, uow.zone) if run else uow.today
    if run:
        run_summary(run, names, today, on_day, sum(one.repaired_at is None for one in found))
    else:
        st.info("Nothing has been checked yet. The night does it; or do it now.", icon=":material/bedtime:")
    run_now()
    for one in found:
        finding_card(one, names, things)
    if page.total > 1:
        with st.expander("Earlier checks", icon=":material/history:"):
            run_list(page.rows, names)
            if page.pages > 1:
                st.pagination(page.pages, key="page", bind="query-params")
