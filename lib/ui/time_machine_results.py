"""What a replay found, in numbers: tiles, the three worlds side by side, who is touched, and what is assumed."""

from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st
from babel.dates import format_date

from lib.reports.replay import Behaviour
from lib.reports.replay_sums import Outcome
from lib.reports.time_machine import Replay
from lib.ui.linked import esc, show_linked
from lib.ui.time_machine_charts import WORLDS, measure_charts, shifts_chart, type_name
from lib.ui.words import count, day, money, number, the_reader

BEHAVIOURS = {
    Behaviour.AS_THEY_DID: "Readers return on the day they really did",
    Behaviour.IN_PROPORTION: "Readers return earlier or later in proportion to the new loan period",
}
Row = tuple[str, Callable[[Outcome], float | None], Callable[[float], str]]


def _whole(value: float) -> str:
    return number(int(value))


def _amount(value: float) -> str:
    return money(int(value))


def _in_days(value: float) -> str:
    return f"{number(round(value, 1))} days"


ROWS: tuple[Row, ...] = (
    ("Overdue loans", lambda one: one.overdue, _whole),
    ("Loans with a fine", lambda one: one.fined, _whole),
    ("Fines", lambda one: one.fines, _amount),
    ("Renewals", lambda one: one.renewals, _whole),
    ("Loans refused", lambda one: one.refused, _whole),
    ("… for the limit of loans", lambda one: one.limit, _whole),
    ("… for owing too much", lambda one: one.debt, _whole),
    ("… for overdue loans", lambda one: one.late_loans, _whole),
    ("Fines of refused loans", lambda one: one.refused_fines, _amount),
    ("A copy is away for", lambda one: one.mean_days_out, _in_days),
    ("Who asks for a copy that is out waits", lambda one: one.mean_wait, _in_days),
)


def show_replay(replay: Replay, types: Mapping[int, str]) -> None:
    """Everything a replay found; kind words where there is nothing to be shown."""
    if not replay.loans:
        st.info("No loans were made in this period, so there is nothing to replay. Choose another one.",
                icon=":material/event_busy:")  # fmt: skip
        return
    if replay.too_few:
        st.info("In no month of this period did five readers borrow: with fewer than five readers a month the replay "
                "would show what single people do, so it shows nothing. Choose a longer period.",
                icon=":material/visibility_off:")  # fmt: skip
        return
    st.write(
        f"{count(replay.loans, 'loan', 'loans')} of {count(replay.people, 'known reader', 'known readers')}, "
        f"{day(replay.first)} to {day(replay.last)}. {BEHAVIOURS[replay.behaviour]}. {_touched(replay)}"
    )
    if small := _kept_out(replay):
        st.caption(small)
    _tiles(replay)
    st.subheader("Due dates", anchor=False)
    shifts_chart(replay)
    st.subheader("Compared", anchor=False)
    measure_charts(replay, types, month_name)
    _side_by_side(replay)
    st.subheader("Who is touched", anchor=False)
    _who(replay, types)
    with st.expander("What this assumes", icon=":material/info:"):
        st.markdown(ASSUMED)


def month_name(first: date) -> str:
    """ "Mar 2026"."""
    return format_date(first, "MMM y", locale=the_reader().babel)


def _kept_out(replay: Replay) -> str:
    told = []
    if replay.left_out:
        told.append(f"Left out, with fewer than five readers: {', '.join(map(month_name, replay.left_out))}.")
    if replay.untried:
        told.append(
            f"{count(replay.untried, 'loan stays', 'loans stay')} under the rules in force now: fewer than five "
            "readers of that member type borrowed something of that kind in that month."
        )
    return " ".join(told)


def _touched(replay: Replay) -> str:
    if replay.touched is None:
        return "Something would change for fewer than five of them."
    if not replay.touched:
        return "Nothing would change for anybody."
    return f"Something would change for {count(replay.touched, 'reader', 'readers')}."


