"""Programs: keys and tokens that are never stronger than their owner, and end with them."""

import threading
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.api_keys import actor_of_key, create_key, my_keys, revoke_key
from lib.accounts.api_tokens import (
    AUDIENCE,
    RefreshRefused,
    Tokens,
    actor_of_token,
    issue_tokens,
    refresh,
    revoke_refresh,
)  # fmt: skip
from lib.accounts.errors import CannotSignIn, WrongCredentials
from lib.accounts.models import AccountStatus
from lib.accounts.passwords import change_password
from lib.accounts.staff import appoint
from lib.accounts.standing import disable
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from tests.accounts.steps import HERE, OTHER, PASSWORD, a_reader
from tests.builders import a_librarian, a_member, an_admin


def _key(library: Installation, actor: Actor, *scopes: Permission, **given: Any) -> str:
    with begin_work(library, actor) as uow:
        return create_key(uow, "Website", scopes or [Permission.SEARCH], **given)[1]


def _tokens(library: Installation) -> Tokens:
    return issue_tokens(library, "ada", PASSWORD, HERE)


def test_a_key_acts_for_its_owner_within_its_scopes(library: Installation) -> None:
    librarian = a_librarian(library)
    actor = actor_of_key(library, _key(library, librarian, Permission.SEARCH, Permission.READ_MEMBERS))
    assert actor is not None
    assert (actor.account_id, actor.role) == (librarian.account_id, Role.LIBRARIAN)
    assert actor.may(Permission.READ_MEMBERS)
    assert not actor.may(Permission.CIRCULATE)
    assert not actor.may(Permission.MANAGE_STAFF)


def test_a_key_is_shown_once(library: Installation) -> None:
    member = a_member(library)
    secret = _key(library, member)
    with begin_reading(library, member) as uow:
        assert [row.hint for row in my_keys(uow)] == [secret[-4:]]
        assert secret not in str(uow.connection.execute(text("SELECT * FROM api_key")).all())


def test_a_key_ends_when_it_says_or_is_revoked(library: Installation, clock: SetClock) -> None:
    member, other = a_member(library), a_member(library)
    dated = _key(library, member, expires=clock.now() + timedelta(days=1))
    secret = _key(library, member)
    with begin_reading(library, member) as uow:
        key_id = my_keys(uow)[0].id
    with pytest.raises(NotFound), begin_work(library, other) as uow:
        revoke_key(uow, key_id)
    assert actor_of_key(library, secret) is not None
    with begin_work(library, member) as uow:
        revoke_key(uow, key_id)
    assert actor_of_key(library, secret) is None
    assert actor_of_key(library, dated) is not None
    clock.forward(timedelta(days=1))
    assert actor_of_key(library, dated) is None


@pytest.mark.parametrize("junk", ["", "tome_", "tome_" + "x" * 500, "tome_é", "other"])
def test_junk_is_no_key(sqlite_library: Installation, junk: str) -> None:
    assert actor_of_key(sqlite_library, junk) is None


def test_nobody_gives_a_key_more_than_they_have(sqlite_library: Installation, clock: SetClock) -> None:
    member = a_member(sqlite_library)
    with pytest.raises(Invalid):
        _key(sqlite_library, member, Permission.CIRCULATE)
    with pytest.raises(Invalid):
        _key(sqlite_library, member, expires=clock.now())
    with pytest.raises(Invalid) as refused, begin_work(sqlite_library, member) as uow:
        create_key(uow, " ", [])
    assert {fault.field for fault in refused.value.faults} == {"name", "scopes"}


def test_a_key_makes_no_keys(sqlite_library: Installation) -> None:
    actor = actor_of_key(sqlite_library, _key(sqlite_library, a_member(sqlite_library), Permission.USE_ACCOUNT))
    assert actor is not None
    with pytest.raises(Forbidden):
        _key(sqlite_library, actor)


def test_a_dismissed_librarians_key_loses_the_librarians_powers(sqlite_library: Installation) -> None:
    librarian = a_librarian(sqlite_library)
    secret = _key(sqlite_library, librarian, Permission.CIRCULATE, Permission.SEARCH)
    with begin_work(sqlite_library, an_admin(sqlite_library)) as uow:
        appoint(uow, librarian.account_id or 0, Role.MEMBER)
    actor = actor_of_key(sqlite_library, secret)
    assert actor is not None
    assert actor.may(Permission.SEARCH)
    assert not actor.may(Permission.CIRCULATE)


def test_disabling_ends_keys_and_tokens_for_good(library: Installation) -> None:
    reader = a_reader(library)
    secret, tokens = _key(library, reader), _tokens(library)
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        disable(uow, reader.account_id or 0, "left the school")
    assert actor_of_key(library, secret) is None
    assert actor_of_token(library, tokens.access) is None
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(text("UPDATE account SET status = 'active'"))
    assert actor_of_key(library, secret) is None
    assert actor_of_token(library, tokens.access) is None
    with pytest.raises(RefreshRefused):
        refresh(library, tokens.refresh)


