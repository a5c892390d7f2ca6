"""Taking an act back at the desk: what it was and whose, and when the key is to be pressed twice."""

from lib.circulation.acts import CHARGE, PAY, REFUND, SET_OFF, WAIVE
from lib.desk.undo import DeskActRow
from lib.ui.desk_words import act_line
from lib.ui.linked import esc

_MONEY = frozenset({PAY, REFUND, WAIVE, CHARGE, SET_OFF})


def needs_a_second_key(act: DeskActRow, member_id: int | None) -> bool:
    """Money, and what was done for somebody else than who stands at the desk, is not taken back blindly."""
    return act.kind in _MONEY or (member_id is not None and act.member_id is not None and act.member_id != member_id)


def unsure_words(act: DeskActRow) -> str:
    """The question before it."""
    return f"Undo this? <b><bdi>{esc(act_line(act))}</bdi></b><br>Alt+Z once more undoes it. Enter: leave it as it is."


def undone_words(act: DeskActRow, sentence: str) -> str:
    """What was taken back, and how things stand now."""
    return f"Undone: <b><bdi>{esc(act_line(act))}</bdi></b>. {esc(sentence)}"
