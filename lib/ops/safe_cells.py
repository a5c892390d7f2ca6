"""Cells of files that people open in a spreadsheet: a text that would be run as a formula gets a ' in front."""

import re
from typing import Any

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def safe_cell(value: Any) -> Any:
    """The value as it may stand in a cell; plain numbers stay as they are. Importing takes the ' off again."""
    if not isinstance(value, str) or not value.startswith(FORMULA_SIGNS) or _NUMBER.fullmatch(value):
        return value
    return "'" + value
