"""Opening a library: folders and keys are made, one installation a process, values kept by version."""

import os
import threading
from pathlib import Path

import pytest

from lib.access.installation import VersionedCache, open_installation
from lib.access.opened import close_opened, opened, serve
from lib.kit.config import Config, Mode


def test_opening_makes_folder_and_keys(tmp_path: Path) -> None:
    folder = tmp_path / "a new place" / "data"
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    assert (folder / "keys" / "keys.json").is_file()
    assert library.is_sqlite
    again = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    assert again.keys == library.keys
    library.close()
    again.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    open_installation(Config(mode=Mode.DEMO, data_dir=tmp_path)).close()
    (tmp_path / "keys" / "keys.json").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        open_installation(Config(mode=Mode.DEMO, data_dir=tmp_path))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        open_installation(Config(mode=Mode.DEMO, data_dir=tmp_path / "file" / "data"))


def test_every_door_of_a_process_opens_the_same_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOME_DATA_DIR", str(tmp_path))
    close_opened()
    start, found = threading.Barrier(6), list[int]()

    def ask() -> None:
        start.wait()
        found.append(id(opened()))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 6
    assert len(set(found)) == 1
    close_opened()


def test_tools_may_serve_an_installation_of_their_own(tmp_path: Path) -> None:
    own = open_installation(Config(mode=Mode.DEMO, data_dir=tmp_path))
    serve(own)
    assert opened() is own
    close_opened()


def test_a_kept_value_is_good_for_its_version_alone() -> None:
    cache = VersionedCache()
    assert cache.get("hats", "count", 1, lambda: "a") == "a"
    assert cache.get("hats", "count", 1, lambda: "b") == "a"
    assert cache.get("shoes", "count", 1, lambda: "c") == "c"
    assert cache.get("hats", "count", 2, lambda: "d") == "d"
