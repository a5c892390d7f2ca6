"""The lending policy: what holds for whom, and the lines it comes from."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.membership_types import list_types
from lib.catalogue.queries import kinds as kinds_of
from lib.circulation.policy import VALUES
from lib.circulation.rules import delete_line, policy_lines, rule_for, save_line
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.policy_table import LABELS, line_form, policy_matrix

enter(Permission.MANAGE_POLICY)
st.title("Lending policy")
st.write(
    "For each value, the most specific line that sets it wins: member type and kind, then member type, then kind, "
    "then the line for everybody and everything. Loans keep the rules they were made under."
)
with reading() as uow:
    types, kinds, lines = list_types(uow), kinds_of(uow), policy_lines(uow)
    rules = [[rule_for(uow, kind_of.id, item.id) for item in kinds] for kind_of in types]
shown = st.selectbox("What holds now", VALUES, format_func=lambda name: LABELS[name], key="value", bind="query-params")
policy_matrix(
    [row.name for row in types], [row.name for row in kinds],
    lambda row, column: getattr(rules[row][column], shown), shown,
)  # fmt: skip

st.subheader("Lines")
labels = [line.label for line in lines]
chosen = st.pills("Line", [*labels, "New line"], default=labels[0], required=True, label_visibility="collapsed")
line = next((line for line in lines if line.label == chosen), None)
type_id, kind_id = (line.membership_type_id, line.item_kind_id) if line else (None, None)
if line is None:
    left, right = st.columns(2)
    who = left.selectbox("Member type", [None, *types], format_func=lambda row: row.name if row else "any")
    what = right.selectbox("Kind of item", [None, *kinds], format_func=lambda row: row.name if row else "any")
    type_id, kind_id = who.id if who else None, what.id if what else None
values = line_form(line, lines[0].values, f"line-{line.id}-{line.version}" if line else "line-new")
if values is not None:
    with showing_refusals():
        with work() as uow:
            save_line(uow, type_id, kind_id, values, seen_version=line.version if line else None)
        say("The line is saved. New loans are made under it; open loans keep their own rules.")
        st.rerun()
if line and (line.membership_type_id, line.item_kind_id) != (None, None):
    with st.popover("Take this line out"):
        st.write(f"What “{line.label}” sets will come from the more general lines. Open loans keep their rules.")
        if st.button("Take it out", key="take-out"):
            with showing_refusals():
                with work() as uow:
                    delete_line(uow, line.id, seen_version=line.version)
                say(f"“{line.label}” was taken out of the policy.")
                st.rerun()
