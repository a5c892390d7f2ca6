"""Cells of files that people open in a spreadsheet: a text that would be run as a formula gets a ' in front."""

import re
from typing import Any

FULL_WIDTH = (
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # = + - @ as East Asian input writes them; spreadsheets run them too
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", *FULL_WIDTH)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def safe_cell(value: Any) -> Any:
    """The value as it may stand in a cell; plain numbers stay as they are. `plain_cell` takes the ' off again."""
    if not isinstance(value, str) or not _is_formula(value) or _NUMBER.fullmatch(value):
        return value
    return "'" + value


def plain_cell(text: str) -> str:
    """The text that `safe_cell` made this cell from."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Also behind a ' of its own, which would be taken for ours when the file comes back."""
    return text.lstrip("'").startswith(FORMULA_SIGNS)
