"""The title that the page's address asks for."""

from lib.catalogue.queries import TitleDetail, title
from lib.ui.asked import asked


def title_asked() -> TitleDetail:
    """Its record."""
    why = "Perhaps it has left the library, or the address is not complete."
    return asked(title, "title", why, ("catalogue", "Search the catalogue"))
