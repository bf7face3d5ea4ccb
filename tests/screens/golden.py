"""``python -m tests.screens.golden [--update]``: compares every screen with its approved picture, or approves all.

After ``--update`` look at each changed picture before committing it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.screens.compare import GOLDEN, approve, check, write_report

ROOT = Path(__file__).parents[2]
SIZES = {"portrait": "1080x1920", "landscape": "1920x1080"}
#: Time one orientation may take on a busy machine, seconds.
DEADLINE_S = 400


def start(out: Path, shape: str) -> subprocess.Popen[bytes]:
    """Begins to draw every screen of one orientation."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "proto" / "gen")))
    environ = {**os.environ, "PYTHONPATH": path, "KIVY_HOME": str(out / "kivy")}
    out.mkdir(parents=True, exist_ok=True)
    with (out / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.screens.render", str(out), SIZES[shape]]
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)


def finish(process: subprocess.Popen[bytes], out: Path) -> dict[str, Any]:
    """Waits for the drawing; returns its report.

    Raises:
        RuntimeError: the drawing failed.
    """
    try:
        code = process.wait(DEADLINE_S)
    finally:
        process.kill()
    if code:
        raise RuntimeError(f"drawing failed with {code}:\n{(out / 'log').read_text()[-3000:]}")
    return read_report(out)


def read_report(out: Path) -> dict[str, Any]:
    """What the drawing measured."""
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    return report


def pictures(out: Path) -> list[str]:
    """Names of the pictures to compare."""
    return [path.stem for path in out.glob("*.png") if not path.stem.startswith("spoiled-")]


def main() -> int:
    """Draws both orientations; 1 when something differs."""
    update = "--update" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as f:
        outs = {shape: Path(f) / shape for shape in SIZES}
        running = {shape: start(out, shape) for shape, out in outs.items()}
        failed = False
        for shape, out in outs.items():
            finish(running[shape], out)
            golden = GOLDEN / shape
            if update:
                for old in golden.glob("*.png"):
                    old.unlink()
                for name in pictures(out):
                    approve(out / f"{name}.png", golden / f"{name}.png")
                continue
            wrong = check(out, golden, pictures(out))
            for name, why in wrong.items():
                print(shape, name, why)
            failed = failed or bool(wrong)
            if wrong:
                keep = Path(tempfile.mkdtemp(prefix="adm-screens-"))
                out.rename(keep / shape)
                write_report(keep / "report.html", keep / shape, golden, wrong)
                print("see", keep / "report.html")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
