"""What systemd is told: ready, alive only while the service makes progress, stopping."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.supervision import told


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket systemd listens on, with a watchdog of 2 ms."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(systemd: socket.socket) -> list[str]:
    """Everything that was said so far."""
    said = []
    while True:
        try:
            said.append(systemd.recv(100).decode())
        except BlockingIOError:
            return said


async def test_a_service_that_hangs_feeds_the_watchdog_no_more(systemd: socket.socket) -> None:
    hangs = asyncio.Event()
    calls = 0

    async def alive() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            hangs.set()
            await asyncio.Event().wait()

    async with told(alive):
        await asyncio.wait_for(hangs.wait(), 10)
    assert heard(systemd) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


async def test_a_failed_check_does_not_feed_and_the_next_good_one_does(systemd: socket.socket) -> None:
    enough = asyncio.Event()
    outcomes = iter([True, False, True])

    async def alive() -> None:
        if not (good := next(outcomes, None)):
            if good is None:
                enough.set()
                await asyncio.Event().wait()
            raise OSError("no disk")

    async with told(alive):
        await asyncio.wait_for(enough.wait(), 10)
    assert heard(systemd) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


async def test_outside_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    async with told(lambda: pytest.fail("there is no watchdog to feed")):
        await asyncio.sleep(0)
