"""A task of the offline desk forgets whose card it named when that account is closed."""

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.circulation.closing import close_account
from lib.desk.offline import try_again
from lib.desk.offline_tasks import dismiss, offline_task_count
from tests.builders import a_copy, a_loan, a_member
from tests.circulation.steps import rows
from tests.desk.offline_steps import CARD, CONFLICT, lent, sent, sound


def test_a_closed_accounts_card_stands_in_no_task_and_the_task_can_be_settled(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode, other = a_copy(library), a_member(library)
    a_loan(library, other, barcode)
    (told,) = sent(library, desk, lent(barcode))
    assert told.state is CONFLICT
    with begin_work(library, desk) as uow:
        assert offline_task_count(uow) == 1
        close_account(uow, reader.account_id, reason="Moved away")
    assert rows(library, f"SELECT id FROM offline_record WHERE card = '{CARD}'") == []
    with begin_work(library, desk) as uow:
        assert try_again(uow, told.record_id).state is CONFLICT
        dismiss(uow, told.record_id, "The account is closed")
        assert offline_task_count(uow) == 0
    sound(library)


def test_the_tasks_of_others_keep_their_cards(library: Installation, desk: Actor, reader: Actor) -> None:
    barcode, other = a_copy(library), a_member(library)
    a_loan(library, a_member(library), barcode)
    sent(library, desk, lent(barcode))
    with begin_work(library, desk) as uow:
        close_account(uow, other.account_id, reason="Moved away")
    assert rows(library, "SELECT card FROM offline_record") == [(CARD,)]
