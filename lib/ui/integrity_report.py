"""The last integrity check in words, each finding with its rows, and its repair or what to look at."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from lib.access.permissions import Permission
from lib.ops.auditor import FindingRow, RunRow, run_audit
from lib.ops.finding_names import Names
from lib.ops.repairs import proposal, repair
from lib.ui.doorway import actor_now, installation, say, showing_refusals, work
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, day, money, number, plain, when

TEXT = 'class="text"'
ASKED = {"night": "the night", "verify": "the command line", "page": "this page", "api": "a program"}
PAGES = {"title_id": "title", "copys_title_id": "title", "account_id": "member", "charges_account_id": "member",
         "payments_account_id": "member"}  # fmt: skip

# What the audit trail tells of a thing, where it has no page of its own.
TOLD = {f"{thing}_id": thing for thing in ("loan", "copy", "hold", "charge", "payment")}


def run_summary(run: RunRow, names: Mapping[int, str], today: date, on_day: date, open_findings: int) -> None:
    """Whether all held or was repaired since, when, who asked, how many checks, how long."""
    night = "tonight" if run.asked_by == "night" else "today"
    moment = night if on_day == today else f"on {day(on_day)}"
    with st.container(border=True):
        if run.findings and not open_findings:
            mended = count(
                run.findings, "thing was not as it must be, and is", "things were not as they must be, and all are"
            )
            st.success(f"{mended} repaired. Check again to see that all holds.", icon=":material/build_circle:")
        elif run.findings:
            wrong = count(open_findings, "thing is not as it must be", "things are not as they must be")
            st.warning(f"{wrong}; {number(run.checked)} checks {moment}.", icon=":material/report:")
        else:
            st.success(f"All {number(run.checked)} checks held {moment}.", icon=":material/verified:")
        who = f", {plain(names[run.actor_id])}" if run.actor_id is not None and run.actor_id in names else ""
        st.write(
            f"{when(run.started_at)}, asked by {ASKED.get(run.asked_by, plain(run.asked_by))}{who};"
            f" it took {lasting(run.seconds)}."
        )


def run_now() -> None:
    """A button that makes a whole check, with a bar, and shows it."""
    if not st.button("Check now", icon=":material/play_arrow:", help="Looks through the whole database."):
        return
    bar = st.progress(0.0, "Checking")

    def tick(done: int, total: int) -> None:
        bar.progress(done / total, f"{number(done)} of {number(total)} checks")

    with showing_refusals():
        made = run_audit(installation(), asked_by="page", actor=actor_now(), tick=tick)
        all_held = f"All {number(made.run.checked)} checks held."
        say(all_held if not made.found else f"{count(len(made.found), 'finding', 'findings')}: look below.")
        st.query_params.clear()
        st.rerun()
    bar.empty()


def lasting(seconds: float) -> str:
    """How long something took, as people say it."""
    return "less than a second" if seconds < 1 else f"{number(round(seconds, 1))} seconds"


def finding_card(finding: FindingRow, names: Mapping[int, str], things: Names) -> None:
    """One finding: its sentence, its rows, and what can be done. `things`: what the ids in its rows stand for."""
    with st.container(border=True):
        st.subheader(plain(finding.says), anchor=False)
        if finding.count:
            shown = f" The first {number(len(finding.rows))} are shown." if finding.count > len(finding.rows) else ""
            st.write(f"{count(finding.count, 'place', 'places')}.{shown} Check: {plain(finding.name)}.")
        if finding.rows:
            show_linked(_table(finding.rows, things), f"rows-{finding.id}")
        if finding.repaired_at is not None:
            who = (
                f" by {plain(names[finding.repaired_by])}"
                if finding.repaired_by is not None and finding.repaired_by in names
                else ""
            )
            st.success(
                f"Repaired {when(finding.repaired_at)}{who}: {plain(finding.repair)}", icon=":material/build_circle:"
            )
        else:
            _mending(finding)


def _mending(finding: FindingRow) -> None:
    proposed = proposal(finding.name, finding.count)
    if not proposed.can_repair:
        st.info(f"What to do: {plain(proposed.text)}", icon=":material/person_search:")
        return
    if not actor_now().may(Permission.REPAIR_DATA):
        st.info(f"An admin can repair it: {plain(proposed.text)}", icon=":material/build:")
        return
    with st.popover("Repair", icon=":material/build:"):
        st.write(plain(proposed.text))
        st.write("It is checked again at once; if anything stays broken, nothing is changed.")
        if st.button("Repair it", type="primary", key=f"repair-{finding.id}"):
            with showing_refusals():
                with work() as uow:
                    done = repair(uow, finding.name)
                say(done.text)
                st.rerun()


def _table(rows: tuple[Mapping[str, Any], ...], things: Names) -> str:
    columns = list(rows[0])
    head = "".join(f'<th scope="col">{esc(_label(name))}</th>' for name in columns)
    body = "".join(_row(row, columns, things) for row in rows)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Rows">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Mapping[str, Any], columns: list[str], things: Names) -> str:
    """What an id stands for is said where it is first met in a row."""
    said: list[str] = []
    cells = []
    for name in columns:
        value = row.get(name)
        told = things.get((name, value), "") if isinstance(value, int) else ""
        cells.append(_cell(name, value, "" if any(told in one for one in said) else told))
        said.append(told)
    return f"<tr>{''.join(cells)}</tr>"


def _label(name: str) -> str:
    return name.removesuffix("_minor").removesuffix("_id").replace("_", " ").capitalize()


def _cell(name: str, value: Any, told: str) -> str:
    if value is None:
        return '<td class="soft">none</td>'
    more = f'<br><span class="small"><bdi>{esc(told)}</bdi></span>' if told else ""
    if name in PAGES and isinstance(value, int):
        return f"<td>{anchor(href(PAGES[name], id=value), esc(value), more=TEXT)}{more}</td>"
    if name in TOLD and isinstance(value, int):
        return f"<td>{anchor(href('audit', find=f'{TOLD[name]} {value}'), esc(value), more=TEXT)}{more}</td>"
    if name == "barcode":
        return f"<td>{anchor(href('copies', barcode=value), esc(value), more=TEXT)}</td>"
    if name.endswith("_minor") and isinstance(value, int):
        return f"<td>{esc(money(value))}</td>"
    return f"<td>{esc(str(value).replace('_', ' '))}</td>"


def run_list(runs: tuple[RunRow, ...], names: Mapping[int, str]) -> None:
    """Earlier checks as a table."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("When", "Asked by", "Checks", "Findings", "Seconds"))
    body = "".join(
        f"<tr><td>{anchor(href('integrity', run=run.id), esc(when(run.started_at)), more=TEXT)}</td>"
        f"<td>{esc(names.get(run.actor_id or 0) or ASKED.get(run.asked_by, run.asked_by))}</td>"
        f"<td>{number(run.checked)}</td><td>{number(run.findings) if run.findings else 'none'}</td>"
        f"<td>{number(round(run.seconds, 1))}</td></tr>"
        for run in runs
    )
    show_linked(
        '<div class="scroll" tabindex="0" role="region" aria-label="Earlier checks">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>",
        "runs",
    )
