"""Tells the page what changed, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

# Devices do not announce changes; looking ten times a second is fast enough for people and costs nothing.
LOOK_EVERY_S = 0.1
KEEP_ALIVE_S = 15.0


class Events:
    """One watcher for any number of open pages; it looks only while a page is open.

    Args:
        describe: Gives the current state, JSON-able.
    """

    def __init__(self, describe: Callable[[], Any]) -> None:
        self._describe = describe
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream, so that the server can end."""
        self._closing.set()

    async def stream(self) -> AsyncIterator[str]:
        """The state at once, then at each change, as `text/event-stream`."""
        shown = ""
        silent_s = 0.0
        while not self._closing.is_set():
            now = json.dumps(self._describe(), separators=(",", ":"), default=str)
            if now != shown:
                shown, silent_s = now, 0.0
                yield f"event: devices\ndata: {now}\n\n"
            elif silent_s >= KEEP_ALIVE_S:
                silent_s = 0.0
                yield ": still here\n\n"
            try:
                await asyncio.wait_for(self._closing.wait(), LOOK_EVERY_S)
            except TimeoutError:
                silent_s += LOOK_EVERY_S
