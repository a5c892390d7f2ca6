"""Files are kept once under their own SHA-256, whole or not at all."""

import hashlib
import threading
from pathlib import Path

import pytest

from lib.kit.storage import Storage


def test_what_is_put_is_got_back_under_its_sha256(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    digest = storage.put(b"a page")
    assert digest == hashlib.sha256(b"a page").hexdigest()
    assert storage.get(digest) == b"a page"


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    first = storage.put(b"a page")
    before = storage.path(first).stat().st_ino
    assert storage.put(b"a page") == first
    assert storage.path(first).stat().st_ino == before
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "g" * 64, "/" + "a" * 63, "..%2f" + "a" * 59]
)
def test_only_a_sha256_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Storage(tmp_path).path(name)


def test_what_was_never_put_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Storage(tmp_path).get("0" * 64)


def test_a_write_that_is_broken_off_leaves_no_file_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.kit.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.put(b"a page")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_many_may_put_the_same_file_at_once(tmp_path: Path) -> None:
    storage, start, faults = Storage(tmp_path), threading.Barrier(6), list[OSError]()
    content = b"x" * 200_000

    def put() -> None:
        start.wait()
        try:
            storage.put(content)
        except OSError as error:
            faults.append(error)

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert storage.get(hashlib.sha256(content).hexdigest()) == content
