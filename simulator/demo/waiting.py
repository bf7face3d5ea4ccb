"""Waiting for something another process does, with a deadline."""

import asyncio
import time
from collections.abc import Callable

# Another process announces itself with a file or a socket; looking for it costs microseconds.
LOOK_EVERY_S = 0.02


class NotInTime(Exception):
    """What was waited for did not happen; the message says what."""


async def until(happened: Callable[[], bool], what: str, within_s: float) -> None:
    """Return as soon as `happened()`.

    Raises:
        NotInTime: It has not happened in `within_s` seconds.
    """
    end_s = time.monotonic() + within_s
    while not happened():
        if time.monotonic() >= end_s:
            raise NotInTime(f"{what}: not within {within_s:.0f} s")
        await asyncio.sleep(LOOK_EVERY_S)
