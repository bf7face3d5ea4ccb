"""The fleet's stream: one a machine, its last state kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from adm.fleet.v1 import fleet_pb2 as pb
from adm.registry.v1 import registry_pb2

from central import alarms
from central.fleet import machines
from central.store.engine import Store
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine


def hello(software_version: str = "0.1.0", versions: dict[str, str] | None = None) -> pb.ConnectRequest:
    said = pb.Hello(
        software_version=software_version, site_name="MPP Magetan", versions=versions, started_at=bench.now()
    )
    return pb.ConnectRequest(hello=said)


def health(
    in_session: bool = True, journal: pb.JournalHead | None = None, reason: str = "document_printer:hardwareError"
) -> pb.ConnectRequest:
    report = pb.HealthReport(
        reported_at=bench.now(),
        devices=[pb.DeviceHealth(name="camera", driver="opencv", state="online", details={"picture": "covered"})],
        services=[
            pb.ServiceHealth(
                kind=registry_pb2.DOCUMENT_KIND_KK,
                availability=pb.AVAILABILITY_UNAVAILABLE,
                reason=reason,
            )
        ],
        capabilities=[pb.CapabilityHealth(name="verify_document", availability=pb.AVAILABILITY_AVAILABLE)],
        journal=journal or pb.JournalHead(seq=7, hash=bytes(range(32)), open_issuances=1, outbox=2),
        in_session=in_session,
    )
    return pb.ConnectRequest(health=report)


class Stream:
    """A machine's stream: says what the test puts in, ends when told."""

    def __init__(self, machine: Machine) -> None:
        self._said: asyncio.Queue[pb.ConnectRequest | None] = asyncio.Queue()
        self.call = machine.fleet.Connect(self._requests(), timeout=bench.DEADLINE_S)

    async def _requests(self) -> AsyncIterator[pb.ConnectRequest]:
        while (message := await self._said.get()) is not None:
            yield message

    def say(self, *messages: pb.ConnectRequest | None) -> None:
        for message in messages:
            self._said.put_nowait(message)

    async def hear(self) -> pb.ConnectResponse:
        answer = await self.call.read()
        assert isinstance(answer, pb.ConnectResponse)
        return answer

    async def ended(self) -> grpc.StatusCode:
        assert await self.call.read() is grpc.aio.EOF
        return await self.call.code()


def known(central: Bench) -> dict[str, Any]:
    store = Store(central.directory / "central.sqlite3")
    try:
        return {m["machine_id"]: m for m in store.read_now(machines.all_machines)}["kiosk/3520/mpp-01"]
    finally:
        store.close()


async def test_a_machine_is_welcomed_and_its_state_is_kept(central: Bench, machine: Machine) -> None:
    stream = Stream(machine)
    stream.say(hello(versions={"cups": "2.4"}))
    welcome = (await stream.hear()).welcome
    assert welcome.interval_s == 15
    assert abs(welcome.now.seconds - bench.now().seconds) < 60
    # The stream's orderly end is after everything before it was written.
    stream.say(health(), None)
    assert await stream.ended() == grpc.StatusCode.OK
    state = known(central)
    assert (state["site_name"], state["software_version"], state["versions"]) == (
        "MPP Magetan", "0.1.0", {"cups": "2.4"},
    )  # fmt: skip
    assert (state["in_session"], state["journal_seq"], state["open_issuances"], state["outbox"]) == (True, 7, 1, 2)
    assert state["journal_hash"] == bytes(range(32)).hex()
    assert state["devices"] == [
        {"name": "camera", "driver": "opencv", "state": "online", "details": {"picture": "covered"}}
    ]
    service, besides = state["services"]
    assert (besides["kind"], besides["availability"]) == ("VERIFY_DOCUMENT", "AVAILABLE")
    assert (service["kind"], service["availability"], service["reason"]) == (
        "KK", "UNAVAILABLE", "document_printer:hardwareError",
    )  # fmt: skip


async def test_the_last_report_counts(central: Bench, machine: Machine) -> None:
    stream = Stream(machine)
    stream.say(hello(), *(health(in_session=number % 2 == 0) for number in range(20)), None)
    await stream.hear()
    assert await stream.ended() == grpc.StatusCode.OK
    assert known(central)["in_session"] is False


async def test_a_ribbon_that_is_not_what_the_books_say_raises_one_alarm(central: Bench, machine: Machine) -> None:
    stream = Stream(machine)
    amiss = health(reason="receipt_printer:offline,ribbon:mismatch=-40,toner:mismatch=+55")
    stream.say(hello(), health(reason="ribbon:mismatch"), amiss, amiss, None)
    await stream.hear()
    assert await stream.ended() == grpc.StatusCode.OK
    store = Store(central.directory / "central.sqlite3")
    try:
        (alarm,) = store.read_now(alarms.open_ones)
    finally:
        store.close()
    assert (alarm["machine_id"], alarm["kind"]) == ("kiosk/3520/mpp-01", alarms.SUPPLY_MISMATCH)
    assert alarm["details"] == {"ribbon": "-40", "toner": "+55"}


async def test_a_new_stream_of_a_machine_ends_its_old_one(machine: Machine) -> None:
    old = Stream(machine)
    old.say(hello())
    await old.hear()
    new = Stream(machine)
    new.say(hello())
    await new.hear()
    assert await old.ended() == grpc.StatusCode.OK
    new.say(health(), None)
    assert await new.ended() == grpc.StatusCode.OK


@pytest.mark.parametrize(
    "messages",
    [
        [health()],
        [hello(), hello()],
        [pb.ConnectRequest()],
        [hello(software_version="")],
        [hello(), pb.ConnectRequest(health=pb.HealthReport())],
    ],
    ids=["health first", "two hellos", "nothing", "no version", "no time"],
)
async def test_a_stream_that_breaks_the_contract_is_ended(machine: Machine, messages: list[pb.ConnectRequest]) -> None:
    stream = Stream(machine)
    stream.say(*messages)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        [answer async for answer in stream.call]
    assert bench.reason(refused.value) == "INVALID_REQUEST"


async def test_a_machine_that_is_not_enrolled_has_no_stream(central: Bench) -> None:
    credentials = bench.stranger_credentials(central.directory, "kiosk/3520/mpp-77")
    async with central.machine(credentials) as stranger:
        stream = Stream(stranger)
        stream.say(hello())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            [answer async for answer in stream.call]
    assert bench.reason(refused.value) == "MACHINE_REFUSED"


async def test_hundreds_of_reports_at_once_are_all_kept(central: Bench) -> None:
    async with central.machine() as one, central.machine(central.directory / "other-credentials") as other:
        streams = [Stream(one), Stream(other)]
        for stream in streams:
            stream.say(hello(), *(health() for _ in range(200)), None)
            await stream.hear()
        assert [await stream.ended() for stream in streams] == [grpc.StatusCode.OK] * 2
    store = Store(central.directory / "central.sqlite3")
    kept = store.read_now(machines.all_machines)
    store.close()
    assert [machine["journal_seq"] for machine in kept] == [7, 7]


async def test_stopping_the_server_ends_streams_at_once(made: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as outlives_the_server:
        async with bench.running(bench.copy(made, tmp_path / "central")) as central:
            machine = await outlives_the_server.enter_async_context(central.machine())
            stream = Stream(machine)
            stream.say(hello())
            await stream.hear()
        assert await stream.ended() == grpc.StatusCode.OK
    assert known(central)["site_name"] == "MPP Magetan"
