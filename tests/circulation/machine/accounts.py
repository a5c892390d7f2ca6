"""Accounts that end or rest: closed for good, disabled, suspended for some days, and opened again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import JSON, String

from lib.accounts.standing import reactivate, suspend
from lib.billing.models import ChargeKind
from lib.circulation.checkout import check_out
from lib.circulation.closing import close_account, disable_account
from lib.circulation.exceptions import add_exception
from lib.circulation.holds import place_hold
from lib.circulation.money import charge_member, take_back_receipt
from lib.kit.tables import Base
from tests.builders import a_member
from tests.circulation.machine.desk import PICK, Desk, Done
from tests.circulation.steps import rows

GONE = "SELECT id FROM account WHERE status = 'closed'"
# Where something is written down about readers; the audit trail names them by number alone.
WRITTEN = (
    "account", "account_word", "notice", "once_key", "desk_act", "offline_record", "ledger_entry", "charge", "payment",
    "hold", "loan", "member_exception", "sign_in_attempt", "audit",
)  # fmt: skip


class Accounts(Desk):
    """What happens to readers themselves; whoever left is followed by a newcomer in the same place."""

    def _live_holds_of(self, account_id: int) -> list[tuple[Any, ...]]:
        return rows(
            self.library,
            "SELECT id, title_id, state, shelf_copy_id FROM hold"
            f" WHERE account_id = {account_id} AND state IN ('waiting', 'ready') ORDER BY id",
        )

    def _status_of(self, account_id: int) -> str:
        return str(self.ids(f"SELECT status FROM account WHERE id = {account_id}")[0])

    @rule(person=PICK, own=st.booleans())
    def closes_an_account(self, person: int, own: bool) -> None:
        """Nothing but books and money stands against it; afterwards nobody can be found."""
        reader = self.people[person % 5]
        account = reader.account_id or 0
        out = any(row[2] == account for row in self.look().loans)
        money = self.ids(f"SELECT 1 FROM charge WHERE account_id = {account} AND balance_minor <> 0 LIMIT 1")
        holds = self._live_holds_of(account)
        card, mail = rows(self.library, f"SELECT card_number, email FROM account WHERE id = {account}")[0]
        done = self.act(
            "close-account", reader if own else self.desk, close_account, None if own else account,
            reason="" if own else "Moved to another town",
        )  # fmt: skip
        assert (done is None) == (out or bool(money))
        if done is None:
            return
        assert done.result.holds == len(holds)
        self._check_ended(done, holds)
        assert self._where_it_says(card) == [], "the card's number stays nowhere"
        assert self._where_it_says(mail) == [], "the address stays nowhere"
        self.people[person % 5] = a_member(self.library)
        self.changed()

    def _where_it_says(self, words: str) -> list[str]:
        """The columns of the library's tables in which these words stand."""
        columns = [
            (table.name, column.name) for table in Base.metadata.sorted_tables if table.name in WRITTEN
            for column in table.columns if isinstance(column.type, String | JSON)
        ]  # fmt: skip
        asked = " UNION ALL ".join(
            f"""SELECT '{table}.{column}' FROM {table} WHERE CAST("{column}" AS TEXT) LIKE '%{words}%'"""
            for table, column in columns
        )
        return self.ids(asked)

    def _check_ended(self, done: Done, holds: list[tuple[Any, ...]]) -> None:
        """The holds are out of their queues, their copies lie there for the next, and nothing else moved."""
        assert (done.after.loans, done.after.owed) == (done.before.loans, done.before.owed)
        wanted = {title: done.before.queue(title) for title in self.titles}
        ready = {row[:2] for row in done.before.ready}
        for hold, title, state, copy in holds:
            if state == "waiting":
                wanted[title].remove(hold)
                continue
            ready.remove((hold, copy))
            first = done.before.first_for(title, copy, self.today)
            assert done.after.status(copy) == ("on_hold_shelf" if first else "available")
            if first:
                wanted[title].remove(first)
                ready.add((first, copy))
        assert {title: done.after.queue(title) for title in self.titles} == wanted
        assert {row[:2] for row in done.after.ready} == ready

    @rule(person=PICK)
    def disables_an_account(self, person: int) -> None:
        account = self.people[person % 5].account_id or 0
        was, holds = self._status_of(account), self._live_holds_of(account)
        done = self.act("disable", self.desk, disable_account, account, "Took books of others home")
        assert (done is None) == (was == "disabled")
        if done is not None:
            assert done.result == len(holds)
            self._check_ended(done, holds)

    @rule(person=PICK, days=st.sampled_from([None, 0, 3, 30]))
    def suspends_a_member(self, person: int, days: int | None) -> None:
        account = self.people[person % 5].account_id or 0
        was = self._status_of(account)
        until = None if days is None else self.today + timedelta(days=days)
        done = self.act("suspend-member", self.desk, suspend, account, "Shouted at a colleague", until)
        assert (done is None) == (was != "active")
        assert done is None or done.after.same_as(done.before)

    @precondition(lambda self: self.ids("SELECT 1 FROM account WHERE status IN ('disabled', 'suspended') LIMIT 1"))
    @rule(pick=PICK)
    def opens_an_account_again(self, pick: int) -> None:
        found = self.ids("SELECT id FROM account WHERE status IN ('disabled', 'suspended') ORDER BY id")
        done = self.act("reactivate", self.desk, reactivate, found[pick % len(found)])
        assert done is not None
        assert done.after.same_as(done.before)

    @precondition(lambda self: self.ids(f"{GONE} LIMIT 1"))
    @rule(pick=PICK, what=st.sampled_from(["issue", "hold", "charge", "receipt", "except"]))
    def asks_for_somebody_who_left(self, pick: int, what: str) -> None:
        """Nothing is lent to a closed account, kept for it, charged to it or owed by it again."""
        gone = self.ids(f"{GONE} ORDER BY id")
        account = gone[pick % len(gone)]
        receipts = self.ids(f"SELECT id FROM payment WHERE account_id = {account} AND kind = 'payment' ORDER BY id")
        given: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
            "issue": (check_out, {"barcode": self.barcodes[pick % 7], "member_id": account, "override": "Because"}),
            "hold": (place_hold, {"title_id": self.titles[pick % 3], "member_id": account, "override": "Because"}),
            "charge": (charge_member, {"member_id": account, "kind": ChargeKind.OTHER, "amount_minor": 5,
                                       "what": "A key"}),
            "except": (add_exception, {"account_id": account, "name": "max_loans", "amount": 9, "until": self.today,
                                       "reason": "By arrangement"}),
            "receipt": (take_back_receipt, {"payment_id": receipts[0] if receipts else 0, "reason": "Wrong reader"}),
        }  # fmt: skip
        use_case, named = given[what]
        assert self.act(f"{what}-for-nobody", self.desk, use_case, **named) is None

    @invariant()
    def nobody_who_left_owes_or_has_anything(self) -> None:
        assert self.ids(f"SELECT id FROM charge WHERE balance_minor <> 0 AND account_id IN ({GONE})") == []
        assert self.ids(f"SELECT id FROM loan WHERE returned_at IS NULL AND account_id IN ({GONE})") == []
        assert self.ids(f"SELECT id FROM hold WHERE state IN ('waiting', 'ready') AND account_id IN ({GONE})") == []
