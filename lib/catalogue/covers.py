"""Covers: uploaded, taken away, or typeset where there is none."""

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.cover_art import typeset_cover
from lib.catalogue.pictures import Picture, kept_picture
from lib.catalogue.vocabulary import begin_change
from lib.kit.database import Statement
from lib.kit.errors import NotFound

# A cover is no field of the title's form: setting one makes nobody's open form stale.
_SET = Statement("UPDATE title SET cover_sha256 = :sha256 WHERE id = :id")
_FILE = Statement(
    "INSERT INTO stored_file (sha256, size, media_type, created_at) VALUES (:sha256, :size, :media_type, :now)"
    " ON CONFLICT (sha256) DO NOTHING"
)
_COVER = Statement(
    "SELECT t.title, k.code, f.sha256, f.media_type, t.archived_at FROM title t JOIN item_kind k ON k.id = t.kind_id"
    " LEFT JOIN stored_file f ON f.sha256 = t.cover_sha256 WHERE t.id = :id"
)
_VERSION = Statement("SELECT version FROM title WHERE id = :id")
_WRITERS = Statement(
    "SELECT a.name FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id = :id AND ta.role = 'author' ORDER BY ta.position LIMIT 3"
)


def set_cover(uow: UnitOfWork, title_id: int, content: bytes | Picture) -> None:
    """Gives a title the uploaded picture as its cover, drawn anew and bounded (see pictures.py).

    Doors draw it anew before they begin to work, so that nobody who writes waits for that.

    Raises:
        NotFound: there is no such title. BadImage: the content is no picture that can be a cover.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    _known(uow, title_id)
    picture = content if isinstance(content, Picture) else kept_picture(content)
    digest = uow.installation.files.put(picture.content)
    begin_change(uow)
    _FILE.count(uow.connection, sha256=digest, size=len(picture.content), media_type=picture.media_type, now=uow.now)
    _SET.count(uow.connection, id=title_id, sha256=digest)
    record_act(uow, "title.cover", "title", title_id, sha256=digest)


def remove_cover(uow: UnitOfWork, title_id: int) -> None:
    """Takes an uploaded cover away; the typeset one shows again. Its file stays for the night's tidying.

    Raises:
        NotFound: there is no such title.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    row = _known(uow, title_id)
    if row[2] is None:
        return
    begin_change(uow)
    _SET.count(uow.connection, id=title_id, sha256=None)
    record_act(uow, "title.cover", "title", title_id, sha256=None)


def cover_of(uow: UnitOfWork, title_id: int) -> tuple[bytes, str] | None:
    """A title's cover and its media type: the uploaded picture, else one typeset as SVG; None where there is no such
    title for this actor."""
    uow.require(Permission.SEARCH)
    row = _COVER.row(uow.connection, id=title_id)
    if row is None or (row[4] is not None and not uow.actor.may(Permission.EDIT_CATALOGUE)):
        return None
    title, kind, digest, media_type, _ = row
    if digest is not None:
        try:
            return uow.installation.files.get(digest), media_type
        except FileNotFoundError:
            pass  # the integrity check reports the lost file; readers see the typeset cover meanwhile
    writers = "; ".join(name for (name,) in _WRITERS.rows(uow.connection, id=title_id))
    return typeset_cover(title, writers, seed=title_id, kind=kind).encode(), "image/svg+xml"


def cover_mark(uow: UnitOfWork, title_id: int) -> str | None:
    """What an HTTP cache may know a cover by: changes with the picture, title or authors; None for no such title."""
    uow.require(Permission.SEARCH)
    row = _COVER.row(uow.connection, id=title_id)
    if row is None or (row[4] is not None and not uow.actor.may(Permission.EDIT_CATALOGUE)):
        return None
    return row[2] or f"typeset-{title_id}-{_VERSION.row(uow.connection, id=title_id)[0]}"


def _known(uow: UnitOfWork, title_id: int) -> tuple[str, str, str | None]:
    row = _COVER.row(uow.connection, id=title_id)
    if row is None:
        raise NotFound("title")
    return row[0], row[1], row[2]
