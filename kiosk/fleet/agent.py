"""Keeps the health stream to central: says hello, reports at the pace central asks for, connects again after a loss."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import grpc
import grpc.aio
from adm.fleet.v1 import fleet_pb2 as pb
from adm.fleet.v1.fleet_pb2_grpc import FleetServiceStub

from kiosk import logs

RECONNECT_S: Final = (0.3, 1.0, 3.0, 10.0, 30.0)
WELCOME_S: Final = 10.0
KEPT_REPORTS: Final = 5


class FleetAgent:
    """The link to central, as the rest of the daemon sees it.

    Attributes:
        connected: Central answered on the stream that is open now.
        self_test_wanted: Central asked for a self-test.
    """

    def __init__(
        self,
        link: grpc.aio.Channel,
        hello: pb.Hello,
        health: Callable[[], pb.HealthReport],
        on_change: Callable[[], None],
        on_kept: Callable[[int, bytes], Awaitable[None]],
    ) -> None:
        self._stub = FleetServiceStub(link)
        self._hello = hello
        self._health = health
        self._on_change = on_change
        self._on_kept = on_kept
        self._report_now = asyncio.Event()
        self._interval_s = 15.0
        self.connected = False
        self.self_test_wanted = asyncio.Event()
        self._reports: list[pb.SelfTestReport] = []
        self._central_ahead_s: float | None = None

    @property
    def clock_offset_s(self) -> float | None:
        """How far our clock is ahead of central's, also when ours was set since; None before central was heard."""
        ahead = self._central_ahead_s
        return None if ahead is None else time.time() - time.monotonic() - ahead

    def send(self, report: pb.SelfTestReport) -> None:
        """Send a self-test's report, now or when central is back; only the last few are kept for that."""
        self._reports = [*self._reports[-(KEPT_REPORTS - 1) :], report]
        self._report_now.set()

    def report_now(self) -> None:
        """Something changed: do not wait for the next interval."""
        self._report_now.set()

    async def run(self) -> None:
        """Run until cancelled."""
        failures = 0
        while True:
            try:
                await self._one_stream()
                failures = 0
            except (grpc.aio.AioRpcError, TimeoutError) as error:
                if self.connected:
                    failures = 0
                    logs.event("central_lost", error=error)
            self._set(False)
            pause = RECONNECT_S[min(failures, len(RECONNECT_S) - 1)]
            failures += 1
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))

    async def _one_stream(self) -> None:
        stream = self._stub.Connect(self._messages())
        try:
            async with asyncio.timeout(WELCOME_S):
                answer = await stream.read()
            while isinstance(answer, pb.ConnectResponse):
                match answer.WhichOneof("message"):
                    case "welcome":
                        self._central_ahead_s = answer.welcome.now.ToMicroseconds() / 1e6 - time.monotonic()
                        self._interval_s = float(min(300, max(1, answer.welcome.interval_s)))
                        self._set(True)
                    case "journal_kept":
                        await self._on_kept(answer.journal_kept.seq, answer.journal_kept.hash)
                    case "run_self_test":
                        self.self_test_wanted.set()
                answer = await stream.read()
        finally:
            stream.cancel()

    async def _messages(self) -> AsyncIterator[pb.ConnectRequest]:
        yield pb.ConnectRequest(hello=self._hello)
        while True:
            self._report_now.clear()
            yield pb.ConnectRequest(health=self._health())
            while self._reports:
                yield pb.ConnectRequest(self_test=self._reports[0])
                del self._reports[:1]
            try:
                async with asyncio.timeout(self._interval_s):
                    await self._report_now.wait()
            except TimeoutError:
                continue

    def _set(self, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            if connected:
                logs.event("central_connected")
            self._on_change()
