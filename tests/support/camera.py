"""A virtual camera on its own thread and event loop, for tests of the production driver."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from simulator.camera import VirtualCamera
from tests.support.faces import SAMPLES

TIMEOUT_S = 20.0


class Hand:
    """Does things to a running virtual camera, from any thread."""

    def __init__(self, camera: VirtualCamera, loop: asyncio.AbstractEventLoop) -> None:
        self.camera = camera
        self._loop = loop

    @property
    def url(self) -> str:
        """Where the stream is."""
        return self.camera.url

    def stand(self, resident: str) -> None:
        """Put a resident before the camera."""
        self.act("stand", resident=resident)

    def act(self, action: str, **parameters: str) -> None:
        """Do one of its actions."""
        self._do(self.camera.actions()[action].run(**parameters))

    def set_fault(self, fault: str | None) -> None:
        """Show a fault, or none."""
        self._do(self.camera.set_fault(fault))

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result(TIMEOUT_S)


async def _awaited(work: Any) -> None:
    await work


@contextmanager
def running_camera() -> Iterator[Hand]:
    """A started virtual camera; stopped at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="virtual camera")
    thread.start()

    def do(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(TIMEOUT_S)

    camera = VirtualCamera(SAMPLES)
    try:
        do(camera.start())
        yield Hand(camera, loop)
    finally:
        do(camera.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()
