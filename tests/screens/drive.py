"""Drives the pilot: starts it, waits for what it shows, touches its buttons by name."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

ROOT = Path(__file__).parents[2]
#: Deadline of every wait, seconds; a busy machine takes a few.
DEADLINE_S = 60
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None]) -> T:
    """What ``look`` finds, asked again and again until the deadline."""
    ends = time.monotonic() + DEADLINE_S
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.01)


class Pilot:
    """The screens in a process of their own."""

    def __init__(self, target: str, folder: Path, size: str = "1080x1920", **environ: str) -> None:
        self._targets = folder / "targets.json"
        self._targets.unlink(missing_ok=True)
        path = os.pathsep.join((str(ROOT), str(ROOT / "proto" / "gen")))
        self._log = (folder / "screens.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.screens.pilot", target, size],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": path,
                "ADM_SCREENS_TARGETS": str(self._targets),
                "KIVY_HOME": str(folder / "kivy"),
                **environ,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        self.process.kill()
        self.process.communicate()
        self._log.close()

    def shown(self) -> dict[str, Any]:
        """What the targets file says now; empty before the first screen."""
        try:
            content: dict[str, Any] = json.loads(self._targets.read_text())
        except FileNotFoundError:
            return {}
        return content

    def wait(self, screen: str, revision: int | None = None) -> dict[str, Any]:
        """Waits until a screen is drawn; returns its buttons."""

        def look() -> dict[str, Any] | None:
            shown = self.shown()
            right = shown.get("screen") == screen and revision in (None, shown.get("revision"))
            if self.process.poll() is not None:
                raise RuntimeError(f"the screens ended with {self.process.returncode}")
            return shown if right else None

        targets: dict[str, Any] = wait_for(f"{screen} at {revision}", look)["targets"]
        return targets

    def tell(self, **order: Any) -> dict[str, Any]:
        """Gives an order; returns the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def touch(self, name: str, times: int = 1) -> None:
        """Touches the middle of a button of the screen shown."""
        x, y, width, height = self.shown()["targets"][name]
        self.tell(touch=[x + width / 2, y + height / 2], times=times)

    def idle(self, turns: int) -> dict[str, Any]:
        """Lets the loop turn so many times; returns its counts."""
        begun = self.tell(count=True)["turns"]
        return wait_for(
            "turns", lambda: counts if (counts := self.tell(count=True))["turns"] >= begun + turns else None
        )
