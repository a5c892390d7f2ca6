"""Answers about holds (15) and fees paid at the machine (37)."""

from lib.billing.models import PaymentMethod
from lib.desk.self_check import member_of_card, patron_summary, self_cancel_hold, self_hold, self_pay
from lib.kit.errors import Fault, Invalid, Refusal
from lib.kit.money import parse_money
from lib.sip2.codec import Request, flag
from lib.sip2.loans import NotHere
from lib.sip2.talk import Reply, Talk, said

OTHER = PaymentMethod.OTHER
# Coins in a machine are not in the desk's till: they are no cash there.
_METHODS = {"00": OTHER, "01": PaymentMethod.CARD, "02": PaymentMethod.CARD}


def hold(talk: Talk, request: Request) -> Reply:
    """15 → 16: "+" adds, "-" ends; the title is named by its number (AJ) or by one of its copies (AB)."""
    member_id, mode = talk.member(request), request.fixed["hold_mode"]
    named = request.get("AJ")
    title_id = int(named) if named.isascii() and named.isdigit() and len(named) < 19 and not request.get("AB") else None
    if mode == "-":
        with talk.work() as uow:
            title = self_cancel_hold(uow, member_id=member_id, title_id=title_id, barcode=request.get("AB"))
        return _hold_reply(talk, request, True, [("AJ", title)], f"Your reservation of “{title}” is cancelled.")
    if mode != "+":
        raise NotHere(text="A reservation can be made or cancelled here. To change one, please ask at the desk.")
    with talk.work() as uow:
        done = self_hold(uow, member_id=member_id, title_id=title_id, barcode=request.get("AB"))
    words = f"“{done.title}” is reserved for you: place {done.position} in the queue."
    return _hold_reply(talk, request, True, [("BR", str(done.position)), ("AJ", done.title)], words)


def _hold_reply(talk: Talk, request: Request, ok: bool, more: list[tuple[str, str]], words: str) -> Reply:
    fields = [("AO", request.get("AO")), ("AA", request.get("AA")), ("AB", request.get("AB")), *more, *said(words)]
    return Reply(f"16{int(ok)}{flag(False)}{talk.now}", fields)


def refuse_hold(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    return _hold_reply(talk, request, False, [("AJ", request.get("AJ"))], text)


def fee_paid(talk: Talk, request: Request) -> Reply:
    """37 → 38. The money lies in the machine already, so the card alone will do, but then nothing is told of what is
    owed; a PIN that comes with it must be right. Sent again, it is the same payment."""
    if request.get("AD"):
        member_id = talk.member(request)
    else:
        with talk.reading() as uow:
            member_id = member_of_card(uow, request.get("AA"))
    if request.fixed["currency"] not in (talk.currency, "   "):
        raise Invalid(Fault("currency", f"This library takes {talk.currency} only."))
    amount = parse_money(request.get("BV"), talk.currency, "BV").minor
    chosen = request.get("CG")
    with talk.work() as uow:
        done = self_pay(
            uow, member_id=member_id, amount_minor=amount, method=_METHODS.get(request.fixed["payment_type"], OTHER),
            charge_ids=[int(chosen)] if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else (),
            key=_payment_key(request, member_id, amount),
        )  # fmt: skip
        left = patron_summary(uow, member_id).owed_minor
    words = f"Thank you. {talk.money_words(amount)} received, receipt {done.number}."
    rest = f" {talk.money_words(left)} is still owed." if left > 0 and talk.knows(request) else ""
    return _fee_reply(talk, request, True, words + rest)


def _payment_key(request: Request, member_id: int, amount_minor: int) -> str | None:
    """What makes a message sent again after a lost answer the same payment, on this terminal (keys are its own): the
    machine's own number of it (BK), else the second of it with whose money it is, how much, and for what."""
    at, number = request.fixed["date"], request.get("BK")
    if number:
        return f"sip2:{at}:{number}"
    return f"sip2:{at}:{member_id}:{amount_minor}:{request.get('CG')}" if at.strip() else None


def _fee_reply(talk: Talk, request: Request, ok: bool, words: str) -> Reply:
    fields = [("AO", request.get("AO")), ("AA", request.get("AA"))]
    if request.get("BK"):
        fields.append(("BK", request.get("BK")))
    return Reply(f"38{flag(ok)}{talk.now}", [*fields, *said(words)])


def refuse_fee(talk: Talk, request: Request, why: Refusal | None, text: str) -> Reply:
    tells = why is not None and "owed_minor" in why.facts and not talk.knows(request)
    return _fee_reply(
        talk, request, False, "This is not booked for this card. Please ask at the desk." if tells else text
    )
