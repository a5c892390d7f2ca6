"""The outbox: every kind in every language, once per key, links only for their owner."""

from pathlib import Path

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_reading, begin_work
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.errors import Forbidden
from lib.notices.outbox import mailbox, queue
from lib.notices.templates import TEMPLATES, render, template_of
from tests.accounts.steps import join, mails
from tests.builders import a_librarian, an_admin

FACTS = {
    name: f"<{name}>"
    for name in (
        "name", "card", "link", "reason", "at", "period", "role", "library", "what", "until", "amount", "loans",
        "holds",
    )
}  # fmt: skip
KINDS = (
    "welcome", "verify-email", "registration-approved", "registration-rejected", "password-reset", "email-change",
    "password-changed", "someone-tried-to-register", "first-admin", "suspended",
)  # fmt: skip


def _queue(library: Installation, **given: object) -> None:
    values: dict[str, object] = {
        "account_id": 7, "address": "ada@example.org", "kind": "welcome", "subject_key": "", "period": "once",
        "language": "en", "facts": {"name": "Ada", "card": "2901234567896"},
    }  # fmt: skip
    with begin_work(library, SYSTEM) as uow:
        queue(uow, **(values | given))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", sorted(TEMPLATES))
def test_every_language_knows_every_kind(language: str) -> None:
    assert set(TEMPLATES[language]) == set(TEMPLATES["en"]) >= set(KINDS)
    for kind in TEMPLATES[language]:
        subject, body, used = render(kind, language, FACTS)
        assert used == language
        assert "$" not in subject + body
        assert body.endswith("<library>\n")


@pytest.mark.parametrize(
    ("asked", "given"), [("de-AT", "de"), ("de", "de"), ("pt-BR", "en"), ("", "en"), ("en-GB", "en")]
)
def test_a_language_falls_back(asked: str, given: str) -> None:
    assert template_of("welcome", asked)[1] == given


def test_a_name_cannot_break_the_subject_or_fill_other_places() -> None:
    subject, body, _ = render("welcome", "en", FACTS | {"name": "$card\r\nBcc: x", "library": "A\r\nBcc: y"})
    assert "\n" not in subject
    assert "$card" in body


def test_a_notice_is_queued_once_per_key(library: Installation) -> None:
    for _ in range(2):
        _queue(library)
        _queue(library, period="again")
        _queue(library, account_id=None)
        _queue(library, account_id=None, address="eve@example.org")
    assert len(mails(library)) == 4


def test_nothing_is_queued_without_an_address(sqlite_library: Installation) -> None:
    _queue(sqlite_library, address="")
    assert mails(sqlite_library) == []


def test_a_notice_falls_with_its_cause(sqlite_library: Installation) -> None:
    def fail() -> None:
        with begin_work(sqlite_library, SYSTEM) as uow:
            queue(
                uow, account_id=1, address="a@example.org", kind="first-admin", subject_key="", period="",
                language="en", facts={"name": "Ada"},
            )  # fmt: skip
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert mails(sqlite_library) == []


def test_the_mailbox_shows_the_newest_first_with_links_to_try(library: Installation) -> None:
    join(library)
    _queue(library)
    with begin_reading(library, an_admin(library)) as uow:
        box = mailbox(uow)
    assert [row.kind for row in box.rows] == ["welcome", "verify-email"]
    assert "http://localhost:8501/confirm?token=" in box.rows[1].body
    assert "token=…" not in box.rows[1].body
    assert box.total == 2


def test_a_library_in_use_shows_nobody_the_links_of_others(
    sqlite_library: Installation, tmp_path: Path, clock: SetClock
) -> None:
    join(sqlite_library)
    live = open_installation(Config(mode=Mode.PRODUCTION, data_dir=tmp_path), clock)
    with begin_reading(live, an_admin(sqlite_library)) as uow:
        body = mailbox(uow).rows[0].body
    live.close()
    assert "token=…" in body


def test_the_mailbox_is_the_admins(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_reading(sqlite_library, a_librarian(sqlite_library)) as uow:
        mailbox(uow)
