"""Night work: stored files that no title uses any more are deleted, a day after they came."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.database import Statement

BATCH = 200
KEPT = timedelta(days=1)
_UNUSED = Statement(
    "SELECT f.sha256 FROM stored_file f WHERE f.created_at < :before AND f.sha256 > :after"
    " AND NOT EXISTS (SELECT 1 FROM title t WHERE t.cover_sha256 = f.sha256) ORDER BY f.sha256 LIMIT :most"
)
_DROP = Statement(
    "DELETE FROM stored_file WHERE sha256 IN (:*digests)"
    " AND NOT EXISTS (SELECT 1 FROM title t WHERE t.cover_sha256 = stored_file.sha256)"
)
_KNOWN = Statement("SELECT 1 FROM stored_file WHERE sha256 = :digest")


def tidy_files(uow: UnitOfWork) -> int:
    """Drops up to 200 files that nothing uses, rows first; returns how many. A file that was stored again within the
    last day stays: whoever did that may be about to use it."""
    uow.require(Permission.RUN_JOBS)
    before, after, old = uow.now - KEPT, "", list[str]()
    while not old and (unused := _UNUSED.rows(uow.connection, before=before, after=after, most=BATCH)):
        old = [digest for (digest,) in unused if not _stored_since(uow, digest, before)]
        after = unused[-1][0]
    if old:
        _DROP.count(uow.connection, digests=old)
        uow.afterwards.append(partial(_unlink, digests=old))
    return len(old)


def _stored_since(uow: UnitOfWork, digest: str, instant: datetime) -> bool:
    place = uow.installation.files.path(digest)
    return place.exists() and datetime.fromtimestamp(place.stat().st_mtime, UTC) >= instant


def _unlink(uow: UnitOfWork, digests: Sequence[str]) -> None:
    """Once the rows are gone for good: a file without a row harms nobody, a row without its file would."""
    for digest in digests:
        if _KNOWN.row(uow.connection, digest=digest) is None:
            uow.installation.files.path(digest).unlink(missing_ok=True)
