"""FleetService over gRPC: one stream a machine, its last state kept, written in bundles."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import grpc
from adm.fleet.v1 import fleet_pb2 as pb
from adm.fleet.v1.fleet_pb2_grpc import FleetServiceServicer
from adm.registry.v1 import registry_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from central.errors import Refused
from central.fleet import machines, self_tests
from central.fleet.bundles import Bundles
from central.fleet.heads import BadSignature, Kept, Verifier
from central.identity import Context, Machine, machine_of
from central.logs import Level, log
from central.registry.service import utc_now
from central.store.engine import Store

# A machine must say Hello within this time of opening its stream, seconds.
_HELLO_S = 10.0
# How often the requests for self-tests are looked at, seconds.
_LOOK_S = 1.0
# A larger number fits no column, and would spoil the bundle of everyone's reports.
_LAST_SEQ = 2**63 - 1


class Fleet(FleetServiceServicer):
    """Knows how every machine is.

    Args:
        trust_domain: SPIFFE trust domain of the machines.
        interval_s: How often machines are asked to report, seconds.
        stale_s: A stream without a message for this long is ended, seconds.
        now: The clock.
    """

    def __init__(
        self,
        store: Store,
        trust_domain: str,
        interval_s: int,
        stale_s: float,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._trust_domain = trust_domain
        self._interval_s = interval_s
        self._stale_s = stale_s
        self._now = now
        self._store = store
        self._bundles = Bundles(store)
        self._asked: set[str] = set()
        self._looked_at = -_LOOK_S
        self._streams: dict[str, asyncio.Event] = {}
        self._stopping = False

    async def Connect(
        self, requests: AsyncIterator[pb.ConnectRequest], context: Context
    ) -> AsyncIterator[pb.ConnectResponse]:
        machine = machine_of(context, self._trust_domain)
        ended = self._take_over(machine.id)
        try:
            hello = await self._next(requests, ended, _HELLO_S)
            if hello is None:
                return
            if not hello.HasField("hello"):
                raise _invalid("the first message must be a Hello")
            certificate = _certificate(context)
            verifier = Verifier(certificate)
            await self._bundles.keep(machines.of_hello(machine.id, hello.hello, self._now()))
            log("machine connected", machine=machine.id, version=hello.hello.software_version)
            stamp = Timestamp()
            stamp.FromDatetime(self._now())
            yield pb.ConnectResponse(welcome=pb.Welcome(interval_s=self._interval_s, now=stamp))
            while (message := await self._next(requests, ended, self._stale_s)) is not None:
                if message.HasField("self_test"):
                    await self._keep_self_test(machine, message.self_test, certificate)
                    continue
                if not message.HasField("health"):
                    raise _invalid("a stream has one Hello")
                if await self._asks(machine):
                    yield pb.ConnectResponse(run_self_test=pb.RunSelfTest(level=pb.SELF_TEST_LEVEL_QUICK))
                kept = await self._keep(machine, message.health, verifier)
                if kept is not None:
                    yield pb.ConnectResponse(journal_kept=kept)
        finally:
            if self._streams.get(machine.id) is ended:
                del self._streams[machine.id]
            log("machine disconnected", machine=machine.id)

    async def _keep_self_test(self, machine: Machine, message: pb.SelfTestReport, certificate: bytes) -> None:
        try:
            reported = self_tests.checked(machine.id, message, certificate, self._now())
        except self_tests.BadReport as error:
            log("self-test refused", Level.WARNING, machine=machine.id, reason=str(error))
            return
        await self._store.write(lambda connection: self_tests.keep(connection, reported))

    async def _asks(self, machine: Machine) -> bool:
        """Whether somebody asked for a self-test of this machine; it is told once. One look serves every machine."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._looked_at >= _LOOK_S:
            self._looked_at = loop.time()
            self._asked = await self._store.read(self_tests.asked)
        if machine.id not in self._asked:
            return False
        self._asked.discard(machine.id)
        await self._store.write(lambda connection: self_tests.told(connection, [machine.id]))
        log("self-test asked for", machine=machine.id)
        return True

    async def _keep(self, machine: Machine, health: pb.HealthReport, verifier: Verifier) -> pb.JournalKept | None:
        """Keep a report; returns the journal head that is kept now, None when this one is not."""
        journal = health.journal
        if journal.seq > _LAST_SEQ:
            raise _invalid("health.journal.seq: no journal is that long")
        head = None
        try:
            head = verifier.head(journal)
        except BadSignature:
            log("journal head refused", Level.WARNING, machine=machine.id, reason="signature")
        kept = await self._bundles.keep(machines.of_health(machine.id, health, head, self._now()))
        if kept in (None, Kept.KEPT):
            return pb.JournalKept(seq=journal.seq, hash=journal.hash) if kept else None
        log("journal head refused", Level.ERROR, machine=machine.id, reason=kept)
        return None

    def stop(self) -> None:
        """End every stream, now and those to come: streams would hold up the server's stop."""
        self._stopping = True
        for ended in self._streams.values():
            ended.set()

    def _take_over(self, machine_id: str) -> asyncio.Event:
        """Make this stream the machine's one: an older one is the remains of a lost connection."""
        before = self._streams.get(machine_id)
        if before is not None:
            before.set()
        ended = self._streams[machine_id] = asyncio.Event()
        if self._stopping:
            ended.set()
        return ended

    async def _next(
        self, requests: AsyncIterator[pb.ConnectRequest], ended: asyncio.Event, within_s: float
    ) -> pb.ConnectRequest | None:
        """The next message; None when either side ended the stream.

        Raises:
            TimeoutError: The machine was silent for too long.
        """
        reading = asyncio.ensure_future(anext(requests, None))
        ending = asyncio.ensure_future(ended.wait())
        try:
            done, _ = await asyncio.wait({reading, ending}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            if not reading.done():
                reading.cancel()
        if ending in done:
            return None
        if reading not in done:
            raise TimeoutError
        return reading.result()


def _certificate(context: Context) -> bytes:
    """The machine's certificate as PEM, as TLS has verified it."""
    (pem,) = context.auth_context()["x509_pem_cert"]
    return pem if isinstance(pem, bytes) else pem.encode()


def _invalid(message: str) -> Refused:
    return Refused(registry_pb2.ERROR_REASON_INVALID_REQUEST, message, grpc.StatusCode.INVALID_ARGUMENT)
