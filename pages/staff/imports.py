"""Import of titles, copies, members and loans: look first, then do it."""

import streamlit as st

from lib.access.permissions import Permission
from lib.ops.imports.report import import_runs
from lib.ops.imports.run import import_file, preview_file
from lib.ui.doorway import enter, installation, reading, showing_refusals
from lib.ui.import_steps import KINDS, earlier, how_it_is_read, kept_file, what_came_of_it

me = enter(Permission.IMPORT)
st.title("Import", anchor=False)
st.write("CSV, TSV or Excel, up to 50 MB. Columns are recognised and shown first; the same file again adds nothing.")
kind = st.radio(
    "What is in the file", list(KINDS), format_func=lambda name: KINDS[name], key="kind", bind="query-params",
    horizontal=True,
)  # fmt: skip
upload = st.file_uploader("File", ["csv", "tsv", "txt", "xlsx"], key=f"file-{kind}")
if upload is not None and kind is not None:
    with showing_refusals(), kept_file(upload) as path:
        library = installation()
        preview = preview_file(library, me.actor, kind, path, file_name=upload.name)
        mapping = how_it_is_read(kind, preview)
        whole = st.toggle("All or nothing", help="If a single row is refused, nothing is imported.")
        with st.container(horizontal=True):
            look = st.button("Dry run: show what would happen")
            act = st.button(f"Import {preview.rows} rows", type="primary")
        if look or act:
            bar = st.progress(0.0, "Reading")
            report = import_file(
                library, me.actor, kind, path, mapping=mapping, dry_run=look, all_or_nothing=whole,
                file_name=upload.name,
                progress=lambda done, total: bar.progress(min(done / max(total, 1), 1.0), f"{done} of {total} rows"),
            )  # fmt: skip
            bar.empty()
            what_came_of_it(report)
with reading() as uow:
    runs = import_runs(uow)
st.subheader("Earlier imports")
if runs.rows:
    earlier(runs.rows)
else:
    st.write("None yet.")
