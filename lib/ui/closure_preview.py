"""What a change of the calendar would do: numbers, tables, and the one button that does it."""

import streamlit as st

from lib.closures.changes import (
    TakenBack,
    apply_change,
    preview_change,
    preview_take_back,
    take_back_change,
)
from lib.closures.preview import Effect, MovedDate, MovedFine
from lib.ui.closure_asked import Asked, asked_at, done, forget
from lib.ui.doorway import form_key, reading, say, showing_refusals, work
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, day, money

OPEN_ROWS = 8  # longer tables are folded


def preview_at(place: str) -> None:
    """The effect of what was asked for at this place, if anything was."""
    asked = asked_at(place)
    if asked is None:
        return
    with st.container(border=True), showing_refusals():
        st.markdown(f"**{asked.verb}: {asked.what}**")
        if asked.back is not None:
            with reading() as uow:
                back = preview_take_back(uow, asked.back)
            st.write(back_words(back))
            _buttons(asked, back.loans + back.holds)
        elif asked.change is not None:
            with reading() as uow:
                effect = preview_change(uow, asked.change)
            st.write(effect_words(effect))
            if asked.change.remove:
                st.write(
                    "Dates that its entry moved stay where they are; to restore them, use “Take back” under Changes."
                )
            show_linked(_tables(effect), f"effect-{place}")
            _buttons(asked, effect.loans + effect.holds, effect)
        return
    st.button("Never mind", key=f"never-{place}", on_click=forget)


def _buttons(asked: Asked, dates: int, effect: Effect | None = None) -> None:
    """One that says what happens, to dates and to money, and one that leaves all as it is."""
    verb = "restore" if asked.back is not None else "move"
    also = [f"{verb} {count(dates, 'date', 'dates')}"] if dates else []
    if effect and (more := effect.fine_difference_minor):
        also.append(f"{'raise' if more > 0 else 'lower'} fines by {money(abs(more))}")
    *first, last = [asked.verb, *also]
    said = f"{', '.join(first)} and {last}" if first else last
    with st.container(horizontal=True):
        if st.button(said, type="primary", key=f"do-{asked.place}"):
            with showing_refusals():
                said = _do(asked, effect)
                done()
                say(said)
                st.rerun()
        st.button("Leave it as it is", key=f"leave-{asked.place}", on_click=forget)


def _do(asked: Asked, effect: Effect | None) -> str:
    key = form_key("closures")
    if asked.back is not None:
        with work() as uow:
            back = take_back_change(uow, asked.back, key=key)
        return f"It is taken back. {back_words(back)}"
    assert asked.change is not None
    with work() as uow:
        apply_change(uow, asked.change, key=key)
    done = "out of the calendar" if asked.change.remove else "in the calendar"
    came = effect_words(effect) if effect else ""
    return f"{asked.verb}: {asked.what}. It is {done}. {came} It can be taken back under “Changes”."


def effect_words(effect: Effect) -> str:
    """An effect in a sentence or a few: "12 loans and 3 holds move. Fines fall by €4.20."."""
    verb = "move" if effect.loans + effect.holds > 1 else "moves"
    moving = loans_and_holds(effect.loans, effect.holds)
    said = [f"{moving} {verb}." if moving else "No due date and no hold moves."]
    if effect.fine_difference_minor:
        falls = "fall" if effect.fine_difference_minor < 0 else "rise"
        said.append(f"Fines {falls} by {money(abs(effect.fine_difference_minor))}.")
    else:
        said.append("No fine changes.")
    if effect.no_longer_overdue:
        verb = "is" if effect.no_longer_overdue == 1 else "are"
        said.append(f"{count(effect.no_longer_overdue, 'loan', 'loans')} {verb} no longer overdue.")
    if effect.newly_overdue:
        verb = "becomes" if effect.newly_overdue == 1 else "become"
        said.append(f"{count(effect.newly_overdue, 'loan', 'loans')} {verb} overdue.")
    if effect.capped:
        verb = "keeps its" if effect.capped == 1 else "keep their"
        said.append(f"{count(effect.capped, 'loan', 'loans')} {verb} due date, because the membership ends.")
    return " ".join(said)


def loans_and_holds(loans: int, holds: int) -> str:
    """How many of each, where there are any: "12 loans and 3 holds", or ""."""
    parts = ((loans, count(loans, "loan", "loans")), (holds, count(holds, "hold", "holds")))
    return " and ".join(words for number, words in parts if number)


def back_words(back: TakenBack) -> str:
    """What taking a change back restores, and what stays."""
    going = loans_and_holds(back.loans, back.holds)
    verb = "get their earlier date" if back.loans + back.holds > 1 else "gets its earlier date"
    said = [f"{going} {verb} again." if going else "No date goes back."]
    if stay := back.kept_loans + back.kept_holds:
        verb = "stays" if stay == 1 else "stay"
        said.append(
            f"{count(stay, 'date', 'dates')} {verb}: renewed, returned or collected since, or closed otherwise."
        )
    return " ".join(said)


def _tables(effect: Effect) -> str:
    parts = [
        _dates("Due dates", effect.loan_rows, effect.loans, "Due now", "Due then"),
        _dates("Hold shelf", effect.hold_rows, effect.holds, "Until now", "Until then"),
        _fines(effect.fine_rows, effect.fines),
    ]
    if effect.loans + effect.holds:
        parts.append('<p class="soft">Each member whose date moves gets one message with the old and the new day.</p>')
    return "".join(parts)


def _dates(name: str, rows: tuple[MovedDate, ...], total: int, old: str, new: str) -> str:
    body = [
        f"<tr><td>{_title(row)}</td><td>{_member(row)}</td><td>{esc(day(row.old_day))}</td>"
        f"<td><b>{esc(day(row.new_day))}</b></td></tr>"
        for row in rows
    ]
    return _table(name, ("Title", "Member", old, new), body, total)


def _fines(rows: tuple[MovedFine, ...], total: int) -> str:
    body = [
        f'<tr><td>{_title(row)}</td><td>{_member(row)}</td><td class="num">{esc(money(row.old_minor))}</td>'
        f'<td class="num"><b>{esc(money(row.new_minor))}</b></td></tr>'
        for row in rows
    ]
    return _table("Fines as of today", ("Title", "Member", "Owed now", "Owed then"), body, total, numbers=True)


def _table(name: str, heads: tuple[str, ...], body: list[str], total: int, *, numbers: bool = False) -> str:
    if not body:
        return ""
    kinds = ["", "", ' class="num"', ' class="num"'] if numbers else [""] * len(heads)
    head = "".join(f'<th scope="col"{kind}>{esc(text)}</th>' for text, kind in zip(heads, kinds, strict=True))
    more = f'<p class="soft small">The first {len(body)} of {total}.</p>' if total > len(body) else ""
    unfolded = " open" if len(body) <= OPEN_ROWS else ""
    return (
        f'<details class="moved"{unfolded}><summary><b>{esc(name)}</b> ({total})</summary>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(name)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{more}</details>"
    )


def _title(row: MovedDate | MovedFine) -> str:
    return anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more='class="text"')


def _member(row: MovedDate | MovedFine) -> str:
    return anchor(href("member", id=row.member_id), f"<bdi>{esc(row.member)}</bdi>", more='class="text"')
