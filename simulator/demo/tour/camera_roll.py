"""Pictures of the screens, taken from the X server; written when the journey is over, so that it is not disturbed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageGrab

from simulator.demo.tour.hand import Hand
from simulator.demo.tour.sheet import write_sheet

# A page is still when two pictures are the same; one with a moving part is taken as it is after this long.
STILL_WITHIN_S = 1.5
BETWEEN_S = 0.1
PAGE_WITHIN_S = 8.0


@dataclass(slots=True)
class CameraRoll:
    """Pictures by screen, in the order the screens came.

    Args:
        display: X display.
        hand: Knows which screen is drawn.
    """

    display: str
    hand: Hand
    pictures: dict[str, Image.Image] = field(default_factory=dict)

    async def still(self, name: str) -> None:
        """Take a picture once nothing moves any more."""
        end_s = time.monotonic() + STILL_WITHIN_S
        # What was just touched or shown reaches the X server a frame later.
        await asyncio.sleep(BETWEEN_S)
        picture = await self._grab()
        while name == "proofread" and not _has_print(picture) and time.monotonic() < end_s + PAGE_WITHIN_S:
            # What the screens have drawn reaches the X server a moment later; a page has print on it.
            await asyncio.sleep(BETWEEN_S)
            picture = await self._grab()
        while time.monotonic() < end_s:
            await asyncio.sleep(BETWEEN_S)
            before, picture = picture, await self._grab()
            if before.tobytes() == picture.tobytes():
                break
        self.pictures[name] = picture

    @contextlib.asynccontextmanager
    async def passing(self, *screens: str) -> AsyncIterator[None]:
        """Take pictures of screens that come and go by themselves inside the block; the last of each is kept."""
        task = asyncio.create_task(self._take_passing(screens))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _take_passing(self, screens: tuple[str, ...]) -> None:
        unsure: tuple[str, Image.Image] | None = None
        while True:
            screen = self.hand.drawn().screen
            if unsure is not None and unsure[0] == screen:
                self.pictures[screen] = unsure[1]
            unsure = None
            if screen in screens:
                picture = await self._grab()
                # The next screen may be there a moment before it is told: a picture counts if a later look agrees.
                if self.hand.drawn().screen == screen:
                    self.pictures.setdefault(screen, picture)
                unsure = (screen, picture)
            await asyncio.sleep(BETWEEN_S)

    async def _grab(self) -> Image.Image:
        return await asyncio.to_thread(ImageGrab.grab, xdisplay=self.display)

    def write(self, out: Path) -> list[Path]:
        """Write NN-name.png in order, and all of them on one sheet as journey.png."""
        paths = []
        for number, (name, picture) in enumerate(self.pictures.items(), start=1):
            path = out / f"{number:02}-{name.replace('_', '-')}.png"
            picture.save(path, optimize=False)
            paths.append(path)
        write_sheet(list(self.pictures.values()), out / "journey.png")
        return paths


class NoPictures(CameraRoll):
    """For measuring: taking pictures costs time on a small machine."""

    async def still(self, name: str) -> None:
        """Take none."""

    @contextlib.asynccontextmanager
    async def passing(self, *screens: str) -> AsyncIterator[None]:
        """Take none."""
        yield


def _has_print(picture: Image.Image) -> bool:
    """Whether anything dark stands in the middle, where an empty frame is pale."""
    width, height = picture.size
    middle = picture.crop((width // 8, height * 35 // 100, width * 4 // 8, height * 55 // 100)).convert("L")
    darkest = middle.getextrema()[0]
    return isinstance(darkest, int | float) and darkest < 100
