"""Runs the tests: house rules first, then everything else, with one closing line.

`--house` runs the house rules alone, `--golden` draws the screens' reference pictures again; all other words
go to pytest. Without an own `-n`, tests run in as many processes as there are cores, at most four.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN_PROCESSES = ("-n", "--numprocesses", "--dist", "--pdb", "--trace")


def words_for_pytest(words: list[str], cores: int) -> list[str]:
    """The command line pytest gets for the words a person gave."""
    house = "--house" in words
    golden = "--golden" in words
    rest = [word for word in words if word not in ("--house", "--golden")]
    if house:
        rest = ["tests/house", *rest]
    if golden:
        rest = ["tests/screens", "--golden", *rest]
    if not any(word.startswith(OWN_PROCESSES) for word in rest):
        rest = ["-n", str(max(2, min(cores, 4))), "--dist", "loadgroup", *rest]
    return rest


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(pytest.main(words_for_pytest(sys.argv[1:], os.cpu_count() or 2)))