def test_a_token_speaks_for_a_quarter_of_an_hour(library: Installation, clock: SetClock) -> None:
    reader = a_reader(library)
    tokens = _tokens(library)
    assert tokens.expires_in_s == 900
    actor = actor_of_token(library, tokens.access)
    assert actor is not None
    assert (actor.account_id, actor.role) == (reader.account_id, Role.MEMBER)
    clock.forward(timedelta(minutes=15))
    assert actor_of_token(library, tokens.access) is None


def test_tokens_obey_the_rules_of_the_sign_in_page(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            issue_tokens(sqlite_library, "ada", OTHER, HERE)
    with pytest.raises(TooManyAttempts):
        _tokens(sqlite_library)
    a_reader(
        sqlite_library, username="eve", email="eve@example.org", card_number=None, status=AccountStatus.PENDING
    )  # fmt: skip
    with pytest.raises(CannotSignIn):
        issue_tokens(sqlite_library, "eve", PASSWORD, "198.51.100.1")


def test_a_refresh_token_works_once_and_its_copy_ends_the_family(library: Installation) -> None:
    a_reader(library)
    first, bystander = _tokens(library), _tokens(library)
    second = refresh(library, first.refresh)
    assert actor_of_token(library, second.access) is not None
    with pytest.raises(RefreshRefused):
        refresh(library, first.refresh)
    with pytest.raises(RefreshRefused):
        refresh(library, second.refresh)
    assert actor_of_token(library, second.access) is None
    assert actor_of_token(library, bystander.access) is not None


def test_two_programs_with_one_refresh_token_do_not_both_win(library: Installation) -> None:
    a_reader(library)
    token = _tokens(library).refresh
    won: list[Tokens] = []

    def use() -> None:
        try:
            won.append(refresh(library, token))
        except RefreshRefused:
            return

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


@pytest.mark.parametrize("junk", ["", "é", "x" * 900, "\ud800", "a.b.c"])
def test_junk_is_no_token(sqlite_library: Installation, junk: str) -> None:
    assert actor_of_token(sqlite_library, junk) is None
    with pytest.raises(RefreshRefused):
        refresh(sqlite_library, junk)
    revoke_refresh(sqlite_library, junk)


def test_a_refresh_token_ends_after_two_weeks_or_on_signing_out(library: Installation, clock: SetClock) -> None:
    a_reader(library)
    old, gone = _tokens(library), _tokens(library)
    revoke_refresh(library, gone.refresh)
    for token in (gone.access, gone.refresh):
        assert actor_of_token(library, token) is None
    clock.forward(timedelta(days=14))
    for tokens in (old, gone):
        with pytest.raises(RefreshRefused):
            refresh(library, tokens.refresh)


def test_a_new_password_ends_tokens(sqlite_library: Installation) -> None:
    reader = a_reader(sqlite_library)
    tokens = _tokens(sqlite_library)
    change_password(sqlite_library, reader, old=PASSWORD, new=OTHER)
    assert actor_of_token(sqlite_library, tokens.access) is None


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "other"},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"jti": None},
        {"sub": "x"},
        {"fam": "other"},
        {"exp": "x"},
    ],
)  # fmt: skip
def test_a_token_lacking_anything_is_refused(sqlite_library: Installation, change: dict[str, Any]) -> None:
    a_reader(sqlite_library)
    key = sqlite_library.keys.signing
    claims = jwt.decode(
        _tokens(sqlite_library).access, key, algorithms=["HS256"], audience=AUDIENCE, options={"verify_exp": False}
    )
    good = jwt.encode(claims, key, algorithm="HS256")
    assert actor_of_token(sqlite_library, good) is not None
    claims = {name: value for name, value in (claims | change).items() if value is not None}
    assert actor_of_token(sqlite_library, _encode(claims, key)) is None


def _encode(claims: dict[str, Any], key: str, **given: Any) -> str:
    """PyJWT refuses to write some faulty claims; this does not."""
    import json

    token: str = jwt.api_jws.encode(json.dumps(claims).encode(), key, **({"algorithm": "HS256"} | given))
    return token


@pytest.mark.filterwarnings("ignore:The HMAC key")
@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_only_one_algorithm_is_known(sqlite_library: Installation, algorithm: str) -> None:
    a_reader(sqlite_library)
    key = sqlite_library.keys.signing
    claims = jwt.decode(
        _tokens(sqlite_library).access, key, algorithms=["HS256"], audience=AUDIENCE, options={"verify_exp": False}
    )
    forged = _encode(claims, "" if algorithm == "none" else key, algorithm=algorithm)
    assert actor_of_token(sqlite_library, forged) is None
    assert actor_of_token(sqlite_library, _encode(claims, "another key of thirty-two characters")) is None
