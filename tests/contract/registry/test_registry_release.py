"""An officer stands in for the face: a code for one resident, once, for a short time."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store import audit, schema, times
from central.store.engine import Store
from central.store.schema_entry import releases
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine


async def officer(central: Bench, *words: str) -> str:
    done = await bench.command("officer", *words, "--by", "S-07", "--config", central.directory / "central.toml")
    assert done.returncode == 0, done.stderr
    return done.stdout


async def release(central: Bench, nik: str = bench.HAMID[0]) -> str:
    """A fresh code."""
    said = await officer(central, "release", nik, "--reason", "tidak dapat menoleh")
    assert nik not in said
    code = said.split()[1]
    assert len(code) == 8
    return code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 100_000_000:08d}"


async def refused(machine: Machine, session: pb.StartSessionResponse, code: str) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await machine.release(session, code)
    return bench.reason(error.value)


async def test_a_release_code_stands_in_for_the_face_once(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    code = await release(central)
    released = await machine.release(session, code)
    assert (released.resident.name, released.resident.masked_nik) == ("HAMID SUROSO", "3520********0003")
    assert await machine.documents(released.session_token)
    assert await refused(machine, await machine.start(), code) == "RELEASE_REFUSED"


async def test_a_code_is_one_residents(central: Bench, machine: Machine) -> None:
    code = await release(central, bench.NUR[0])
    assert await refused(machine, await machine.start(bench.HAMID), code) == "RELEASE_REFUSED"
    assert (await machine.release(await machine.start(bench.NUR), code)).resident.name == "NUR HIDAYATI"


async def test_wrong_codes_are_counted_and_end_the_right_one(central: Bench, machine: Machine) -> None:
    code = await release(central)
    session = await machine.start()
    answers = await asyncio.gather(*(refused(machine, session, wrong(code)) for _ in range(5)))
    assert answers == ["RELEASE_REFUSED"] * 5
    assert await refused(machine, await machine.start(), code) == "RELEASE_REFUSED"
    assert (await machine.release(session, await release(central))).session_token


async def test_four_wrong_codes_leave_the_right_one(central: Bench, machine: Machine) -> None:
    code = await release(central)
    session = await machine.start()
    for _ in range(4):
        await refused(machine, session, wrong(code))
    assert (await machine.release(session, code)).session_token


async def test_a_code_ends_after_its_time_and_with_the_next(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    first, second = await release(central), await release(central)
    assert await refused(machine, session, first) == "RELEASE_REFUSED"
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(releases.update().values(expires_at=times.to_text(datetime.now(UTC)))))
    store.close()
    assert await refused(machine, session, second) == "RELEASE_REFUSED"


async def test_a_code_lives_a_quarter_of_an_hour(central: Bench) -> None:
    await release(central)
    store = Store(central.directory / "central.sqlite3")
    row = store.read_now(lambda c: c.execute(sa.select(releases)).one())
    store.close()
    assert times.from_text(row.expires_at) - times.from_text(row.made_at) == timedelta(minutes=15)


async def test_no_session_no_release(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    code = await release(central)
    async with central.machine(central.directory / "other-credentials") as other:
        assert await refused(other, session, code) == "SESSION_EXPIRED"
    await machine.registry.EndSession(pb.EndSessionRequest(session_id=session.session_id))
    assert await refused(machine, session, code) == "SESSION_EXPIRED"


@pytest.mark.parametrize("command", ["release", "unlock"])
async def test_an_officer_ends_the_locks_of_face_and_pin(central: Bench, machine: Machine, command: str) -> None:
    token, pin = central.code("hamid")
    session = await machine.start()
    for _ in range(3):
        await machine.show(session, central.template(bench.NUR))
        with pytest.raises(grpc.aio.AioRpcError):
            await machine.scan(token, wrong(pin)[-6:])
    await officer(central, command, bench.HAMID[0], *(["--reason", "x"] if command == "release" else []))
    assert (await machine.start()).attempts_left == 3
    assert (await machine.scan(token, pin)).session_id
    assert "was not locked" in await officer(central, "unlock", bench.HAMID[0])


async def test_everything_an_officer_does_is_in_the_audit_chain(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    await machine.show(session, central.template(bench.NUR))
    await officer(central, "unlock", bench.HAMID[0])
    code = await release(central)
    await refused(machine, session, wrong(code))
    await machine.release(session, code)
    store = Store(central.directory / "central.sqlite3")
    rows = store.read_now(lambda c: list(c.execute(sa.select(schema.audit).order_by("seq"))))
    assert store.read_now(audit.first_broken) is None
    store.close()
    assert [(row.machine_id, row.event) for row in rows if row.event != "stock"] == [
        ("kiosk/3520/mpp-01", "face_refused"),
        ("officer/S-07", "unlocked"),
        ("officer/S-07", "release_made"),
        ("kiosk/3520/mpp-01", "release_refused"),
        ("kiosk/3520/mpp-01", "released"),
    ]
    assert json.loads(rows[-1].details)["staff"] == "S-07"
    assert all(code not in row.details and bench.HAMID[0] not in row.details for row in rows)


async def test_nobody_is_released_who_is_unknown_or_without_a_reason(central: Bench) -> None:
    config = ("--by", "S-07", "--config", central.directory / "central.toml")
    unknown = await bench.command("officer", "release", "3520061708780009", "--reason", "x", *config)
    assert (unknown.returncode, unknown.stderr) == (2, "central: no living resident with this NIK\n")
    silent = await bench.command("officer", "release", bench.HAMID[0], "--reason", " ", *config)
    assert silent.returncode == 2
