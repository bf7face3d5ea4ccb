"""Virtual paper devices in an event loop of their own thread, for proofs and measurements."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

LONG_S = 60.0

T = TypeVar("T")


class Loop:
    """An event loop in a thread, so that blocking drivers and virtual devices can meet in one process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="paper-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something of a virtual device's."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG_S)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_S)
        self._loop.close()
