"""What the offline desk left to be settled: tried again, the copy taken back first, dismissed, or done by hand."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.circulation.side_models import OfflineState
from lib.desk.offline import try_again
from lib.desk.offline_tasks import TaskSettled, dismiss, resolve
from lib.kit.errors import NotFound
from tests.circulation.machine.desk import PICK
from tests.circulation.machine.elsewhere import Elsewhere
from tests.circulation.steps import rows

TASKS = "SELECT id FROM offline_record WHERE state IN ('conflict', 'overridden') ORDER BY id"


class Tasks(Elsewhere):
    """Each task is settled once, and what was tried in vain changes nothing."""

    @precondition(lambda self: self.ids(TASKS))
    @rule(pick=PICK, take_back=st.booleans())
    def tries_a_task_again(self, pick: int, take_back: bool) -> None:
        found = self.ids(TASKS)
        task = found[pick % len(found)]
        was, kind, barcode, card = rows(
            self.library, f"SELECT state, kind, barcode, card FROM offline_record WHERE id = {task}"
        )[0]
        before = self.look()
        done = self.act("try-again", self.desk, try_again, task, take_back=take_back)
        assert (done is not None) == (was == "conflict")
        if done is None:
            return
        state = done.result.state
        assert rows(self.library, f"SELECT state FROM offline_record WHERE id = {task}") == [(state.value,)]
        out = rows(
            self.library,
            "SELECT a.card_number, l.channel FROM loan l JOIN copy c ON c.id = l.copy_id"
            f" JOIN account a ON a.id = l.account_id WHERE c.barcode = '{barcode}' AND l.returned_at IS NULL",
        )
        if state is OfflineState.CONFLICT:
            assert self.look().same_as(before)
        elif kind == "issue":
            assert out == [(card, "offline")]
        else:
            assert out == []

    @precondition(lambda self: self.ids(TASKS))
    @rule(pick=PICK, by_hand=st.booleans())
    def settles_a_task(self, pick: int, by_hand: bool) -> None:
        """The book stays where it is; whose card it was is forgotten; nobody settles it again."""
        found = self.ids(TASKS)
        task = found[pick % len(found)]
        settle = resolve if by_hand else dismiss
        done = self.act("resolve" if by_hand else "dismiss", self.desk, settle, task, "The book is here")
        assert done is not None
        assert done.after == done.before
        assert rows(self.library, f"SELECT card FROM offline_record WHERE id = {task}") == [("",)]
        assert self._refused(dismiss, task, "Once more") is TaskSettled
        assert self._refused(try_again, task) is NotFound

    def _refused(self, use_case: object, *given: object) -> type | None:
        assert callable(use_case)
        _, refusal = self.attempt("settle-again", self.desk, use_case, *given)
        return type(refusal)

    @rule(copy=PICK, person=PICK, hours=st.sampled_from([0, 1, 30]))
    def writes_down_what_cannot_be(self, copy: int, person: int, hours: int) -> None:
        """A copy that is out is lent to somebody else, says a desk that did not know: a task, most likely."""
        loans = self._loans()
        if not loans:
            return
        number = self.copies.index(loans[copy % len(loans)][2])
        self.sends_what_was_written_down(noted=[("issue", number, person, hours)])
