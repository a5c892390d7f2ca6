"""The lending policy: what holds for whom, the lines it comes from, membership types and kinds of item."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.membership_types import list_types
from lib.catalogue.queries import kinds as kinds_of
from lib.circulation.policy import VALUES
from lib.circulation.policy_changes import policy_state
from lib.circulation.rules import policy_lines, rule_for
from lib.ui.doorway import enter, reading
from lib.ui.policy_lines import planned_note, policy_lines_editor
from lib.ui.policy_table import LABELS, policy_matrix
from lib.ui.type_list import item_kinds, membership_types

PARTS = ("Rules", "Membership types", "Kinds of item")
enter(Permission.MANAGE_POLICY)
st.title("Lending policy", anchor=False)
part = st.radio(
    "Part of the policy", PARTS, key="part", bind="query-params", label_visibility="collapsed", horizontal=True,
)  # fmt: skip
with reading() as uow:
    known, kinds, lines = list_types(uow, retired=True), kinds_of(uow), policy_lines(uow)
    types = tuple(row for row in known if not row.retired)
    rules = [[rule_for(uow, kind_of.id, item.id) for item in kinds] for kind_of in types]
    planned = policy_state(uow).planned
if part == PARTS[1]:
    membership_types(known)
elif part == PARTS[2]:
    item_kinds(kinds)
else:
    st.write(
        "For each value, the most specific line that sets it wins: member type and kind, then member type, then kind, "
        "then the line for everybody and everything. Loans keep the rules they were made under. "
        "A limit of loans or holds for a kind counts that kind alone; the general one counts all kinds without a limit "
        "of their own. A kind with 0 loans is not lent, and not held either."
    )
    planned_note(planned)
    shown = st.selectbox(
        "What holds now", VALUES, format_func=lambda name: LABELS[name], key="value", bind="query-params"
    )
    policy_matrix(
        [row.name for row in types], [row.name for row in kinds],
        lambda row, column: getattr(rules[row][column], shown), shown,
    )  # fmt: skip
    policy_lines_editor(lines, types, kinds)
