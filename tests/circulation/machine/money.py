"""Money: taken in part and over several charges, forgiven, given back, taken back, charged by hand; the till closed."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.billing.models import ChargeKind, PaymentMethod
from lib.billing.till import close_day, till
from lib.circulation.money import (
    charge_member,
    refund_charge,
    take_back_receipt,
    take_payment,
    waive_charge,
    waive_charges,
)
from tests.circulation.machine.desk import PICK, SORRY, Desk, Done

AMOUNT = st.sampled_from([1, 10, 130, 500, 2500])


class Money(Desk):
    """What is done at the till."""

    def _moved(self, done: Done, reader: int | None, by: int) -> None:
        """What this member owes moved by so much, and nobody else's did."""
        wanted = list(done.before.owed)
        if reader is not None:
            wanted[reader] += by
        assert list(done.after.owed) == wanted
        assert (done.after.loans, done.after.waiting, done.after.ready, done.after.copies) == (
            done.before.loans, done.before.waiting, done.before.ready, done.before.copies,
        )  # fmt: skip

    def _charges(self, reader: int) -> list[int]:
        return self.ids(f"SELECT id FROM charge WHERE account_id = {self.people[reader].account_id} ORDER BY id")

    @rule(person=PICK, amount=AMOUNT, share=st.sampled_from(["fixed", "half", "all"]),
          chosen=st.booleans(), sorry=SORRY)  # fmt: skip
    def takes_money(self, person: int, amount: int, share: str, chosen: bool, sorry: bool) -> None:
        reader = self._debtor(person)
        owed = self.look().owed[reader]
        given = {"fixed": amount, "half": max(1, owed // 2), "all": max(1, owed)}[share]
        charges = self._charges(reader)[-3:] if chosen else []
        done = self.act(
            "pay", self.desk, take_payment, member_id=self.people[reader].account_id or 0, amount_minor=given,
            method=PaymentMethod.CASH, charge_ids=charges,
        )  # fmt: skip
        assert done is not None or chosen or given > owed, "what is owed can be paid"
        if done is None:
            return
        self._moved(done, reader, -given)
        assert not self._both(self.people[reader].account_id or 0), "nobody pays while the library owes them"
        assert sum(part.amount_minor for part in done.result.parts) == given
        assert all(part.left_minor >= 0 for part in done.result.parts)
        self.regrets(done, sorry)

    def _both(self, account_id: int) -> bool:
        """Whether the library owes somebody who owes the library."""
        balances = self.ids(f"SELECT balance_minor FROM charge WHERE account_id = {account_id}")
        return any(one < 0 for one in balances) and any(one > 0 for one in balances)

    def _debtor(self, person: int) -> int:
        """Mostly one of those who owe something."""
        owing = [number for number, owed in enumerate(self.look().owed) if owed > 0]
        return owing[person % len(owing)] if owing and person else person % 5

    def _any_charge(self, pick: int) -> tuple[int, int | None]:
        found = self.ids("SELECT id FROM charge ORDER BY id DESC")
        charge = found[pick % len(found)]
        return charge, self._place_of(self.ids(f"SELECT account_id FROM charge WHERE id = {charge}")[0])

    def _place_of(self, account_id: int) -> int | None:
        """Which of the five this is; None: somebody who left."""
        return next((n for n, reader in enumerate(self.people) if reader.account_id == account_id), None)

    @precondition(lambda self: self.ids("SELECT 1 FROM charge LIMIT 1"))
    @rule(pick=PICK, amount=st.sampled_from([None, 1, 100]), sorry=SORRY)
    def forgives(self, pick: int, amount: int | None, sorry: bool) -> None:
        charge, reader = self._any_charge(pick)
        done = self.act("waive", self.desk, waive_charge, charge_id=charge, amount_minor=amount, reason="Was ill")
        if done is not None:
            assert reader is not None, "who left owes nothing"
            forgiven = done.before.owed[reader] - done.after.owed[reader]
            assert forgiven == amount if amount else forgiven > 0
            self._moved(done, reader, -forgiven)
            self.regrets(done, sorry)

    @rule(person=PICK, amount=st.sampled_from([None, 1, 100]), chosen=st.booleans(), sorry=SORRY)
    def forgives_several(self, person: int, amount: int | None, chosen: bool, sorry: bool) -> None:
        """What is owed as of today, or so much of it; what the library owes pays first."""
        reader = self._debtor(person)
        owed = self.look().owed[reader]
        charges = self._charges(reader)[-2:] if chosen else []
        done = self.act(
            "waive-several", self.desk, waive_charges, member_id=self.people[reader].account_id or 0,
            charge_ids=charges, amount_minor=amount, reason="Was ill",
        )  # fmt: skip
        assert chosen or (done is not None) == (owed > 0 and (amount or 0) <= owed)
        if done is None:
            return
        if not chosen:
            assert done.result == (amount or owed)
        self._moved(done, reader, -done.result)
        if self.undoable[-1][1] is done:  # forgiven on one charge alone
            self.regrets(done, sorry)

    @precondition(lambda self: self.ids("SELECT 1 FROM charge WHERE balance_minor < 0 LIMIT 1"))
    @rule(pick=PICK, all_of_it=st.booleans(), sorry=SORRY)
    def gives_back(self, pick: int, all_of_it: bool, sorry: bool) -> None:
        found = self.ids("SELECT id FROM charge WHERE balance_minor < 0 ORDER BY id")
        charge = found[pick % len(found)]
        credit = -self.ids(f"SELECT balance_minor FROM charge WHERE id = {charge}")[0]
        owner = self.ids(f"SELECT account_id FROM charge WHERE id = {charge}")[0]
        amount = credit if all_of_it else credit + 1
        done = self.act(
            "refund", self.desk, refund_charge, charge_id=charge, amount_minor=amount, method=PaymentMethod.CASH,
            reason="Paid too much",
        )  # fmt: skip
        if done is not None:
            assert all_of_it
            self._moved(done, self._place_of(owner), amount)
            self.regrets(done, sorry)

    @precondition(lambda self: self.ids("SELECT 1 FROM payment LIMIT 1"))
    @rule(pick=PICK)
    def takes_a_receipt_back(self, pick: int) -> None:
        found = self.ids("SELECT id FROM payment ORDER BY id DESC")
        payment = found[pick % len(found)]
        amount, owner = (self.ids(f"SELECT {name} FROM payment WHERE id = {payment}")[0]
                         for name in ("amount_minor", "account_id"))  # fmt: skip
        done = self.act("reverse", self.desk, take_back_receipt, payment_id=payment, reason="Wrong reader")
        if done is not None:
            self._moved(done, self._place_of(owner), amount)

    @rule(person=PICK, amount=AMOUNT, damaged=st.sampled_from([None, None, 0, 5]), sorry=SORRY)
    def charges_by_hand(self, person: int, amount: int, damaged: int | None, sorry: bool) -> None:
        """A key, or damage to a copy that was seen later."""
        reader = person % 5
        done = self.act(
            "charge", self.desk, charge_member, member_id=self.people[reader].account_id or 0,
            kind=ChargeKind.OTHER if damaged is None else ChargeKind.DAMAGE, amount_minor=amount, what="A key",
            copy_id=None if damaged is None else self.copies[damaged],
        )  # fmt: skip
        assert done is not None
        self._moved(done, reader, amount)
        self.regrets(done, sorry)

    @precondition(lambda self: self.ids("SELECT 1 FROM payment LIMIT 1"))
    @rule()
    def closes_the_till(self) -> None:
        seen = self.act("till", self.desk, till)
        assert seen is not None
        done = self.act("close-till", self.desk, close_day, cash_counted_minor=0)
        if done is not None:
            assert done.result.cash_expected_minor == seen.result.cash_expected_minor
