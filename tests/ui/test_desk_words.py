"""What the desk says in one line of an act: short enough to stay one, whatever a title is called."""

from datetime import UTC, datetime

import pytest

from lib.desk.undo import DeskActRow
from lib.ui.desk_words import act_line, act_words

LONG = "Finn Family Moomintroll"
# kind, what, title, member, undone: the line beside the time
LINES = [
    ("issue", "issue", "Emma", "Ada Lovelace", False, "Lent **Emma** · Ada Lovelace"),
    ("return", "return", LONG, "Ivan Kovalenko", False, "Back **Finn Famil…** · Ivan Kovalenko"),
    ("return", "return", LONG, "", False, "Back **Finn Family Moomintroll**"),
    ("issue", "issue", LONG, "Ada Lovelace", True, "~~Lent **Finn Fa…** · Ada Lovelace~~ undone"),
    ("issue", "issue", LONG, "Carlos Quispe Mamani de la Vega", False,
     "Lent **Finn Fa…** · Carlos Quispe Mamani de la Vega"),
    ("pay", "paid €3.50", "", "Astrid Lindqvist-Holm", False, r"Paid €3\.50 · Astrid Lindqvist\-Holm"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "what", "title", "member", "undone", "line"), LINES)
def test_an_act_is_one_short_line_and_its_button_says_the_whole(
    kind: str, what: str, title: str, member: str, undone: bool, line: str
) -> None:
    at = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    act = DeskActRow(1, kind, what, 1, title, "", 1, member, at, undone, not undone, "", 350)
    told = act_words(act)
    assert told.startswith(":small[")
    assert told.endswith(f" {line}]")
    assert all(part in act_line(act) for part in (title, member))
