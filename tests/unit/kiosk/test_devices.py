"""One thread a device: order, errors, a thread that hangs, a caller that leaves."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, NotFound
from drivers.status import DeviceState, PaperState
from kiosk import devices
from kiosk.devices import Device, details


class Port:
    """A device whose work the test gives."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.closed = threading.Event()

    def open(self, deadline: Deadline) -> None:
        self.opened.set()

    def close(self) -> None:
        self.closed.set()


@dataclass(frozen=True)
class Status:
    device: DeviceState
    paper: PaperState | None
    toner: None
    reasons: tuple[str, ...]


@pytest.fixture
async def device(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Device[Port]]:
    monkeypatch.setattr(devices, "GRACE_S", 0.1)
    made = Device("printer", "test", Port)
    await made.open()
    yield made
    await made.close()


async def test_work_runs_in_the_devices_own_thread_in_order(device: Device[Port]) -> None:
    seen: list[int] = []
    threads = set()

    def work(number: int) -> None:
        threads.add(threading.current_thread().name)
        seen.append(number)

    await asyncio.gather(*(device.call(lambda _, n=n: work(n), 1) for n in range(20)))  # type: ignore[misc]
    assert seen == list(range(20))
    assert threads == {"device-printer"}


async def test_the_caller_hears_the_drivers_error(device: Device[Port]) -> None:
    def work(_: Port) -> None:
        raise NotFound("gone")

    with pytest.raises(NotFound, match="gone"):
        await device.call(work, 1)


async def test_a_deadline_the_driver_keeps_is_the_drivers_error_and_replaces_nothing(device: Device[Port]) -> None:
    port = device.port

    def work(_: Port) -> None:
        raise DeadlineExceeded("no answer in time")

    with pytest.raises(DeadlineExceeded, match="no answer"):
        await device.call(work, 0.01)
    assert device.port is port


async def test_a_thread_that_hangs_is_replaced_and_the_device_reported(device: Device[Port]) -> None:
    hung, release = device.port, threading.Event()
    with pytest.raises(DeadlineExceeded, match="hangs"):
        await device.call(lambda _: release.wait(30), 0.05)
    assert device.state is DeviceState.HARDWARE_ERROR
    assert device.port is not hung
    assert await device.call(lambda port: port.opened.wait(5), 5)
    assert await asyncio.to_thread(hung.closed.wait, 5)
    release.set()


async def test_a_caller_that_leaves_does_not_disturb_the_next(device: Device[Port]) -> None:
    started, release = threading.Event(), threading.Event()

    def slow(_: Port) -> None:
        started.set()
        release.wait(5)

    leaving = asyncio.create_task(device.call(slow, 5))
    await asyncio.to_thread(started.wait, 5)
    leaving.cancel()
    next_one = asyncio.create_task(device.call(lambda _: "served", 0.05))
    await asyncio.sleep(0.3)  # longer than the next call's own time: waiting for a turn is not hanging
    release.set()
    assert await next_one == "served"
    assert leaving.cancelled()


async def test_a_device_at_work_is_not_polled(device: Device[Port]) -> None:
    started, release = threading.Event(), threading.Event()

    def slow(_: Port) -> None:
        started.set()
        release.wait(5)

    working = asyncio.create_task(device.call(slow, 5))
    await asyncio.to_thread(started.wait, 5)
    await device.poll(lambda _: pytest.fail("polled"), 1)
    release.set()
    await working


async def test_a_poll_keeps_only_what_the_device_tells(device: Device[Port]) -> None:
    await device.poll(lambda _: Status(DeviceState.ONLINE, PaperState.LOW, None, ("media-low",)), 1)
    assert device.state is DeviceState.ONLINE
    assert device.details == {"paper": "low", "reasons": "media-low"}


def test_words_a_model_cannot_tell_are_left_out() -> None:
    assert details(Status(DeviceState.ONLINE, None, None, ())) == {}
