"""Child processes that cannot outlive this one.

Each child leads its own process group and carries a parent-death signal (prctl(2) PR_SET_PDEATHSIG, set by
setpriv(1)), so that nothing is left running even when this process is killed with -9.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

END_WITHIN_S = 10.0

T = TypeVar("T")


class ChildDied(Exception):
    """A process of the demo ended by itself; the message says which, and where its log is."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running process.

    Attributes:
        name: For people: "kiosk".
        log: Everything it prints.
    """

    name: str
    log: Path
    process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group's."""
        return self.process.pid

    def death(self) -> ChildDied:
        """The error that tells of its end."""
        code = self.process.returncode
        if code is not None and code < 0:
            return ChildDied(f"{self.name} ended by itself (signal {-code}); see {self.log}")
        lines = self.log.read_text(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        return ChildDied(f"{self.name} ended by itself (exit status {code}): {last}; see {self.log}")


class Children:
    """The processes of one demo, in the order they were started.

    Args:
        logs: Directory that gets NAME.log of each.
        environment: Given to each, with its own additions.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._children: list[Child] = []

    def __getitem__(self, name: str) -> Child:
        return next(child for child in self._children if child.name == name)

    async def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start a process; it ends with `stop`, or with this process."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--", *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**self._environment, **(environment or {})},
                start_new_session=True,
                pass_fds=pass_fds,
            )
        child = Child(name, log, process)
        self._children.append(child)
        return child

    async def run(self, name: str, command: Sequence[str | Path], within_s: float) -> None:
        """Run a process that ends by itself.

        Raises:
            ChildDied: It failed, or did not end in time.
        """
        child = await self.start(name, command)
        try:
            code = await asyncio.wait_for(child.process.wait(), within_s)
        except TimeoutError:
            raise ChildDied(f"{name} did not end within {within_s:.0f} s; see {child.log}") from None
        if code != 0:
            raise child.death()
        self._children.remove(child)

    async def while_alive(self, work: Awaitable[T]) -> T:
        """Do something that needs all of them.

        Raises:
            ChildDied: One of them ended meanwhile; the work is cancelled.
        """
        working = asyncio.ensure_future(work)
        dying = asyncio.create_task(self.first_death())
        try:
            await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
            if not dying.done():
                return await working
            raise dying.result().death()
        finally:
            for task in (working, dying):
                task.cancel()
            await asyncio.gather(working, dying, return_exceptions=True)

    async def first_death(self) -> Child:
        """Wait until one of them ends by itself."""
        waits = {asyncio.create_task(child.process.wait()): child for child in self._children}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return waits[done.pop()]

    def check(self) -> None:
        """Raise if one has ended.

        Raises:
            ChildDied: It has.
        """
        for child in self._children:
            if child.process.returncode is not None:
                raise child.death()

    async def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End one, as somebody who restarts it does; it may be started again."""
        child = self[name]
        await stop(child, number)
        self._children.remove(child)

    async def stop(self) -> None:
        """End all, last first; one that does not end within 10 s is killed."""
        for child in reversed(self._children):
            await stop(child)
        self._children.clear()


async def stop(child: Child, number: signal.Signals = signal.SIGTERM) -> None:
    """End one child and whatever is left of its process group."""
    if child.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.process.wait(), END_WITHIN_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.process.wait()
