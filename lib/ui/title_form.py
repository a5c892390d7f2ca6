"""The form of a title: every field a library expects, grouped as cataloguers think."""

from typing import Any

import pandas as pd
import streamlit as st
from babel.numbers import get_currency_precision

from lib.catalogue.forms import ROLES, Contributor, TitleForm
from lib.catalogue.rows import BrowseRow, KindRow, SectionRow
from lib.ui.words import the_reader


def title_form(
    old: TitleForm,
    key: str,
    kinds: tuple[KindRow, ...],
    sections: tuple[SectionRow, ...],
    genres: tuple[BrowseRow, ...],
) -> TitleForm | None:
    """Draws the form with what is known; returns it once it is submitted."""
    with st.form(key):
        values = _what(old, kinds) | _who(old) | _when(old) | _where(old, sections, genres)
        values["description"] = st.text_area("Description", old.description, height=140, max_chars=10_000)
        if not st.form_submit_button("Save the title" if old.title else "Add the title", type="primary"):
            return None
    return TitleForm(**values)


def _what(old: TitleForm, kinds: tuple[KindRow, ...]) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    codes = [row.code for row in kinds]
    names = {row.code: row.name for row in kinds}
    title = left.text_input("Title", old.title, max_chars=500)
    kind = right.selectbox("Kind", codes, codes.index(old.kind), format_func=lambda code: names[code])
    subtitle, original = st.columns(2)
    return {
        "title": title,
        "kind": kind,
        "subtitle": subtitle.text_input("Subtitle", old.subtitle, max_chars=500),
        "original_title": original.text_input("Original title", old.original_title, max_chars=500),
    }


def _who(old: TitleForm) -> dict[str, Any]:
    st.markdown("**Authors and others, in order**")
    rows = [(person.name, person.role) for person in old.contributors] or [("", "author")]
    table = st.data_editor(
        pd.DataFrame(rows, columns=["Name", "Role"]), num_rows="dynamic", hide_index=True, alt="Contributors",
        column_config={
            "Name": st.column_config.TextColumn(width="large"),
            "Role": st.column_config.SelectboxColumn(options=list(ROLES), default="author"),
        },
    )  # fmt: skip
    people = [
        Contributor(name=name, role=str(role or "author"))
        for name, role in table.itertuples(index=False)
        if isinstance(name, str) and name.strip()
    ]
    return {"contributors": people}


def _when(old: TitleForm) -> dict[str, Any]:
    columns = st.columns(4)
    values: dict[str, Any] = {
        "publisher": columns[0].text_input("Publisher", old.publisher, max_chars=200),
        "year": columns[1].number_input("Year", -3000, 2999, old.year, 1, format="%d"),
        "edition": columns[2].text_input("Edition", old.edition, max_chars=100),
        "language": columns[3].text_input("Language", old.language, max_chars=40, help="A tag like pt-BR, or a name."),
        "series": columns[0].text_input("Series", old.series, max_chars=200),
        "series_number": columns[1].text_input("Number in the series", old.series_number, max_chars=40),
        "volume": columns[2].text_input("Volume", old.volume, max_chars=40),
        "pages": columns[3].number_input("Pages", 1, 100_000, old.pages, 1),
    }
    isbns = st.text_area("ISBNs, one a line", "\n".join(old.isbns), height=70)
    return values | {"isbns": [line.strip() for line in isbns.splitlines() if line.strip()]}


def _where(old: TitleForm, sections: tuple[SectionRow, ...], genres: tuple[BrowseRow, ...]) -> dict[str, Any]:
    names = {row.id: row.name for row in sections}
    known = sorted({*old.genres, *(row.name for row in genres)})
    unit = 10 ** get_currency_precision(the_reader().currency)
    price = None if old.price_minor is None else old.price_minor / unit
    left, right = st.columns(2)
    values: dict[str, Any] = {
        "section_ids": left.multiselect(
            "Sections", list(names), old.section_ids, format_func=lambda number: names.get(number, str(number))
        ),
        "genres": right.multiselect("Genres", known, old.genres, accept_new_options=True),
        "tags": left.multiselect("Tags", old.tags, old.tags, accept_new_options=True, placeholder="Type a tag"),
        "call_number": right.text_input("Call number", old.call_number, max_chars=60),
    }
    label = f"Price ({the_reader().currency})"
    typed = right.number_input(label, 0.0, None, price, 0.5, help="What a lost copy costs to replace.")
    return values | {"price_minor": None if typed is None else round(typed * unit)}
