"""What is typed, sent or imported about a title, a copy: shapes only; records.py holds the rules."""

from pydantic import BaseModel, ConfigDict, Field

from lib.catalogue.models import Condition, CopyStatus
from lib.kit.strict import Day, Whole

ROLES = (
    "author", "editor", "translator", "illustrator", "photographer", "narrator", "director", "composer", "performer",
    "contributor",
)  # fmt: skip


class Contributor(BaseModel):
    """Somebody's part in a title; `role` is one of ROLES."""

    model_config = ConfigDict(extra="forbid")

    name: str
    role: str = "author"


class TitleForm(BaseModel):
    """All that can be said of a title. `language` is a BCP 47 tag or a language's English name or ISO 639 code,
    `price_minor` counts minor units (cents), `year` may be negative (before the common era)."""

    model_config = ConfigDict(extra="forbid")

    kind: str = "book"
    title: str
    subtitle: str = ""
    original_title: str = ""
    contributors: list[Contributor] = Field(default_factory=list)
    isbns: list[str] = Field(default_factory=list)
    publisher: str = ""
    year: Whole | None = None
    edition: str = ""
    language: str = ""
    pages: Whole | None = None
    volume: str = ""
    description: str = ""
    series: str = ""
    series_number: str = ""
    genres: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    section_ids: list[Whole] = Field(default_factory=list)
    call_number: str = ""
    price_minor: Whole | None = None


class CopyForm(BaseModel):
    """All that can be said of a copy. `location` is a location's code; an empty barcode asks for a new one."""

    model_config = ConfigDict(extra="forbid")

    barcode: str = ""
    location: str = "MAIN"
    shelf: str = ""
    condition: Condition = Condition.GOOD
    status: CopyStatus = CopyStatus.AVAILABLE
    price_minor: Whole | None = None
    acquired_on: Day | None = None
    note: str = ""
