"""Files in both directions: covers, imports, exports, library cards."""

import io

import pytest
from PIL import Image

from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import begin_work
from lib.accounts.api_keys import create_key
from lib.api import covers, imports
from tests.api.conftest import caller
from tests.builders import a_librarian, a_member, a_title

CSV = {"Content-Type": "text/csv"}
BOOKS = "title,author,isbn\nThe Long Orbit,Ada Vega,9780441478125\nBad Number,Bo Lind,9780441478126\n"


def a_picture(kind: str = "PNG") -> bytes:
    """A picture of 200 × 300 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (200, 300), "teal").save(out, kind)
    return out.getvalue()


def test_a_cover_is_typeset_then_uploaded_then_taken_away(served: Installation) -> None:
    librarian, title_id = caller(served, Role.LIBRARIAN), a_title(served)
    path = f"/titles/{title_id}/cover"
    typeset = librarian("GET", path)
    assert (typeset.status_code, typeset.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in typeset.headers["content-security-policy"]
    put = librarian("PUT", path, content=a_picture(), headers={"Content-Type": "image/png"})
    assert put.status_code == 200, put.text
    uploaded = librarian("GET", path)
    assert uploaded.headers["content-type"] in {"image/jpeg", "image/png"}
    assert librarian("GET", path, headers={"If-None-Match": uploaded.headers["etag"]}).status_code == 304
    assert librarian("GET", f"/titles/{title_id}").json()["has_cover"] is True
    assert librarian("DELETE", path).status_code == 200
    assert librarian("GET", path).headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"", "image/png", 422),
        (b"GIF89a not at all", "image/png", 422),
        (a_picture()[:60], "image/png", 422),
        (a_picture(), "text/html", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415),
        (b"x" * (covers.LARGEST + 1), "image/png", 413),
    ],
)
def test_what_is_no_picture_is_refused(served_sqlite: Installation, content: bytes, media: str, status: int) -> None:
    librarian, title_id = caller(served_sqlite, Role.LIBRARIAN), a_title(served_sqlite)
    answer = librarian("PUT", f"/titles/{title_id}/cover", content=content, headers={"Content-Type": media})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_is_looked_at_tried_imported_and_every_row_accounted_for(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    given = {"content": BOOKS.encode(), "headers": CSV}
    asked = {"kind": "titles", "file_name": "books.csv"}
    preview = librarian("POST", "/imports/preview", params=asked, **given)
    assert preview.status_code == 200, preview.text
    assert {column["header"]: column["field"] for column in preview.json()["columns"]}["isbn"] == "isbn"
    dry = librarian("POST", "/imports", params=asked | {"dry_run": True}, **given).json()
    assert (dry["rows_read"], dry["written"]) == (2, False)
    assert librarian("GET", "/titles").json()["total"] == 0
    done = librarian("POST", "/imports", params=asked, **given).json()
    assert done["written"] is True
    assert done["added"] + done["merged"] + done["unchanged"] + done["refused"] == 2
    again = librarian("POST", "/imports", params=asked, **given).json()
    assert again["added"] == 0
    report = librarian("GET", f"/imports/{done['run_id']}").json()
    assert report["refused"] == done["refused"]
    faults = librarian("GET", f"/imports/{done['run_id']}/faults")
    assert faults.headers["content-type"] == "text/csv; charset=utf-8"
    assert faults.content.decode("utf-8-sig").splitlines()[0] == "line,column,reason"
    assert librarian("GET", "/imports").json()["total"] == 3


def test_columns_that_are_guessed_wrongly_can_be_named(served_sqlite: Installation) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    asked = {"kind": "titles", "column": ["author=", "isbn="]}
    preview = librarian("POST", "/imports/preview", params=asked, content=BOOKS.encode(), headers=CSV).json()
    assert {column["header"]: column["field"] for column in preview["columns"]} == {
        "title": "title", "author": "", "isbn": "",
    }  # fmt: skip
    odd = librarian(
        "POST", "/imports/preview", params={"kind": "titles", "column": "no sign"}, content=b"x", headers=CSV
    )
    assert (odd.status_code, odd.json()["faults"][0]["field"]) == (422, "column")


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [(b"", "text/csv", 422), (b"a,b\n1,2\n", "application/json", 415), (b"\x00\x01\x02\x03", "text/csv", 422)],
)
def test_what_is_no_table_is_refused(served_sqlite: Installation, content: bytes, media: str, status: int) -> None:
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    for path in ("/imports", "/imports/preview"):
        answer = librarian("POST", f"{path}?kind=titles", content=content, headers={"Content-Type": media})
        assert answer.status_code == status, answer.text


def test_a_file_past_the_limit_is_refused_while_it_comes_in(
    served_sqlite: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LARGEST", 100_000)
    librarian = caller(served_sqlite, Role.LIBRARIAN)
    sent = []

    def portions() -> object:
        for number in range(100):
            sent.append(number)
            yield b"x" * 10_000

    answer = librarian("POST", "/imports?kind=titles", content=portions(), headers=CSV)
    assert answer.status_code == 413
    left = list((served_sqlite.config.data_dir / "uploads").iterdir())
    assert left == []


def test_the_library_comes_out_as_files_that_go_in_again(served: Installation) -> None:
    librarian = caller(served, Role.LIBRARIAN)
    librarian("POST", "/titles", json={"title": "=cmd()", "contributors": [{"name": "Ada Vega"}]})
    out = librarian("GET", "/exports/titles")
    assert out.headers["content-disposition"] == 'attachment; filename="titles.csv"'
    text = out.content.decode("utf-8-sig")
    assert "\n" in text
    assert ",=cmd()" not in text  # no formula for spreadsheets
    back = librarian("POST", "/imports", params={"kind": "titles", "dry_run": True}, content=out.content, headers=CSV)
    assert (back.json()["rows_read"], back.json()["refused"]) == (1, 0)
    for kind in ("copies", "members", "loans"):
        assert librarian("GET", f"/exports/{kind}").status_code == 200
    assert librarian("GET", "/exports/secrets").status_code == 422


def test_a_key_for_imports_alone_gets_no_personal_data(served_sqlite: Installation) -> None:
    with begin_work(served_sqlite, a_librarian(served_sqlite)) as uow:
        _, secret = create_key(uow, "catalogue loader", [Permission.IMPORT])
    program = caller(served_sqlite, Role.GUEST)
    program.headers = {"Authorization": f"Bearer {secret}"}
    assert program("GET", "/exports/titles").status_code == 200
    assert program("GET", "/exports/members").status_code == 403


def test_cards_are_printed_for_oneself_and_by_staff_for_others(served_sqlite: Installation) -> None:
    member, librarian = caller(served_sqlite, Role.MEMBER), caller(served_sqlite, Role.LIBRARIAN)
    own = member("GET", "/me/card")
    assert (own.status_code, own.headers["content-type"], own.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert own.headers["cache-control"] == "no-store"
    other = a_member(served_sqlite)
    assert librarian("GET", f"/members/{other.account_id}/card").content[:5] == b"%PDF-"
    assert member("GET", f"/members/{other.account_id}/card").status_code == 403
    assert librarian("GET", "/members/999999/card").status_code == 404
