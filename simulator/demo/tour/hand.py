"""A finger on the screens: finds buttons where the screens say they are, and touches them through the X server."""

import asyncio
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simulator.demo.waiting import NotInTime, until

TOUCH_WITHIN_S = 30.0
# Moves that come closer together are one to the screens.
SWIPE_S = "0.03"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the screens have drawn.

    Attributes:
        revision: Of the View.
        screen: Its name.
        targets: Buttons by name: x, y, width, height, px.
    """

    revision: int
    screen: str
    targets: dict[str, tuple[int, int, int, int]]


class Hand:
    """Touches one window that lies at the display's top left corner.

    Args:
        display: X display, as ":99".
        targets: The file the screens keep (see screens/targets.py).

    Attributes:
        display: X display.
    """

    def __init__(self, display: str, targets: Path) -> None:
        self.display = display
        self._targets = targets

    def drawn(self) -> Drawn:
        """What is drawn now; nothing before the first page."""
        try:
            content = json.loads(self._targets.read_text())
        except FileNotFoundError:
            return Drawn(0, "", {})
        targets = {name: (x, y, width, height) for name, (x, y, width, height) in content["targets"].items()}
        return Drawn(content["revision"], content["screen"], targets)

    async def wait(self, screen: str, revision: int, within_s: float = TOUCH_WITHIN_S) -> Drawn:
        """Wait until the View of this revision, or a later one of the same screen, is drawn."""
        await until(
            lambda: (drawn := self.drawn()).screen == screen and drawn.revision >= revision,
            f"{screen} drawn",
            within_s,
        )
        return self.drawn()

    async def offered(self, name: str, within_s: float = TOUCH_WITHIN_S) -> None:
        """Wait until a button can be touched.

        Raises:
            NotInTime: It is not on the page.
        """
        try:
            await until(lambda: name in self.drawn().targets, f"button {name}", within_s)
        except NotInTime as error:
            drawn = self.drawn()
            raise NotInTime(f"{error}; {drawn.screen} has {', '.join(drawn.targets)}") from error

    async def touch(self, name: str, within_s: float = TOUCH_WITHIN_S) -> None:
        """Touch a button in its middle.

        Raises:
            NotInTime: It is not on the page.
        """
        await self.offered(name, within_s)
        x, y, width, height = self.drawn().targets[name]
        middle = (str(x + width // 2), str(y + height // 2))
        # X keeps the order of requests; --sync would wait for ever when the pointer is there already.
        await self._xdotool("mousemove", *middle, "click", "1")

    async def find(self, name: str) -> None:
        """Turn the pages of a list until a button stands there; the last page is left shown when none has it."""
        while name not in (before := self.drawn().targets) and "next_page" in before:
            await self.touch("next_page")
            await until(partial(self._turned, before), "the next page", TOUCH_WITHIN_S)

    def _turned(self, before: dict[str, tuple[int, int, int, int]]) -> bool:
        return self.drawn().targets != before

    async def swipe(self, places: Sequence[tuple[int, int]]) -> None:
        """One finger that goes from place to place, px from the top left, and is lifted at the last."""
        (x, y), *further = places
        moves = [word for x, y in further for word in ("mousemove", str(x), str(y), "sleep", SWIPE_S)]
        await self._xdotool("mousemove", str(x), str(y), "mousedown", "1", *moves, "mouseup", "1")

    async def _xdotool(self, *words: str) -> None:
        process = await asyncio.create_subprocess_exec(
            "xdotool", *words, env={"DISPLAY": self.display}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            _, complaint = await asyncio.wait_for(process.communicate(), TOUCH_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise NotInTime(f"xdotool: not within {TOUCH_WITHIN_S:.0f} s") from None
        if process.returncode != 0:
            raise NotInTime(f"xdotool: {complaint.decode(errors='replace').strip()}")
