"""Many cases over whole machines side by side, each with processes, ports and a folder of its own.

A machine is used for the next case when the one before it ended clean: every rule held, and it invites again. After
any other end the next case gets a new machine.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import grpc.aio

from simulator.demo.children import ChildDied
from simulator.demo.client import Refused
from simulator.demo.demo import Demo, Options
from simulator.demo.waiting import NotInTime
from tests.crash.whole import Ended, whole_machine
from tests.journeys.conftest import Visitor

BROKEN = (NotInTime, ChildDied, TimeoutError, Refused, OSError, ValueError, grpc.aio.AioRpcError)
"""What a machine does that is beyond help: the case failed."""
STARTS = 3
"""How often a machine may fail to start, one after the other, before all is given up."""

C = TypeVar("C")
Try = Callable[[Visitor, C], Awaitable[Ended]]
Said = Callable[[C, Ended | str, float], None]


def _never(_case: object) -> bool:
    return False


class Machines(Generic[C]):
    """Tries cases until none is left."""

    def __init__(self, attempt: Try[C], said: Said[C], screens: Callable[[C], bool] = _never) -> None:
        """Wire up.

        Args:
            attempt: Tries one case on a running machine.
            said: Called with what each came to, or with what broke, and the seconds it took.
            screens: Whether a case needs screens: they are drawn only then, the others go by themselves.
        """
        self._attempt = attempt
        self._said = said
        self._screens = screens
        self._todo: deque[C] = deque()

    async def run(self, cases: Iterable[C], jobs: int) -> None:
        """Try every case, `jobs` at a time. Those that need screens come last."""
        self._todo.extend(sorted(cases, key=self._screens))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(jobs, len(self._todo))):
                group.create_task(self._work())

    async def _work(self) -> None:
        starts = 0
        while self._todo:
            screens = self._screens(self._todo[0])
            with tempfile.TemporaryDirectory(prefix="adm-", ignore_cleanup_errors=True) as folder:
                try:
                    async with whole_machine(Path(folder), screens=screens) as visitor:
                        starts = 0
                        while self._todo and self._screens(self._todo[0]) is screens:
                            if not await self._clean(visitor, self._todo.popleft()):
                                break
                except BROKEN as error:
                    starts += 1
                    print(f"a machine did not start, or did not stop: {type(error).__name__}: {error}", flush=True)
                    if starts == STARTS:
                        raise

    async def _clean(self, visitor: Visitor, case: C) -> bool:
        """Try one; whether the machine may be used again."""
        began_s = time.monotonic()
        outcome: Ended | str
        try:
            outcome = await self._attempt(visitor, case)
        except BROKEN as error:
            outcome = f"{type(error).__name__}: {error}"
        self._said(case, outcome, time.monotonic() - began_s)
        return isinstance(outcome, Ended) and not outcome.wrong


async def asked(question: Callable[[str], C]) -> C:
    """Start the virtual devices alone, and ask their page.

    Args:
        question: Gets the page's address.
    """
    with tempfile.TemporaryDirectory(prefix="adm-", ignore_cleanup_errors=True) as folder:
        demo = Demo(Options(directory=Path(folder), page_port=0, feeder=True, screens=False))
        try:
            demo.make_directories()
            await demo.start_simulator()
            return await asyncio.to_thread(question, demo.page)
        finally:
            with suppress(ChildDied):
                await demo.stop()
