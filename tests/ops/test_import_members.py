"""Members come in row by row: each added, merged, unchanged or refused with its reason."""

from pathlib import Path

import pytest

from lib.access.installation import Installation
from tests.ops.bringing import Bring, ask, bringer, counts


@pytest.fixture
def bring(library: Installation, tmp_path: Path) -> Bring:
    """Imports a table given as text."""
    return bringer(library, tmp_path)


def test_a_member_comes_in_with_all_that_their_row_says(library: Installation, bring: Bring) -> None:
    report = bring(
        "members",
        "patron_id,card_barcode,first name,surname,email,category,branch,joined,expires,phone\n"
        "P1,2900000000001,Ada,Lovelace,Ada@Example.org,adult,North,2021-01-26,2027-01-26,+44 20 7946 0018\n"
        "P2,,Alan,Turing,,student,,,,\n",
    )
    assert counts(report) == (2, 0, 0, 0)
    rows = ask(library, "SELECT a.name, a.card_number, a.email_key, m.code, a.note, a.membership_ends_on, a.status,"
               " a.phone_sealed, a.password_hash FROM account a JOIN membership_type m ON m.id = a.membership_type_id"
               " ORDER BY a.id")  # fmt: skip
    ada = rows[0]
    assert ada[:5] == ("Ada Lovelace", "2900000000001", "ada@example.org", "public", "branch: North")
    assert str(ada[5]) == "2027-01-26"
    assert "7946" not in ada[7]
    assert (ada[6], ada[8]) == ("active", None)
    assert len(rows[1][1]) == 13
    assert ask(library, "SELECT count(*) FROM account_word WHERE word = 'lovelace'") == [(1,)]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("m9,,new@example.org,,", "name", "Give a name"),
        ("m9,Eve,not an address,,", "email", "not an e-mail address"),
        ("m9,Eve,ada@example.org,,", "email", "belongs to another member"),
        ("m9,Eve,,c-1,", "card", "belongs to another member"),
        ("m9,Eve,,,wizard", "type", "no membership type “wizard”"),
    ],
)
def test_a_member_who_cannot_be_is_refused_with_their_column(bring: Bring, row: str, column: str, says: str) -> None:
    report = bring("members", f"id,name,email,card,type\nm1,Ada Lovelace,ada@example.org,c-1,\n{row}\n")
    assert counts(report) == (1, 0, 0, 1)
    (fault,) = report.faults
    assert (fault.line, fault.column) == (3, column)
    assert says in fault.reason


def test_a_member_known_by_address_and_name_is_merged_and_fills_what_is_empty(
    library: Installation, bring: Bring
) -> None:
    bring("members", "name,email\nAda Lovelace,ada@example.org\n", "first.csv")
    report = bring("members", "id,name,email,card\nm1,ADA LOVELACE,ada@example.org,c-77\nm2,Eve,,\n", "second.csv")
    assert counts(report) == (1, 1, 0, 0)
    assert ask(library, "SELECT count(*) FROM account") == [(2,)]
    assert ask(library, "SELECT source_id FROM account WHERE email_key = 'ada@example.org'") == [("m1",)]
