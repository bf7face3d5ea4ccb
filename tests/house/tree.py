"""The checkout as the house rules see it: its files, its Python packages, commands run in it."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = "proto/gen/"
ROOMS = ("drivers", "kiosk", "selftest", "screens", "simulator", "central", "biometrics", "tests")
COMMAND_LIMIT_S = 600


@cache
def files() -> tuple[str, ...]:
    """Every file of the project as git would take it up; works without a git folder."""
    with tempfile.TemporaryDirectory() as folder:
        git = ["git", f"--git-dir={folder}/git", f"--work-tree={ROOT}"]
        subprocess.run([*git, "init", "--quiet"], check=True, timeout=60, capture_output=True)
        listed = subprocess.run(
            [*git, "ls-files", "--others", "--exclude-standard", "-z"],
            check=True,
            timeout=60,
            capture_output=True,
            cwd=ROOT,
        )
    return tuple(sorted(name for name in listed.stdout.decode().split("\0") if name))


def python_files() -> tuple[str, ...]:
    """Our own Python files, without generated ones."""
    return tuple(name for name in files() if name.endswith(".py") and not name.startswith(GENERATED))


def text(name: str) -> str | None:
    """A file's text; None when it is no text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def rooms() -> tuple[str, ...]:
    """The rooms that exist so far."""
    return tuple(room for room in ROOMS if (ROOT / room / "__init__.py").exists())


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A tool of the environment, run in the checkout; its words in `stdout`, complaints included."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'proto/gen'}",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        words,
        cwd=cwd,
        env=environment,
        timeout=COMMAND_LIMIT_S,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
