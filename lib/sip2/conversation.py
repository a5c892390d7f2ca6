"""One machine's conversation: login first, then each message answered; errors asked again, answers repeated.

It is used by one thread at a time, and keeps nothing of a reader once their session ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from lib.access.installation import Installation
from lib.accounts.terminals import TerminalKind, prove_terminal, still_there
from lib.circulation.errors import CannotHold, CannotLend, CannotRenew
from lib.desk.self_check_words import reasons_words
from lib.kit.errors import Forbidden, Refusal
from lib.kit.logs import log, request_id
from lib.sip2 import loans, patrons, wishes
from lib.sip2.codec import BadChecksum, BadFrame, Request, build, parse
from lib.sip2.talk import Reply, Talk, said

MOST_FAULTS = 5  # in a row; then the line is closed
REPEAT_WITHIN = timedelta(seconds=60)
SUPPORTED = "YYYYYYYYYYYNYYYY"  # the sixteen places of BX: all but the item status update
VERSION = "2.00"
BUSY = "The library cannot answer just now. Nothing was changed; please try again, or ask at the desk."
LOG_IN = "Log in first (message 93)."

Answer = Callable[[Talk, Request], Reply]
Refuse = Callable[[Talk, Request, Refusal | None, str], Reply]


@dataclass(frozen=True, slots=True)
class Handler:
    """How a message is answered, and how its refusal looks. `changes`: asked twice, it is done once."""

    answer: Answer
    refuse: Refuse
    changes: bool = False


HANDLERS: dict[str, Handler] = {
    "01": Handler(patrons.block_patron, patrons.refuse_status, True),
    "09": Handler(loans.check_in, loans.refuse_check_in, True),
    "11": Handler(loans.check_out, loans.refuse_check_out, True),
    "15": Handler(wishes.hold, wishes.refuse_hold, True),
    "17": Handler(loans.item_information, loans.refuse_item),
    "19": Handler(loans.item_status_update, loans.refuse_item_status),
    "23": Handler(patrons.patron_status, patrons.refuse_status),
    "25": Handler(patrons.patron_enable, patrons.refuse_enable),
    "29": Handler(loans.renew_one, loans.refuse_renewal, True),
    "35": Handler(patrons.end_session, patrons.refuse_end),
    "37": Handler(wishes.fee_paid, wishes.refuse_fee, True),
    "63": Handler(patrons.patron_information, patrons.refuse_information),
    "65": Handler(loans.renew_everything, loans.refuse_renew_everything, True),
}


@dataclass(slots=True)
class _Last:
    """The last answer, and the message it answered."""

    frame: bytes
    answer: bytes
    at: datetime
    repeats: bool


@dataclass(slots=True)
class Conversation:
    """The talk with one connection. `over` says that the line should be closed after the answer."""

    installation: Installation
    address: str
    over: bool = False
    _talk: Talk = field(init=False)
    _faults: int = 0
    _checks: bool = False  # the machine sends checksums
    _last: _Last | None = None

    def __post_init__(self) -> None:
        self._talk = Talk(self.installation, self.address)

    @property
    def logged_in(self) -> bool:
        return self._talk.login is not None

    def answer(self, frame: bytes) -> bytes:
        """The answer to one message, with its carriage return. Asks the database; never raises."""
        with request_id():
            try:
                return self._answer(frame)
            except BadFrame as fault:
                return self._again(isinstance(fault, BadChecksum))
            except Exception as error:  # noqa: BLE001  # one machine's bad luck must not end the others' talks
                log().error("sip2 message failed", exc_info=error)
                self.over = True
                return build("96")

    def _answer(self, frame: bytes) -> bytes:
        request = parse(frame)
        if request.code == "97":
            return self._last.answer if self._last else self._again(request.checked)
        if self._checks and not request.checked:
            return self._again(True)  # what names the checksum was damaged itself
        self._checks = request.checked
        now = self.installation.clock.now()
        if self._is_repeat(frame, request, now):
            assert self._last is not None
            return self._last.answer
        reply = self._reply(request)
        answer = build(reply.head, reply.fields, sequence=request.sequence, checked=request.checked)
        changes = request.code in HANDLERS and HANDLERS[request.code].changes
        self._last = _Last(frame, answer, now, changes and request.sequence is not None)
        return answer

    def _is_repeat(self, frame: bytes, request: Request, now: datetime) -> bool:
        """The very same numbered message again, a moment later: its answer was lost on the way, not its effect."""
        last = self._last
        return last is not None and last.repeats and last.frame == frame and now - last.at < REPEAT_WITHIN

    def _again(self, checked: bool) -> bytes:
        """Asks for the message once more; a line on which nothing arrives whole is given up. 96 has no number."""
        self._fault()
        return build("96", checked=checked)

    def _fault(self) -> None:
        self._faults += 1
        self.over = self.over or self._faults >= MOST_FAULTS

    def _reply(self, request: Request) -> Reply:
        if request.code == "93":
            return self._log_in(request)
        if self._talk.login is None:
            self._talk.refresh()
            self._fault()
            return self._status(online=False, words=LOG_IN)
        handler = HANDLERS.get(request.code)
        try:
            if not still_there(self.installation, self._talk.login):
                self.over = True
                return self._status(online=False, words="This terminal was signed out. Log in with its new secret.")
            self._talk.refresh()
        except (SQLAlchemyError, Refusal) as error:
            log().error("sip2 has no database", exc_info=error)
            busy = self._status(online=False, words=BUSY)
            return handler.refuse(self._talk, request, None, BUSY) if handler else busy
        self._faults = 0
        return self._handled(handler, request) if handler else self._status(online=True)

    def _handled(self, handler: Handler, request: Request) -> Reply:
        try:
            return handler.answer(self._talk, request)
        except Forbidden as refusal:
            return handler.refuse(self._talk, request, refusal, "This is not done here. Please ask at the desk.")
        except (CannotLend, CannotRenew, CannotHold) as refusal:
            return handler.refuse(self._talk, request, refusal, reasons_words(refusal.reasons))
        except Refusal as refusal:
            return handler.refuse(self._talk, request, refusal, str(refusal))
        except Exception as error:  # noqa: BLE001  # answered in the message's own form, so that no machine hangs
            log().error("sip2 message failed", code=request.code, exc_info=error)
            return handler.refuse(self._talk, request, None, BUSY)

    def _log_in(self, request: Request) -> Reply:
        """93 → 94. Only plain names and passwords: the line itself is what protects them."""
        self._talk.login = None
        self._talk.forget()
        plain = set(request.fixed.values()) == {"0"}  # no algorithm of the standard hides anything
        try:
            if plain:
                self._talk.login = prove_terminal(
                    self.installation, login=request.get("CN"), secret=request.get("CO"), kind=TerminalKind.SIP2,
                    address=self.address,
                )  # fmt: skip
        except Refusal as refusal:
            log().warning("sip2 login refused", why=refusal.code, address=self.address)
        if self._talk.login is None:
            self._fault()
            return Reply("940")
        self._faults = 0
        return Reply("941")

    def _status(self, *, online: bool, words: str = "") -> Reply:
        """98: what the library does for machines. Time-out in tenths of seconds, then retries."""
        yes = "Y" if online else "N"
        head = f"98{yes}{yes}{yes}{yes}NN600003{self._talk.now}{VERSION}"
        place = [("AN", self._talk.actor.name)] if online else []
        fields = [("AO", self._talk.library), ("AM", self._talk.library), ("BX", SUPPORTED), *place, *said(words)]
        return Reply(head, fields)
