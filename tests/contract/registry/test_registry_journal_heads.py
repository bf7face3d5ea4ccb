"""Journal heads: signed by the machine, kept by central, never taken back."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from adm.fleet.v1 import fleet_pb2 as pb
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from central import alarms
from central.fleet import machines
from central.fleet.heads import signed_bytes
from central.fleet.table import render
from central.registry.service import utc_now
from central.store.engine import Store
from tests.contract.registry.test_registry_fleet import Stream, health, hello
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine

FIRST, SECOND, OTHER = bytes([1]) * 32, bytes([2]) * 32, bytes([9]) * 32


def signed(central: Bench, seq: int, entry_hash: bytes, folder: str = "kiosk-credentials") -> pb.JournalHead:
    key = load_pem_private_key((central.directory / folder / "key.pem").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(signed_bytes(seq, entry_hash), ec.ECDSA(SHA256()))
    return pb.JournalHead(seq=seq, hash=entry_hash, signature=signature)


async def said(machine: Machine, *heads: pb.JournalHead) -> list[tuple[int, bytes]]:
    """What central keeps, as it answers to these heads."""
    stream = Stream(machine)
    stream.say(hello(), *(health(journal=head) for head in heads), None)
    await stream.hear()
    kept = []
    while (answer := await stream.call.read()) is not grpc.aio.EOF:
        assert isinstance(answer, pb.ConnectResponse)
        kept.append((answer.journal_kept.seq, answer.journal_kept.hash))
    return kept


def look(central: Bench) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    store = Store(central.directory / "central.sqlite3")
    try:
        (mine, _) = store.read_now(machines.all_machines)
        return mine, store.read_now(alarms.open_ones)
    finally:
        store.close()


async def test_signed_heads_are_kept_and_acknowledged(central: Bench, machine: Machine) -> None:
    first, second = signed(central, 1, FIRST), signed(central, 5, SECOND)
    assert await said(machine, first, second, second) == [(1, FIRST), (5, SECOND), (5, SECOND)]
    state, open_alarms = look(central)
    assert (state["kept_seq"], state["kept_hash"], open_alarms) == (5, SECOND.hex(), [])
    assert "5 020202020202, kept" in render([state], utc_now(), stale_s=60)


async def test_an_unsigned_head_is_shown_and_not_acknowledged(central: Bench, machine: Machine) -> None:
    assert await said(machine, pb.JournalHead(seq=5, hash=FIRST), pb.JournalHead()) == []
    state, open_alarms = look(central)
    assert (state["kept_seq"], open_alarms) == (None, [])


@pytest.mark.parametrize(
    "wrong", ["another's key", "another number", "another hash", "no signature at all", "no entry"]
)
async def test_a_head_with_a_wrong_signature_is_not_kept(central: Bench, machine: Machine, wrong: str) -> None:
    head = signed(central, 5, FIRST)
    match wrong:
        case "another's key":
            head = signed(central, 5, FIRST, "other-credentials")
        case "another number":
            head.seq = 6
        case "another hash":
            head.hash = SECOND
        case "no entry":
            head = signed(central, 0, b"")
        case _:
            head.signature = b"rubbish"
    assert await said(machine, head) == []
    assert look(central)[0]["kept_seq"] is None
    assert await said(machine, signed(central, 5, FIRST)) == [(5, FIRST)]


@pytest.mark.parametrize(("seq", "kind"), [(5, "journal_contradicts"), (4, "journal_went_back")])
async def test_a_head_that_cannot_follow_the_kept_one_raises_one_alarm(
    central: Bench, machine: Machine, seq: int, kind: str
) -> None:
    wrong = signed(central, seq, OTHER)
    assert await said(machine, signed(central, 5, FIRST), wrong, wrong) == [(5, FIRST)]
    state, open_alarms = look(central)
    assert (state["kept_seq"], state["kept_hash"]) == (5, FIRST.hex())
    (alarm,) = open_alarms
    assert (alarm["machine_id"], alarm["kind"]) == ("kiosk/3520/mpp-01", kind)
    assert (alarm["details"]["kept_hash"], alarm["details"]["hash"]) == (FIRST.hex(), OTHER.hex())
    # A journal that goes on from where it was is kept again; the alarm waits for a person.
    assert await said(machine, signed(central, 6, SECOND)) == [(6, SECOND)]
    assert len(look(central)[1]) == 1


async def test_machines_keep_heads_of_their_own(central: Bench, machine: Machine) -> None:
    await said(machine, signed(central, 5, FIRST))
    async with central.machine(central.directory / "other-credentials") as other:
        assert await said(other, signed(central, 2, OTHER, "other-credentials")) == [(2, OTHER)]


async def test_a_number_beyond_any_journal_ends_the_stream_and_no_others_report(
    central: Bench, machine: Machine
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await said(machine, pb.JournalHead(seq=2**64 - 1, hash=FIRST))
    assert bench.reason(refused.value) == "INVALID_REQUEST"


async def test_a_person_clears_an_alarm_and_says_that_the_journal_is_new(
    central: Bench, machine: Machine, tmp_path: Path
) -> None:
    config = str(central.directory / "central.toml")
    await said(machine, signed(central, 5, FIRST), signed(central, 1, OTHER))
    listed = json.loads((await bench.command("alarms", "--json", "--config", config)).stdout)
    assert [alarm["kind"] for alarm in listed] == ["journal_went_back"]
    wrong = await bench.command("alarms", "clear", "none", "--by", "S-07", "--config", config)
    assert (wrong.returncode, wrong.stderr) == (2, "central: no such alarm is open: none\n")
    cleared = await bench.command(
        "alarms", "clear", listed[0]["alarm_id"], "--by", "S-07", "--new-journal", "--config", config
    )
    assert cleared.returncode == 0, cleared.stderr
    assert (await bench.command("alarms", "--config", config)).stdout == "no alarms\n"
    assert await said(machine, signed(central, 1, OTHER)) == [(1, OTHER)]
