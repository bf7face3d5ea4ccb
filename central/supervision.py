"""Tells systemd how central is (sd_notify(3)): ready, alive, stopping. Silent outside systemd."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from central.logs import log


@asynccontextmanager
async def told(alive: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Ready on entering, alive meanwhile, stopping on leaving.

    Args:
        alive: Returns when the service makes progress. The watchdog is fed after each return, so a service that
            hangs, or whose check fails, is restarted.
    """
    _notify("READY=1")
    feeding = asyncio.create_task(_feed(alive))
    try:
        yield
    finally:
        _notify("STOPPING=1")
        feeding.cancel()


async def _feed(alive: Callable[[], Awaitable[object]]) -> None:
    interval_us = os.environ.get("WATCHDOG_USEC")
    if not interval_us:
        return
    while True:
        try:
            await alive()
        except Exception as error:  # noqa: BLE001 - supervised: whatever it was, a hungry watchdog deals with it
            log("not_alive", error=type(error).__name__)
        else:
            _notify("WATCHDOG=1")
        # Twice as often as asked, as sd_watchdog_enabled(3) advises.
        await asyncio.sleep(int(interval_us) / 2e6)


def _notify(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        # "@" stands for the zero byte of an abstract socket.
        link.connect("\0" + address[1:] if address.startswith("@") else address)
        link.sendall(state.encode())
