"""Finding people by any part of their name, with typos; by card, e-mail or telephone number at once.

Words are looked up as ranges of an index. Only when nothing is found are the distinct words of all names, kept in
memory and read anew when a new one appears, compared with what was typed.
"""

from collections.abc import Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import ColumnElement, or_, select, true

from lib.access.work import UnitOfWork
from lib.accounts.fields import email_key_of, phone_digits, readable
from lib.accounts.models import Account, AccountWord
from lib.accounts.people import SUBJECT, phone_mark
from lib.kit.text import is_cjk, tokens

MOST_TOKENS = 6
MOST_GUESSES = 12
_LAST = "\U0010ffff"


def condition(uow: UnitOfWork, text: str) -> tuple[ColumnElement[bool], bool]:
    """What selects the people meant by a text; and whether the words had to be guessed at.

    A whole card number, e-mail address or telephone number is taken as such when somebody has it.
    """
    typed = readable(text)
    if not typed:
        return true(), False
    exact = _identity(uow, typed)
    if exact is not None:
        return exact, False
    wanted = _tokens(typed)
    if not wanted:
        return Account.id < 0, False
    plain = _all_of([[_range(token)] for token in wanted])
    if uow.connection.scalar(select(Account.id).where(plain).limit(1)) is not None:
        return plain, False
    guesses = [_guesses(uow, token) for token in wanted]
    if not all(guesses):
        return Account.id < 0, False
    return _all_of(guesses), True


def _identity(uow: UnitOfWork, typed: str) -> ColumnElement[bool] | None:
    """Equality with a card number, an address or a telephone number, where somebody has it."""
    claims: list[ColumnElement[bool]] = []
    if "@" in typed:
        claims.append(Account.email_key == email_key_of(typed))
    if any(char.isdigit() for char in typed):
        claims.append(Account.card_number == typed.replace(" ", ""))
        if len(phone_digits(typed)) >= 5:
            claims.append(Account.phone_hash == phone_mark(uow, typed))
    if not claims:
        return None
    ids = [found for claim in claims for found in uow.connection.scalars(select(Account.id).where(claim).limit(50))]
    return Account.id.in_(ids) if ids else None


def _tokens(typed: str) -> list[str]:
    found: list[str] = []
    for token in tokens(typed):
        if is_cjk(token) and len(token) > 1:
            found += [token[at : at + 2] for at in range(len(token) - 1)]
        else:
            found.append(token)
    return found[:MOST_TOKENS]


def _range(token: str) -> ColumnElement[bool]:
    """The words that begin with a token."""
    return (AccountWord.word >= token) & (AccountWord.word < token + _LAST)


def _all_of(choices: Sequence[Sequence[ColumnElement[bool]]]) -> ColumnElement[bool]:
    """People with a word for each token."""
    found: ColumnElement[bool] = true()
    for choice in choices:
        found &= Account.id.in_(select(AccountWord.account_id).where(or_(*choice)))
    return found


def _guesses(uow: UnitOfWork, token: str) -> list[ColumnElement[bool]]:
    """The words that begin with a token or are a slip of the finger away from it."""
    words = uow.cached(SUBJECT, "words", lambda: _distinct_words(uow))
    allowed = 1 if len(token) < 6 else 2
    near = _nearest(token, words, allowed)
    if not near and len(token) >= 4:
        starts = sorted({word[: len(token)] for word in words if len(word) > len(token)})
        return [_range(start) for start in _nearest(token, starts, 1)] or _begun(uow, token)
    exact = [AccountWord.word.in_(near)] if near else []
    return exact + _begun(uow, token)


def _begun(uow: UnitOfWork, token: str) -> list[ColumnElement[bool]]:
    known = uow.connection.scalar(select(AccountWord.word).where(_range(token)).limit(1))
    return [_range(token)] if known is not None else []


def _nearest(token: str, words: Sequence[str], allowed: int) -> list[str]:
    if len(token) < 3:
        return []
    scorer: Any = OSA.distance
    found = process.extract(token, words, scorer=scorer, score_cutoff=allowed, limit=MOST_GUESSES)
    return [word for word, _, _ in found]


def _distinct_words(uow: UnitOfWork) -> tuple[str, ...]:
    return tuple(uow.connection.scalars(select(AccountWord.word).distinct()))
