"""Who saved in between: the refusal of an edit that was made on an old state."""

from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.errors import StaleEdit
from lib.kit.tables import as_instant

_BY_TITLE = Statement(
    "SELECT a.name, t.changed_at FROM title t LEFT JOIN account a ON a.id = t.changed_by WHERE t.id = :id"
)
_BY_TRAIL = Statement(
    "SELECT a.name, r.at FROM audit r LEFT JOIN account a ON a.id = r.actor_id"
    " WHERE r.subject_kind = :kind AND r.subject_id = :id ORDER BY r.id DESC LIMIT 1"
)
NOBODY = "the library"


def stale_title(uow: UnitOfWork, title_id: int) -> StaleEdit:
    """The refusal for a title, naming who changed it last."""
    name, at = _BY_TITLE.row(uow.connection, id=title_id) or (None, None)
    return StaleEdit(thing="title", changed_by=name or NOBODY, changed_at=as_instant(at))


def stale(uow: UnitOfWork, thing: str, subject_kind: str, subject_id: int) -> StaleEdit:
    """The refusal for anything else, naming who changed it last by the audit trail."""
    name, at = _BY_TRAIL.row(uow.connection, kind=subject_kind, id=subject_id) or (None, None)
    return StaleEdit(thing=thing, changed_by=name or NOBODY, changed_at=as_instant(at))
