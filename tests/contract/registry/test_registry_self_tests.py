"""Self-tests at central: the machine's own are kept, somebody else's are not; one that is asked for is told once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from adm.fleet.v1 import fleet_pb2 as pb
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from central.fleet import machines, self_tests, table
from central.store.engine import Store
from selftest.report import canonical
from tests.contract.registry.test_registry_fleet import Stream, health, hello
from tests.unit.central.bench import Bench, Machine

MACHINE = "kiosk/3520/mpp-01"
NOW = datetime.now(UTC)


def report(central: Bench, began_at: datetime = NOW, key: str = "kiosk-credentials", **said: Any) -> pb.ConnectRequest:
    content = {
        "machine_id": MACHINE,
        "level": "quick",
        "began_at": began_at.isoformat(),
        "well": False,
        "checks": [{"device": "camera", "outcome": "fail"}, {"device": "sam", "outcome": "pass"}],
        **said,
    }
    signer = load_pem_private_key((central.directory / key / "key.pem").read_bytes(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    text = canonical(content)
    message = pb.SelfTestReport(
        level=pb.SELF_TEST_LEVEL_QUICK if content["level"] == "quick" else pb.SELF_TEST_LEVEL_FULL,
        well=bool(content["well"]),
        report=text,
        signature=signer.sign(text, ec.ECDSA(SHA256())),
    )
    message.began_at.FromDatetime(began_at)
    return pb.ConnectRequest(self_test=message)


async def said(machine: Machine, *messages: pb.ConnectRequest) -> list[str]:
    """Which messages central answers with, until the end of the stream."""
    stream = Stream(machine)
    stream.say(hello(), *messages, health(), None)
    answers: list[str] = []
    while (answer := await stream.call.read()) is not grpc.aio.EOF:
        assert isinstance(answer, pb.ConnectResponse)
        answers.append(answer.WhichOneof("message") or "")
    return answers


def known(central: Bench) -> dict[str, Any]:
    store = Store(central.directory / "central.sqlite3")
    try:
        return {m["machine_id"]: m for m in store.read_now(machines.all_machines)}[MACHINE]
    finally:
        store.close()


async def test_the_newest_report_of_each_level_is_kept_and_shown(central: Bench, machine: Machine) -> None:
    full = report(central, NOW - timedelta(days=40), level="full", well=True, checks=[])
    await said(machine, full, report(central), report(central, NOW - timedelta(days=1), well=True, checks=[]))
    state = known(central)
    assert [(one["level"], one["well"]) for one in state["self_tests"]] == [("full", True), ("quick", False)]
    assert table.self_test(state, NOW, full_test_days=60) == "NOT WELL: camera"
    assert table.self_test(state, NOW, full_test_days=31) == "NOT WELL: camera, full test EXPIRED"


@pytest.mark.parametrize(
    "wrong",
    [
        {"machine_id": "kiosk/3520/mpp-02"},
        {"key": "foreign"},
        {"began_at": NOW + timedelta(days=2)},
        {"checks": "none"},
    ],
)
async def test_what_is_not_this_machines_own_word_is_not_kept(
    central: Bench, machine: Machine, wrong: dict[str, Any]
) -> None:
    if wrong.get("key") == "foreign":
        message = report(central)
        message.self_test.report = message.self_test.report.replace(b"false", b"true")
    else:
        message = report(central, **wrong)
    # The stream goes on: a machine that says nonsense about itself is still heard.
    assert "welcome" in await said(machine, message)
    assert known(central)["self_tests"] == []


async def test_a_machine_is_asked_once(central: Bench, machine: Machine) -> None:
    store = Store(central.directory / "central.sqlite3")
    try:
        for _ in range(2):
            store.write_now(lambda connection: self_tests.ask(connection, MACHINE, "A-1", NOW))
    finally:
        store.close()
    stream = Stream(machine)
    stream.say(hello(), health())
    heard = ""
    async with asyncio.timeout(20):
        while heard != "run_self_test":
            heard = (await stream.hear()).WhichOneof("message") or ""
            # What was asked for is looked up once a second.
            await asyncio.sleep(0.2)
            stream.say(health())
    stream.say(None)
    assert "run_self_test" not in await said(machine)
