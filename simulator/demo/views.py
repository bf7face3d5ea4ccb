"""The Views the daemon shows, each with the moment it came: what a journey waits for and is measured by."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import grpc.aio
from adm.panel.v1 import panel_pb2 as pb

from simulator.demo.panel import PanelClient
from simulator.demo.waiting import NotInTime

DEAD_ENDS = frozenset({"trouble", "out_of_service"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One View.

    Attributes:
        at_s: Monotonic seconds when it came.
    """

    view: pb.View
    at_s: float

    @property
    def screen(self) -> str:
        """Name of its screen, as "attract"."""
        return self.view.WhichOneof("screen") or ""


class Views:
    """Follows a panel from `async with` on.

    Args:
        panel: The daemon's panel.
        dead_ends: Screens that end every wait for another one.
    """

    def __init__(self, panel: PanelClient, dead_ends: frozenset[str] = DEAD_ENDS) -> None:
        self._dead_ends = dead_ends
        self._panel = panel
        self._seen: list[Seen] = []
        self._next = 0
        self._came = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def newest(self) -> Seen | None:
        """The View shown now."""
        return self._seen[-1] if self._seen else None

    async def wait(self, *screens: str, within_s: float, where: Callable[[pb.View], bool] = lambda view: True) -> Seen:
        """The first View after the last one returned that is one of these screens.

        Args:
            screens: Names as in the contract.
            within_s: Seconds to wait.
            where: What else must be true of it.

        Raises:
            NotInTime: None came in time, or the journey ended on a screen of trouble; the message says on which.
        """
        try:
            async with asyncio.timeout(within_s), self._came:
                while True:
                    for index in range(self._next, len(self._seen)):
                        seen = self._seen[index]
                        if seen.screen in screens and where(seen.view):
                            self._next = index + 1
                            return seen
                        if seen.screen in self._dead_ends and index > 0:
                            raise NotInTime(f"expected {' or '.join(screens)}, got {_describe(seen)}")
                    await self._came.wait()
        except TimeoutError:
            shown = _describe(self.newest) if self.newest else "nothing"
            wanted = " or ".join(screens)
            raise NotInTime(f"screen {wanted}: not within {within_s:.0f} s; it shows {shown}") from None

    async def _follow(self) -> None:
        with contextlib.suppress(grpc.aio.AioRpcError):
            async for answer in self._panel.stub.Watch(pb.WatchRequest(), wait_for_ready=True):
                seen = Seen(answer.view, time.monotonic())
                async with self._came:
                    self._seen.append(seen)
                    self._came.notify_all()


def _describe(seen: Seen) -> str:
    match seen.screen:
        case "trouble":
            return f"trouble {pb.TroubleKind.Name(seen.view.trouble.kind)}"
        case "out_of_service":
            return f"out of service: {seen.view.out_of_service.detail or seen.view.out_of_service.reason}"
        case screen:
            return screen
