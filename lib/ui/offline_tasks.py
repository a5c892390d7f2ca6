"""What the offline desk left for a librarian: each task with what was recorded, why it waits, and ways to settle it."""

import streamlit as st

from lib.circulation.side_models import OfflineState
from lib.desk.offline import OfflineOutcome, try_again
from lib.desk.offline_tasks import OfflineTask, dismiss, resolve
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.linked import anchor, esc, listed, show_linked
from lib.ui.navigation import href
from lib.ui.words import when

PAGE = "/offline-desk"
_TEXT = 'class="text"'
_SETTLED = {OfflineState.RESOLVED: "Done by hand", OfflineState.DISMISSED: "Dismissed"}


def ways_in() -> None:
    """What the offline desk is, and the way to it."""
    link = anchor(PAGE, "Open the offline desk", more='class="text" target="_blank" rel="noopener"')
    show_linked(
        "<p>When the server is away, lend and take back on a small page that the browser keeps. Open it once on each"
        " desk’s computer while the server is there, and put it among the bookmarks: from then on it opens without the"
        f' server too.</p><p class="lead">{link}</p>',
        "ways-in",
    )


def task_card(task: OfflineTask) -> None:
    """One task that waits, with its buttons."""
    with st.container(border=True):
        show_linked(_told(task), f"task-{task.id}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if task.state is OfflineState.CONFLICT:
                _tries(task)
            _endings(task)


def _tries(task: OfflineTask) -> None:
    if task.can_take_back and st.button(
        "Take it back, then issue", key=f"back-{task.id}", type="primary",
        help="Takes the copy back from whoever has it, as of the time of this record, and issues it.",
    ):  # fmt: skip
        _again(task, take_back=True)
    if st.button("Try again", key=f"again-{task.id}", type="secondary" if task.can_take_back else "primary",
                 help="Through all the rules, with the time at which it was recorded."):  # fmt: skip
        _again(task, take_back=False)


def _again(task: OfflineTask, *, take_back: bool) -> None:
    with showing_refusals():
        with work() as uow:
            outcome = try_again(uow, task.id, take_back=take_back)
        say(*_result(outcome))
        st.rerun()


def _result(outcome: OfflineOutcome) -> tuple[str, str]:
    if outcome.state is OfflineState.CONFLICT:
        return f"Still not: {outcome.told}", ":material/error:"
    return outcome.told, ":material/check_circle:"


def _endings(task: OfflineTask) -> None:
    seen = task.state is OfflineState.OVERRIDDEN
    with st.popover("Looked at" if seen else "Done by hand"), st.form(f"done-{task.id}"):
        note = st.text_input("What was done", max_chars=500, help="It is kept with the task.")
        if st.form_submit_button("Settle the task"):
            with showing_refusals(note="What was done"):
                with work() as uow:
                    resolve(uow, task.id, note)
                say("The task is settled.")
                st.rerun()
    with st.popover("Dismiss"), st.form(f"dismiss-{task.id}"):
        reason = st.text_input("Why nothing needs to come of it", max_chars=500, help="It is kept with the task.")
        if st.form_submit_button("Dismiss the task"):
            with showing_refusals(reason="Why nothing needs to come of it"):
                with work() as uow:
                    dismiss(uow, task.id, reason)
                say("The task is dismissed.")
                st.rerun()


def settled_list(tasks: tuple[OfflineTask, ...]) -> None:
    """Tasks that were settled, and how."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Settled", "What was recorded", "How"))
    body = "".join(
        f'<tr><td class="small">{esc(when(task.settled_at)) if task.settled_at else ""}</td><td>{_what(task)}'
        f'<br><span class="small soft">{_where(task)}</span></td>'
        f"<td><b>{_SETTLED[task.state]}</b><br><bdi>{esc(task.settled_how)}</bdi></td></tr>"
        for task in tasks
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Settled tasks">{table}</div>', "settled")


def _told(task: OfflineTask) -> str:
    kind = '<span class="late">Not done.</span>' if task.state is OfflineState.CONFLICT else "Done against a rule."
    reasons = [
        f"{esc(reason.text)} <b>{esc(reason.way_out)}</b>" if reason.way_out else esc(reason.text)
        for reason in task.reasons
    ]
    why = listed(reasons, "plain") if reasons else f"<p>{esc(task.told)}</p>"
    return f'<h3>{_what(task)}</h3><p class="small soft">{_where(task)}</p><p><b>{kind}</b></p>{why}'


def _what(task: OfflineTask) -> str:
    copy = f"copy {esc(task.barcode)}"
    if task.title_id is not None:
        copy = f"{anchor(href('title', id=task.title_id), f'“<bdi>{esc(task.title)}</bdi>”', more=_TEXT)} ({copy})"
    if task.kind == "return":
        return f"Return of {copy}"
    if task.member_id is not None:
        who = anchor(href("member", id=task.member_id), f"<bdi>{esc(task.member)}</bdi>", more=_TEXT)
    else:
        who = f"card {esc(task.card)}" if task.card else "a member who is no longer named here"
    return f"Issue of {copy} to {who}"


def _where(task: OfflineTask) -> str:
    desk = f" at “<bdi>{esc(task.device)}</bdi>”" if task.device else ""
    return f"recorded {esc(when(task.recorded_at))}{desk}, sent {esc(when(task.received_at))}"
