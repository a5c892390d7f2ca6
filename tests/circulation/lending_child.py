"""A process that lends, renews and takes back without end, and says so after each commit. Tests kill it.

Arguments: data folder, database URL ("" for SQLite there), the librarian's account id, a seed.
"""

import random
import sys
from pathlib import Path

from lib.access.actor import Actor
from lib.access.installation import open_installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.circulation.checkout import check_out
from lib.circulation.renewals import renew
from lib.circulation.returns import check_in
from lib.kit.config import Config, Mode
from lib.kit.database import Statement
from lib.kit.errors import Refusal

_COPIES = Statement("SELECT barcode FROM copy ORDER BY id")
_PEOPLE = Statement("SELECT id FROM account WHERE role = 'member' ORDER BY id")


def _say(word: str, number: int) -> None:
    sys.stdout.write(f"{word} {number}\n")
    sys.stdout.flush()


def main(folder: str, url: str, desk_id: str, seed: str) -> None:
    given = {"database_url": url} if url else {}
    library = open_installation(Config(mode=Mode.DEMO, data_dir=Path(folder), **given))  # type: ignore[arg-type]
    desk, chance = Actor(int(desk_id), Role.LIBRARIAN), random.Random(int(seed))
    with begin_work(library, desk) as uow:
        copies = [row[0] for row in _COPIES.rows(uow.connection)]
        people = [row[0] for row in _PEOPLE.rows(uow.connection)]
    while True:
        barcode = chance.choice(copies)
        try:
            with begin_work(library, desk) as uow:
                loan = check_out(uow, barcode=barcode, member_id=chance.choice(people), override="Endless")
            _say("issued", loan.loan_id)
            with begin_work(library, desk) as uow:
                renew(uow, loan_id=loan.loan_id)
            _say("renewed", loan.loan_id)
        except Refusal:
            with begin_work(library, desk) as uow:
                back = check_in(uow, barcode=barcode)
            if back.loan_id is not None:
                _say("returned", back.loan_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
