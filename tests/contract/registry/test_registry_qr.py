"""Without a card: a QR code and its PIN begin a session; the face still decides."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store import times
from central.store.engine import Store
from central.store.schema import residents
from central.store.schema_entry import qr_codes
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06d}"


def change(central: Bench, **values: object) -> None:
    """Change every code in the registry."""
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(qr_codes.update().values(**values)))
    store.close()


async def refused(machine: Machine, token: str, pin: str) -> tuple[str, dict[str, str]]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await machine.scan(token, pin)
    return bench.reason(error.value), dict(bench.info(error.value).metadata)


async def test_a_code_and_its_pin_begin_a_session_like_a_cards(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    assert token.startswith("ADM1:")
    by_card, session = await machine.start(), await machine.scan(token.removeprefix("ADM1:"), pin)
    assert (session.face_model_id, session.attempts_left) == (by_card.face_model_id, by_card.attempts_left)
    verified = await machine.show(session, central.template())
    assert verified.resident.name == "HAMID SUROSO"
    assert await machine.documents(verified.session_token)
    # The whole text of the code does as well, and the code is good again.
    assert (await machine.scan(token, pin)).session_id != session.session_id


async def test_another_persons_code_is_that_persons_session_and_the_face_refuses(
    central: Bench, machine: Machine
) -> None:
    session = await machine.scan(*central.code("nur"))
    assert not (await machine.show(session, central.template(bench.HAMID))).match
    assert (await machine.show(session, central.template(bench.NUR))).resident.name == "NUR HIDAYATI"


async def test_a_code_that_is_none_of_ours_is_told(central: Bench, machine: Machine) -> None:
    _, pin = central.code("hamid")
    assert await refused(machine, "ADM1:" + "A" * 32, pin) == ("QR_UNKNOWN", {})


async def test_wrong_pins_are_counted_and_lock_the_code_on_every_machine(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    assert await refused(machine, token, wrong(pin)) == ("PIN_WRONG", {"attempts_left": "2"})
    assert await refused(machine, token, wrong(pin)) == ("PIN_WRONG", {"attempts_left": "1"})
    reason, metadata = await refused(machine, token, wrong(pin))
    assert reason == "PIN_LOCKED"
    until = datetime.fromisoformat(metadata["locked_until"])
    assert 14 * 60 < (until - datetime.now(UTC)).total_seconds() <= 15 * 60
    async with central.machine(central.directory / "other-credentials") as other:
        assert await refused(other, token, pin) == ("PIN_LOCKED", metadata)
    assert (await machine.scan(*central.code("nur"))).session_id


async def test_pins_tried_at_the_same_moment_are_counted_one_by_one(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    answers = await asyncio.gather(*(refused(machine, token, wrong(pin)) for _ in range(8)))
    reasons = [reason for reason, _ in answers]
    assert (reasons.count("PIN_WRONG"), reasons.count("PIN_LOCKED")) == (2, 6)


async def test_a_right_pin_forgives_the_wrong_ones_and_so_does_time(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    await refused(machine, token, wrong(pin))
    await machine.scan(token, pin)
    assert (await refused(machine, token, wrong(pin)))[1] == {"attempts_left": "2"}
    change(central, last_failed_at=times.to_text(datetime.now(UTC) - timedelta(seconds=901)))
    assert (await refused(machine, token, wrong(pin)))[1] == {"attempts_left": "2"}


async def test_a_lock_ends_and_all_attempts_are_back(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    for _ in range(3):
        await refused(machine, token, wrong(pin))
    past = times.to_text(datetime.now(UTC) - timedelta(seconds=901))
    change(central, last_failed_at=past, locked_until=times.to_text(datetime.now(UTC)))
    assert (await refused(machine, token, wrong(pin)))[1] == {"attempts_left": "2"}


async def test_an_expired_code_is_told_before_its_pin_is_tried(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    change(central, expires_at=times.to_text(datetime.now(UTC)))
    assert await refused(machine, token, wrong(pin)) == ("QR_EXPIRED", {})
    assert await refused(machine, token, pin) == ("QR_EXPIRED", {})


async def test_a_code_for_once_is_used_by_the_right_pin_only(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    change(central, once=True)
    await refused(machine, token, wrong(pin))
    answers = await asyncio.gather(*(machine.scan(token, pin) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, pb.StartSessionResponse) for answer in answers) == 1
    assert {bench.reason(a) for a in answers if isinstance(a, grpc.aio.AioRpcError)} == {"QR_USED"}


async def test_a_locked_face_is_locked_with_a_code_too(central: Bench, machine: Machine) -> None:
    session = await machine.scan(*central.code("hamid"))
    for _ in range(3):
        await machine.show(session, central.template(bench.NUR))
    assert (await refused(machine, *central.code("hamid")))[0] == "FACE_LOCKED"


async def test_a_dead_residents_code_begins_nothing(central: Bench, machine: Machine) -> None:
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(residents.update().values(died_on=datetime.now(UTC).date())))
    store.close()
    assert (await refused(machine, *central.code("hamid")))[0] == "UNKNOWN_RESIDENT"


async def test_neither_token_nor_pin_is_kept(central: Bench, machine: Machine) -> None:
    token, pin = central.code("hamid")
    await machine.scan(token, pin)
    store = Store(central.directory / "central.sqlite3")
    rows = store.read_now(lambda c: list(c.execute(sa.select(qr_codes))))
    store.close()
    assert len({row.pin_hash for row in rows}) == len({row.pin_salt for row in rows}) == 8
    for file in central.directory.glob("central.sqlite3*"):
        assert token.removeprefix("ADM1:").encode() not in file.read_bytes()


async def test_an_operator_issues_a_code_and_the_one_before_ends(
    central: Bench, machine: Machine, tmp_path: Path
) -> None:
    config = central.directory / "central.toml"
    file = tmp_path / "code.png"
    made = await bench.command(
        "qr", "issue", bench.HAMID[0], "--out", file, "--valid-days", "3", "--once", "--config", config
    )
    assert made.returncode == 0, made.stderr
    assert bench.HAMID[0] not in made.stdout
    words = made.stdout.split()
    pin = words[words.index("PIN") + 1]
    assert f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}, good for once" in made.stdout
    assert file.stat().st_mode & 0o077 == 0
    assert (await refused(machine, *central.code("hamid")))[0] == "QR_EXPIRED"
    assert (await machine.scan(bench.read_code(file), pin)).session_id
    assert (await refused(machine, bench.read_code(file), pin))[0] == "QR_USED"


@pytest.mark.parametrize(
    ("nik", "out", "expected"),
    [
        ("3520061708780009", "code.png", "central: no living resident with this NIK\n"),
        (bench.HAMID[0], "no-such-folder/code.png", "No such file or directory\n"),
    ],
)
async def test_a_code_that_cannot_be_made_ends_none(
    central: Bench, machine: Machine, tmp_path: Path, nik: str, out: str, expected: str
) -> None:
    config = central.directory / "central.toml"
    made = await bench.command("qr", "issue", nik, "--out", tmp_path / out, "--config", config)
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.endswith(expected)
    assert (await machine.scan(*central.code("hamid"))).session_id
