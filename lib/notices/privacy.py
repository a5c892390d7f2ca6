"""What a notice may say of what somebody reads: their own choice."""

from collections.abc import Mapping
from typing import Any

NAME_TITLES = "notices_name_titles"
_INSTEAD = {"en": "a title you asked for", "de": "ein von Ihnen vorgemerkter Titel"}
_BORROWED = {"en": "a title you borrowed", "de": "ein von Ihnen entliehener Titel"}
_QUOTED = {"en": "“{title}”", "de": "„{title}“"}


def may_name_titles(preferences: Mapping[str, Any]) -> bool:
    """Whether notices to this person may name titles; they may unless the person said no."""
    return preferences.get(NAME_TITLES) is not False


def what_of(title: str, preferences: Mapping[str, Any], language: str, *, borrowed: bool = False) -> str:
    """A title as a notice calls it: by its name, or by words that betray nothing."""
    words = _QUOTED if may_name_titles(preferences) else _BORROWED if borrowed else _INSTEAD
    for tag in (language, language.partition("-")[0]):
        if tag in words:
            return words[tag].format(title=title)
    return words["en"].format(title=title)
