"""What a child of the nursery does that lends, renews and takes back without end, and says so after each commit."""

import random
from typing import TextIO

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.circulation.checkout import check_out
from lib.circulation.renewals import renew
from lib.circulation.returns import check_in
from lib.kit.database import Statement
from lib.kit.errors import Refusal

_COPIES = Statement("SELECT barcode FROM copy ORDER BY id")
_PEOPLE = Statement("SELECT id FROM account WHERE role = 'member' ORDER BY id")


def work(library: Installation, told: TextIO, desk_id: int, seed: int) -> None:
    desk, chance = Actor(desk_id, Role.LIBRARIAN), random.Random(seed)
    with begin_work(library, desk) as uow:
        copies = [row[0] for row in _COPIES.rows(uow.connection)]
        people = [row[0] for row in _PEOPLE.rows(uow.connection)]
    while True:
        barcode = chance.choice(copies)
        try:
            with begin_work(library, desk) as uow:
                loan = check_out(uow, barcode=barcode, member_id=chance.choice(people), override="Endless")
            told.write(f"issued {loan.loan_id}\n")
            with begin_work(library, desk) as uow:
                renew(uow, loan_id=loan.loan_id)
            told.write(f"renewed {loan.loan_id}\n")
        except Refusal:
            with begin_work(library, desk) as uow:
                back = check_in(uow, barcode=barcode)
            if back.loan_id is not None:
                told.write(f"returned {back.loan_id}\n")
