"""A thread that may hang without hanging anybody: calls into pcscd cannot be interrupted, only left behind."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DriverError

T = TypeVar("T")


class Hung(DriverError):
    """One call into the device took longer than any call may."""


class Abandoned(DriverError):
    """Nobody waits for this job any more."""


class Worker:
    """One thread, one job at a time, given up on when a single device call exceeds its limit.

    Args:
        name: Of the thread.
        limit_s: Longest that one device call may take.
    """

    def __init__(self, name: str, limit_s: float) -> None:
        self._limit_s = limit_s
        self._at_end: Callable[[], None] = lambda: None
        self._changed = threading.Condition()
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], _Outcome] | None] = queue.SimpleQueue()
        self._running: _Outcome | None = None
        self._call_started_s: float | None = None
        self._call = _DeviceCall(self._call_begins, self._call_ends)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job runs, wanted or not."""
        with self._changed:
            return self._running is not None

    @property
    def ended(self) -> bool:
        """Whether the thread is gone."""
        return not self._thread.is_alive()

    def do(self, job: Callable[[], T], deadline: Deadline) -> T:
        """Run a job and wait for it. Called by one thread at a time.

        Raises:
            Hung: A device call hangs; this worker is of no more use.
            DeadlineExceeded: The job, or one abandoned before it, did not end in time; it is told to.
            Exception: Whatever the job raised.
        """
        outcome = _Outcome()
        with self._changed:
            self._wait(lambda: self._running is None, deadline)
            self._running = outcome
            self._jobs.put((job, outcome))
            try:
                self._wait(lambda: outcome.done, deadline)
            except DriverError:
                outcome.wanted = False
                raise
        if outcome.error is not None:
            raise outcome.error
        result: T = outcome.result
        return result

    def device_call(self) -> "_DeviceCall":
        """Around every call into the device, one at a time, so that it can be seen to hang.

        Entering raises `Abandoned` when nobody waits for this job any more, so that it ends there.
        """
        return self._call

    def _call_begins(self) -> None:
        running = self._running
        if running is None or not running.wanted:
            raise Abandoned("the caller left")
        # Nobody is woken, or every APDU would cost two thread switches: see `_wait`.
        self._call_started_s = time.monotonic()

    def _call_ends(self) -> None:
        self._call_started_s = None

    def at_end(self, release: Callable[[], None]) -> None:
        """Have this called in the thread before it ends, however late that is."""
        self._at_end = release

    def stop(self, deadline: Deadline) -> None:
        """End the thread once its job has ended; waits for that until the deadline."""
        with self._changed:
            if self._running is not None:
                self._running.wanted = False
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(deadline.remaining_s)

    def _wait(self, until: Callable[[], bool], deadline: Deadline) -> None:
        while not until():
            # A call that begins after this look is looked at again before it can have used its time up.
            started_s = self._call_started_s
            call_left_s = self._limit_s if started_s is None else started_s + self._limit_s - time.monotonic()
            if call_left_s <= 0:
                raise Hung(f"a device call takes more than {self._limit_s:g} s")
            if deadline.expired:
                raise DeadlineExceeded("no end of the device job in time")
            self._changed.wait(min(deadline.remaining_s, call_left_s))

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, outcome = item
            try:
                outcome.result = job()
            except Exception as error:  # noqa: BLE001  # supervised boundary: the waiting caller gets it
                outcome.error = error
            with self._changed:
                outcome.done = True
                self._running = None
                self._changed.notify_all()
            # Nothing of a reading stays behind in an idle thread.
            del job, outcome, item
        self._at_end()


class _Outcome:
    """What became of one job."""

    def __init__(self) -> None:
        self.done = False
        self.wanted = True
        self.result: Any = None
        self.error: Exception | None = None


class _DeviceCall:
    """A worker's bracket around a device call: made once, as it is used for every APDU."""

    def __init__(self, begins: Callable[[], None], ends: Callable[[], None]) -> None:
        self._begins = begins
        self._ends = ends

    def __enter__(self) -> None:
        self._begins()

    def __exit__(self, *raised: object) -> None:
        self._ends()
