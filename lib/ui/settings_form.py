"""A form for a group of settings, drawn from the group's own titles, descriptions and kinds."""

from typing import Any

import streamlit as st

from lib.audit.preferences import GroupChange, GroupState
from lib.kit.money import Money
from lib.ui.words import money, plain, the_reader, when


def settings_form(state: GroupState) -> dict[str, Any] | None:
    """Draws the form; returns its values once it is submitted."""
    with st.form(f"settings-{state.group}-{state.version}"):
        values = {}
        for name, spec in state.fields.items():
            with st.container(gap="xxsmall"):
                values[name] = _field(state, name, spec)
                if text := spec.get("description"):
                    st.markdown(f":small[{plain(text)}]")
        return values if st.form_submit_button(f"Save “{state.heading}”", type="primary") else None


def _field(state: GroupState, name: str, spec: dict[str, Any]) -> Any:
    label = spec.get("title", name)
    key = f"{state.group}-{name}-{state.version}"
    value = state.values[name]
    if isinstance(value, bool):
        return st.toggle(label, value, key=key)
    if isinstance(value, int) and spec.get("x-amount"):
        return _amount(label, value, spec, key)
    if isinstance(value, int):
        return st.number_input(label, spec.get("minimum"), spec.get("maximum"), value, step=1, key=key)
    if options := _options(spec):
        words = spec.get("x-words", {})
        return st.selectbox(
            label, options, options.index(value), key=key, format_func=lambda option: words.get(option, option)
        )
    return st.text_input(label, value, spec.get("maxLength"), key=key)


def _amount(label: str, minor: int, spec: dict[str, Any], key: str) -> int:
    """Money as people write it; gives minor units."""
    currency = the_reader().currency
    unit = float(Money(1, currency).decimal)
    least, most = spec.get("minimum", 0) * unit, spec.get("maximum", 10**9) * unit
    shape = "%.2f" if unit < 1 else "%d"
    written = st.number_input(f"{label} ({currency})", least, most, minor * unit, unit, shape, key=key)
    return round(written / unit)


def _options(spec: dict[str, Any]) -> list[str]:
    return list(spec.get("enum") or spec.get("x-options") or [])


def settings_history(changes: tuple[GroupChange, ...], names: dict[int, str], state: GroupState) -> None:
    """Who changed what and when, newest first."""
    if not changes:
        st.write("Nothing was changed yet: the values above are the ones the library came with.")
    for change in changes:
        who = plain(names.get(change.changed_by or 0, "the set-up"))
        st.markdown(f"**{when(change.changed_at)}**, {who}")
        lines = [
            f"- {plain(str(spec.get('title', name)))}: {plain(_word(old, spec))} → **{plain(_word(new, spec))}**"
            for name, (old, new) in change.changes.items()
            for spec in (state.fields.get(name, {}),)
        ]
        st.markdown("\n".join(lines) or "- saved without a change")


def _word(value: Any, spec: dict[str, Any]) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int) and spec.get("x-amount"):
        return money(value)
    return str(spec.get("x-words", {}).get(value, value)) if value != "" else "nothing"
