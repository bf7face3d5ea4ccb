"""Python reads alike everywhere: ruff, strict types, small files, test names that are unique."""

from collections import Counter
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files, rooms, run

LINES_AT_MOST = 400


def too_long(lengths: dict[str, int]) -> list[str]:
    return [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LINES_AT_MOST]


def repeated_test_files(names: list[str]) -> list[str]:
    counts = Counter(Path(name).name for name in names if Path(name).name.startswith("test_"))
    return sorted(name for name, count in counts.items() if count > 1)


def test_ruff_finds_nothing() -> None:
    checked = run("ruff", "check", ".")
    assert checked.returncode == 0, checked.stdout


def test_layout_is_ruffs() -> None:
    checked = run("ruff", "format", "--check", ".")
    assert checked.returncode == 0, checked.stdout


def test_ruff_would_find_a_bare_except_and_a_bad_layout(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("try:\n  x=1\nexcept:\n  pass\n")
    config = f"--config={ROOT / 'pyproject.toml'}"
    assert "E722" in run("ruff", "check", config, str(bad)).stdout
    assert run("ruff", "format", "--check", config, str(bad)).returncode == 1


@pytest.mark.timeout(600)
def test_types_are_strict_everywhere() -> None:
    checked = run("mypy", *rooms())
    assert checked.returncode == 0, checked.stdout


@pytest.mark.timeout(600)
def test_mypy_would_find_a_missing_annotation(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def twice(x):\n    return 2 * x\n")
    checked = run("mypy", f"--config-file={ROOT / 'setup.cfg'}", f"--cache-dir={tmp_path / 'cache'}", str(bad))
    assert "no-untyped-def" in checked.stdout


def test_files_are_short() -> None:
    assert not too_long({name: len((ROOT / name).read_text().splitlines()) for name in python_files()})


def test_a_long_file_would_be_named() -> None:
    assert too_long({"a.py": LINES_AT_MOST, "b.py": LINES_AT_MOST + 1}) == ["b.py: 401 lines"]


def test_test_files_have_names_of_their_own() -> None:
    assert not repeated_test_files(list(python_files()))


def test_a_repeated_test_file_would_be_named() -> None:
    assert repeated_test_files(["tests/a/test_x.py", "tests/b/test_x.py", "tests/b/test_y.py"]) == ["test_x.py"]
