"""The contracts in proto/: lint and layout clean, every field commented, generated code current."""

import filecmp
import os
import re
import subprocess
from pathlib import Path

from tests.house.tree import ROOT, run

PROTO = ROOT / "proto"
UNCOMMENTED = """syntax = "proto3";

package adm.bad.v1;

// A message.
message Bad {
  string name = 1;
}
"""


def plant(folder: Path, source: str) -> Path:
    (folder / "adm/bad/v1").mkdir(parents=True)
    (folder / "adm/bad/v1/bad.proto").write_text(source)
    (folder / "buf.yaml").write_text((PROTO / "buf.yaml").read_text().replace("    - buf\n", "    - none\n"))
    return folder


def generated(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.py*") if "__pycache__" not in path.parts}


def differing(current: Path, fresh: Path) -> list[str]:
    """Files that one of the folders lacks, or that differ."""
    names = generated(current) | generated(fresh)
    _, mismatch, errors = filecmp.cmpfiles(current, fresh, sorted(names), shallow=False)
    return sorted(mismatch + errors)


def test_contracts_keep_to_the_rules_of_buf_and_every_field_is_commented() -> None:
    checked = run("buf", "lint", cwd=PROTO)
    assert checked.returncode == 0, checked.stdout


def test_a_field_without_a_comment_would_be_named(tmp_path: Path) -> None:
    checked = run("buf", "lint", cwd=plant(tmp_path, UNCOMMENTED))
    assert re.search(r'Field "name" should have a non-empty comment', checked.stdout), checked.stdout


def test_contracts_are_laid_out_as_buf_does() -> None:
    checked = run("buf", "format", "--diff", "--exit-code", cwd=PROTO)
    assert checked.returncode == 0, checked.stdout


def test_a_bad_layout_would_be_shown(tmp_path: Path) -> None:
    planted = plant(tmp_path, UNCOMMENTED.replace("  string", "string"))
    assert run("buf", "format", "--diff", "--exit-code", cwd=planted).returncode != 0


def test_generated_code_is_current(tmp_path: Path) -> None:
    made = run(str(PROTO / "generate.sh"), str(tmp_path))
    assert made.returncode == 0, made.stdout
    assert not differing(PROTO / "gen", tmp_path), "run ./adm generate"


def test_stale_and_left_over_generated_code_would_be_named(tmp_path: Path) -> None:
    for side, content in (("current", "x = 1\n"), ("fresh", "x = 2\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "same_pb2.py").write_text("")
        (tmp_path / side / "stale_pb2.py").write_text(content)
    (tmp_path / "current" / "left_pb2.py").write_text("")
    assert differing(tmp_path / "current", tmp_path / "fresh") == ["left_pb2.py", "stale_pb2.py"]


def test_generator_is_a_program() -> None:
    assert os.access(PROTO / "generate.sh", os.X_OK)
    assert subprocess.run(["sh", "-n", PROTO / "generate.sh"], check=False, timeout=10).returncode == 0
