"""One thread owns one device. The event loop asks it to work and never blocks; a thread that hangs is replaced."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import fields
from typing import Any, Generic, Protocol, TypeVar

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DriverError, NotFound
from drivers.status import DeviceState
from kiosk import logs

OPEN_S = 10.0
GRACE_S = 3.0


class Openable(Protocol):
    """What every port has."""

    def open(self, deadline: Deadline) -> None: ...
    def close(self) -> None: ...


PortT = TypeVar("PortT", bound=Openable)
T = TypeVar("T")


class _Worker(Generic[PortT]):
    """A thread and the driver it alone calls."""

    def __init__(self, name: str, port: PortT) -> None:
        self.port = port
        self._jobs: queue.SimpleQueue[tuple[Callable[[PortT], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[PortT], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def end(self) -> None:
        self._jobs.put(None)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work(self.port)
            except BaseException as error:  # noqa: BLE001 - the caller hears every error of its own work
                _settle(future.set_exception, error)
            else:
                _settle(future.set_result, result)
            del work, future, job


def _heard(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()


def _settle(settle: Callable[[Any], None], value: Any) -> None:
    try:
        settle(value)
    except InvalidStateError:
        return  # nobody waits any more


class Device(Generic[PortT]):
    """One device of the machine.

    Attributes:
        name: In the configuration, as card_reader.
        driver: Driver's name, as pcsc.
        state: Newest known XFS4IoT device word.
        details: More words by name, only what the device really tells.
    """

    def __init__(self, name: str, driver: str, make: Callable[[], PortT]) -> None:
        self.name = name
        self.driver = driver
        self.state = DeviceState.STARTING
        self.details: dict[str, str] = {}
        self._make = make
        self._worker: _Worker[PortT] | None = None
        self._turn = asyncio.Lock()
        self._busy_since: float | None = None

    async def open(self) -> None:
        """Start the thread and open the driver. A device that is not there is no error."""
        self._worker = _Worker(self.name, self._make())
        try:
            await self.call(lambda port: port.open(Deadline.after(OPEN_S)), OPEN_S)
        except DriverError as error:
            self._note(DeviceState.HARDWARE_ERROR, {}, error)

    async def close(self) -> None:
        """End the thread; a thread that hangs is left to the process's end."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        await asyncio.to_thread(worker.port.close)
        worker.end()
        await asyncio.to_thread(worker.join, GRACE_S)

    @property
    def is_open(self) -> bool:
        """Whether there is a driver to ask; a technician may have the device."""
        return self._worker is not None

    @property
    def port(self) -> PortT:
        """The driver, for its calls that never wait."""
        assert self._worker is not None, "device is not open"
        return self._worker.port

    async def call(self, work: Callable[[PortT], T], timeout_s: float) -> T:
        """Let the device's thread do `work`, which must keep to its own deadline of `timeout_s` seconds.

        Calls wait for each other in order. A caller that is cancelled leaves its work to end by its own deadline.

        Raises:
            DeadlineExceeded: The thread hangs. It has been replaced, and the device reported hardwareError.
            DriverError: What `work` raised.
        """
        supervised = asyncio.ensure_future(self._supervised(work, timeout_s))
        try:
            return await asyncio.shield(supervised)
        except asyncio.CancelledError:
            supervised.add_done_callback(_heard)
            raise

    async def _supervised(self, work: Callable[[PortT], T], timeout_s: float) -> T:
        async with self._turn:
            worker = self._worker
            if worker is None:
                raise NotFound(f"{self.name} is closed")
            future = worker.submit(work)
            self._busy_since = time.monotonic()
            try:
                done, _ = await asyncio.wait({asyncio.wrap_future(future)}, timeout=timeout_s + GRACE_S)
            finally:
                self._busy_since = None
            if not done:
                self._replace(worker)
                raise DeadlineExceeded(f"{self.name} hangs")
            return done.pop().result()

    def _replace(self, hung: _Worker[PortT]) -> None:
        if self._worker is not hung:
            return
        self._note(DeviceState.HARDWARE_ERROR, {}, None)
        hung.end()
        threading.Thread(target=hung.port.close, name=f"bury-{self.name}", daemon=True).start()
        self._worker = _Worker(self.name, self._make())
        self._worker.submit(lambda port: port.open(Deadline.after(OPEN_S)))

    async def poll(self, ask: Callable[[PortT], Any], timeout_s: float) -> None:
        """Ask the device how it is and keep the answer; a device at work is not disturbed.

        Args:
            ask: Returns the port's status dataclass, which has `device` and more words.
            timeout_s: The deadline `ask` keeps.
        """
        if self._turn.locked():
            return
        try:
            status = await self.call(ask, timeout_s)
        except DriverError as error:
            self._note(DeviceState.HARDWARE_ERROR, {}, error)
            return
        self._note(status.device, details(status), None)

    def glance(self, ask: Callable[[PortT], Any]) -> None:
        """Keep the answer of a status call that never waits. Needs no turn: a reader waiting for a card has none."""
        worker = self._worker
        if worker is not None:
            status = ask(worker.port)
            self._note(status.device, details(status), None)

    @property
    def hung_s(self) -> float:
        """For how long the thread has been at one piece of work, seconds; 0 when idle."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _note(self, state: DeviceState, words: dict[str, str], error: Exception | None) -> None:
        if state != self.state:
            back = state is DeviceState.ONLINE
            name = "device_back" if back else "device_lost"
            if not (self.state is DeviceState.STARTING and back):
                more: dict[str, Any] = {} if error is None else {"error": error}
                logs.event(name, device=self.name, state=state.value, **more)
        self.state, self.details = state, words


def details(status: Any) -> dict[str, str]:
    """The words of a status dataclass other than `device`, as text; what is None or empty is left out."""
    words: dict[str, str] = {}
    for item in fields(status):
        value = getattr(status, item.name)
        if item.name == "device" or value is None or value == () or value == {}:
            continue
        if isinstance(value, dict):
            words.update({key: str(word) for key, word in value.items()})
        elif isinstance(value, tuple):
            words[item.name] = ",".join(str(word) for word in value)
        else:
            words[item.name] = str(value)
    return words
