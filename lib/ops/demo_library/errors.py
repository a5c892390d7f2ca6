"""Why a demo library cannot be made."""

from lib.kit.errors import RuleBroken


class LibraryNotEmpty(RuleBroken):
    """Somebody has an account here already."""

    message = "This library is in use. Make the demo library in an empty folder: choose one with TOME_DATA_DIR."
