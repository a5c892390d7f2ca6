"""The steps of an import: a file, how it is read, what would come of it, and what came of it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from lib.ops.imports.fields import FIELDS
from lib.ops.imports.report import ImportReport, fault_file
from lib.ops.imports.run import Preview
from lib.ui.doorway import installation, reading
from lib.ui.words import count, number, plain, when

KINDS = {"titles": "Titles", "copies": "Copies", "members": "Members", "loans": "Loans"}
NOTHING = "leave out"


@contextmanager
def kept_file(upload: Any) -> Iterator[Path]:
    """The uploaded file as a file on disk, for as long as the block lasts."""
    folder = installation().config.data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    suffix = Path(upload.name).suffix[:10]
    with tempfile.NamedTemporaryFile(dir=folder, suffix=suffix) as file:
        file.write(upload.getbuffer())
        file.flush()
        yield Path(file.name)


def how_it_is_read(kind: str, preview: Preview) -> dict[str, str]:
    """The file's form and its columns, to be mended; returns header → field."""
    st.write(f"{plain(preview.told)}. {count(preview.rows, 'row', 'rows')}.")
    st.caption(f"Its ids are kept as those of “{plain(preview.source)}”: {plain(preview.why)}")
    labels = {field.name: field.label for field in FIELDS[kind]}
    names = {label: name for name, label in labels.items()}
    table = st.data_editor(
        pd.DataFrame(
            {
                "Column": [column.header for column in preview.columns],
                "Means": [column.label or NOTHING for column in preview.columns],
                "Why": [column.why for column in preview.columns],
                "First values": [", ".join(column.samples) for column in preview.columns],
            }
        ),
        hide_index=True, disabled=["Column", "Why", "First values"], key=f"columns-{kind}", alt="Columns of the file",
        column_config={"Means": st.column_config.SelectboxColumn(options=[NOTHING, *names], required=True)},
    )  # fmt: skip
    return {
        str(header): names.get(str(label), "") for header, label in zip(table["Column"], table["Means"], strict=True)
    }


def what_came_of_it(report: ImportReport) -> None:
    """Every row accounted for; the reasons of refusals, the commonest first; the first faults; all as a file."""
    done = "would be" if report.dry_run else "were"
    (st.warning if report.refused else st.success)(
        f"{count(report.rows_read, 'row', 'rows')} read: {number(report.added)} {done} added, "
        f"{number(report.merged)} merged, {number(report.unchanged)} unchanged, {number(report.refused)} refused.",
        icon=":material/rule:",
    )
    for note in report.notes:
        st.caption(plain(note))
    if report.reasons:
        st.markdown("\n".join(f"- {number(many)} × {plain(reason)}" for reason, many in report.reasons))
    if report.faults:
        st.dataframe(
            pd.DataFrame([(row.line, row.column, row.reason) for row in report.faults],
                         columns=["Line", "Column", "Reason"]),
            hide_index=True, alt="Refused rows",
        )  # fmt: skip
        with reading() as uow:
            text = "".join(fault_file(uow, report.run_id))
        st.download_button("Save all refusals (CSV)", text, f"refused-{report.run_id}.csv", "text/csv")


def earlier(reports: tuple[ImportReport, ...]) -> None:
    """The imports of before, as a table."""
    st.dataframe(
        pd.DataFrame(
            {
                "When": [when(report.started_at) for report in reports],
                "File": [report.file_name for report in reports],
                "Kind": [KINDS.get(report.kind, report.kind) for report in reports],
                "What": ["dry run" if report.dry_run else report.status for report in reports],
                "Rows": [report.rows_read for report in reports],
                "Added": [report.added for report in reports],
                "Merged": [report.merged for report in reports],
                "Unchanged": [report.unchanged for report in reports],
                "Refused": [report.refused for report in reports],
            }
        ),
        hide_index=True, alt="Earlier imports",
    )  # fmt: skip
