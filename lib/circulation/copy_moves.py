"""Copies that an edit brings back: what comes to the shelf by hand may be what somebody waits for."""

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue import copies
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import CopyStatus
from lib.catalogue.vocabulary import begin_change
from lib.circulation.capture import Offer, offer_copy
from lib.circulation.found import close_case
from lib.kit.database import Statement

_LOCK = Statement("SELECT id FROM copy WHERE id = :copy_id FOR NO KEY UPDATE")
_COPY = Statement("SELECT status, title_id FROM copy WHERE id = :copy_id")


def edit_copy(uow: UnitOfWork, copy_id: int, form: CopyForm, *, seen_version: int) -> Offer | None:
    """Saves a copy as `lib.catalogue.copies.edit_copy` does. One that comes back (mended, arrived, found) is offered
    to the first who waits for it; the offer is returned, None where it may stand on the shelf. A copy that stood on
    the shelf already is not offered: nobody has it in hand, it is on the pull list. A lost copy that comes back costs
    its last member the replacement no more, as at a return.

    Raises:
        What `lib.catalogue.copies.edit_copy` raises.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, copy_id=copy_id)
    before = _COPY.row(uow.connection, copy_id=copy_id)
    copies.edit_copy(uow, copy_id, form, seen_version=seen_version)
    if before[0] == CopyStatus.LOST and form.status is not CopyStatus.LOST:
        close_case(uow, copy_id=copy_id, status=form.status)
    if before[0] == CopyStatus.AVAILABLE or form.status is not CopyStatus.AVAILABLE:
        return None
    return offer_copy(uow, copy_id=copy_id, title_id=before[1])