def _tiles(replay: Replay) -> None:
    now, then = replay.current, replay.proposed
    with st.grid(min_column_width=200, gap="medium"):
        _tile("Due later", then.later, then.days_later)
        _tile("Due earlier", then.earlier, then.days_earlier)
        for label, before, after, text in (
            ("Overdue loans", now.overdue, then.overdue, _whole), ("Fines", now.fines, then.fines, _amount),
            ("Loans refused", now.refused, then.refused, _whole),
            ("Renewals not allowed", now.renewals_lost, then.renewals_lost, _whole),
        ):  # fmt: skip
            change = after - before
            st.metric(
                label, text(after), f"{'+' if change > 0 else '-' if change < 0 else ''}{text(abs(change))}",
                "off" if not change or text is _amount else "inverse",
                delta_arrow="off" if not change else "up" if change > 0 else "down",
                delta_description="to the rules now", border=True,
            )  # fmt: skip


def _tile(label: str, many: int, days: int) -> None:
    told = f"by {_in_days(days / many)} on average" if many else "no loan"
    st.metric(label, number(many), told, "off", delta_arrow="off", border=True)


def _side_by_side(replay: Replay) -> None:
    worlds = (replay.recorded, replay.current, replay.proposed)
    body = "".join(
        f'<tr><th scope="row">{esc(label)}</th>'
        + "".join(f'<td class="num">{esc(_cell(value(one), text))}</td>' for one in worlds)
        + "</tr>"
        for label, value, text in ROWS
    )
    head = "".join(f'<th scope="col" class="num">{esc(name)}</th>' for name in WORLDS)
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Compared">{table}</div>', "replay-worlds")


def _cell(value: float | None, text: Callable[[float], str]) -> str:
    return "–" if value is None else text(value)


def _who(replay: Replay, types: Mapping[int, str]) -> None:
    heads = (
        "Readers", "Touched", "Loans", "Overdue now", "Overdue then", "Fines now", "Fines then", "Refused now",
        "Refused then",
    )  # fmt: skip
    body = ""
    for group in replay.by_type:
        now, then = group.current, group.proposed
        cells = (
            number(group.people), "fewer than 5" if group.touched is None else number(group.touched), number(now.loans),
            number(now.overdue), number(then.overdue), money(now.fines), money(then.fines), number(now.refused),
            number(then.refused),
        )  # fmt: skip
        name = esc(type_name(group.key, types))
        body += (
            f'<tr><th scope="row">{name}</th>' + "".join(f'<td class="num">{esc(one)}</td>' for one in cells) + "</tr>"
        )
    head = '<th scope="col">Member type</th>' + "".join(f'<th scope="col" class="num">{one}</th>' for one in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show_linked(
        f'<div class="scroll" tabindex="0" role="region" aria-label="Who is touched">{table}</div>', "replay-who"
    )
    st.caption("“Then”: under the proposed rules. Where fewer than five readers of a "
               "member type borrowed in a month, that month counts under “Smaller groups”.")  # fmt: skip


ASSUMED = """
- The same loans are replayed under the rules in force now and under the proposed ones; changes are told between these
  two. Due dates, fines and refusals come from the rules that the desk uses, with today's opening days and prices.
- Who borrows what on which day stays the same. A refused loan is not at home afterwards; a librarian might have lent
  it all the same.
- A renewal counts from the due date. A date that was moved (renewed late, a closure, by hand) is moved as far again.
- Fines count against a reader while the copy is out, as if paid when it comes back.
- “In proportion”: who came back after half the period comes back after half the new one; who was a third of it late
  is a third late again. The truth lies between the two assumptions.
- The wait is an estimate for one reader who asks for a copy that is out. Queues wait longer.
- Nobody can learn what one reader did: only whole months that are over count, and only with five readers or more; a
  rule for fewer than five readers of a member type and kind is not tried. Asked again later, the figures differ.
- Readers who keep no history are counted in loans, not as people, and are not refused anything.
"""
