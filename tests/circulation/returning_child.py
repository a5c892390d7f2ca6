"""A process that takes late copies back for readers who wait, and says so after each commit. Tests kill it.

Arguments: data folder, database URL ("" for SQLite there), the librarian's account id.
"""

import sys
from pathlib import Path

from lib.access.actor import Actor
from lib.access.installation import open_installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.catalogue.models import Condition
from lib.circulation.returns import Inspection, check_in
from lib.kit.config import Config, Mode
from lib.kit.database import Statement

_OUT = Statement(
    "SELECT c.barcode FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.returned_at IS NULL ORDER BY l.id"
)


def main(folder: str, url: str, desk_id: str) -> None:
    given = {"database_url": url} if url else {}
    library = open_installation(Config(mode=Mode.DEMO, data_dir=Path(folder), **given))  # type: ignore[arg-type]
    desk = Actor(int(desk_id), Role.LIBRARIAN)
    with begin_work(library, desk) as uow:
        out = [row[0] for row in _OUT.rows(uow.connection)]
    for barcode in out:
        with begin_work(library, desk) as uow:
            back = check_in(uow, barcode=barcode, inspection=Inspection(Condition.WORN, "Coffee", 150))
        sys.stdout.write(f"returned {back.loan_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
