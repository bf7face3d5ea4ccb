"""Tests of one group run in one worker, one after the other: they share a machine."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("one_machine")


@pytest.mark.parametrize("number", range(6))
def test_writes_where_it_runs(number):
    with Path("workers").open("a") as out:
        out.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_group_stays_with_one_worker(tmp_path: Path) -> None:
    (tmp_path / "test_group.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "."]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=100, stdout=subprocess.DEVNULL)
    assert len(workers := (tmp_path / "workers").read_text(encoding="utf-8").split()) == 6
    assert len(set(workers)) == 1
