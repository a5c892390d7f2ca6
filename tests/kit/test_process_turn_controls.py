"""Who gave up waiting for the turn stands in nobody's way, and whoever may read the turn's files may wait by them."""

import os
import stat
import time
from pathlib import Path

import pytest

from lib.kit.errors import Busy
from lib.kit.process_turn import ENDS, ProcessTurn

pytest.importorskip("fcntl")


def test_whoever_gave_up_leaves_the_place_of_the_next_to_others(tmp_path: Path) -> None:
    writing, impatient, patient = (ProcessTurn(tmp_path / "a.db") for _ in range(3))
    writing.take(time.monotonic() + 30)
    with pytest.raises(Busy):
        impatient.take(time.monotonic() - 1)
    writing.give_back()
    patient.take(time.monotonic() + 1)
    patient.give_back()
    for turn in (writing, impatient, patient):
        turn.close()


def test_the_turns_files_are_for_all_who_may_read_the_librarys(tmp_path: Path) -> None:
    was = os.umask(0o022)
    try:
        turn = ProcessTurn(tmp_path / "a.db")
        turn.take(time.monotonic() + 1)
        turn.close()
    finally:
        os.umask(was)
    assert {stat.S_IMODE((tmp_path / f"a.db{end}").stat().st_mode) for end in ENDS} == {0o644}
