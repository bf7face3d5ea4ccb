"""Who may call, whose card it is, whose face: the registry decides, and counts."""

import asyncio
from datetime import UTC, datetime

import cv2
import grpc
import numpy as np
import pytest
from adm.registry.v1 import registry_pb2 as pb
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.engine import FaceEngine
from central.store.engine import Store
from central.store.schema import machines
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine


async def test_the_right_person_is_greeted_and_no_portrait_comes(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    verified = await machine.show(session, central.template())
    assert (session.attempts_left, verified.match) == (3, True)
    assert (verified.resident.name, verified.resident.masked_nik) == ("HAMID SUROSO", "3520********0003")
    assert len(verified.session_token) >= 32
    assert {field.name for field in pb.Resident.DESCRIPTOR.fields} == {"name", "masked_nik"}


async def test_a_live_frame_of_the_resident_matches_and_of_another_does_not(central: Bench, machine: Machine) -> None:
    engine = FaceEngine(bench.MODELS, threads=1)

    def template(face: str) -> list[float]:
        picture = np.asarray(cv2.imread(str(bench.SAMPLES / "faces" / face / "yaw_+04.jpg")), np.uint8)
        return [float(value) for value in engine.descriptor(picture, engine.detect(picture)[0])]

    session = await machine.start()
    assert session.face_model_id == engine.model_id
    assert not (await machine.show(session, template("karto"))).match
    assert (await machine.show(session, template("hamid"))).match


async def test_best_of_several_frames_counts(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    answer = await machine.show(session, central.template(bench.NUR), central.template(), central.template(bench.NUR))
    assert answer.match


async def test_three_wrong_faces_lock_the_resident_on_every_machine(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    left = [(await machine.show(session, central.template(bench.NUR))).attempts_left for _ in range(3)]
    assert left == [2, 1, 0]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.show(session, central.template())
    assert bench.reason(refused.value) == "FACE_LOCKED"
    until = datetime.fromisoformat(bench.info(refused.value).metadata["locked_until"])
    assert 14 * 60 < (until - datetime.now(UTC)).total_seconds() <= 15 * 60
    async with central.machine(central.directory / "other-credentials") as other:
        with pytest.raises(grpc.aio.AioRpcError) as elsewhere:
            await other.start()
    assert bench.reason(elsewhere.value) == "FACE_LOCKED"
    assert (await machine.start(bench.NUR)).attempts_left == 3


async def test_attempts_at_the_same_moment_are_counted_one_by_one(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    wrong = central.template(bench.NUR)
    answers = await asyncio.gather(*(machine.show(session, wrong) for _ in range(12)), return_exceptions=True)
    counted = sorted(a.attempts_left for a in answers if isinstance(a, pb.VerifyFaceResponse))
    locked = [bench.reason(a) for a in answers if isinstance(a, grpc.aio.AioRpcError)]
    assert counted == [0, 1, 2]
    assert locked == ["FACE_LOCKED"] * 9


async def test_a_match_forgives_earlier_failures(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    await machine.show(session, central.template(bench.NUR))
    await machine.show(session, central.template())
    assert (await machine.start()).attempts_left == 3


@pytest.mark.parametrize(
    ("nik", "uid"),
    [("3520061708780009", bench.HAMID[1]), (bench.HAMID[0], bench.NUR[1]), ("3520061405140001", "04A1B2C3D4E580")],
    ids=["unknown NIK", "another's card", "a child without a card"],
)
async def test_a_card_that_is_not_on_record_is_refused_alike(machine: Machine, nik: str, uid: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.start((nik, uid))
    assert (refused.value.code(), bench.reason(refused.value)) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_RESIDENT")
    assert refused.value.details() == "no living resident with this card"


async def test_a_chip_that_no_sam_verified_is_refused_and_says_what_is_needed(machine: Machine) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.start(assurance=pb.CHIP_ASSURANCE_UNVERIFIED)
    assert bench.reason(refused.value) == "EVIDENCE_INSUFFICIENT"
    assert dict(bench.info(refused.value).metadata) == {"required": "chipSamVerified"}


async def test_somebody_who_is_not_live_is_not_compared_and_it_counts(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    for left in ("2", "1", "0"):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await machine.show(session, central.template(), liveness=0.2)
        assert bench.reason(refused.value) == "NOT_LIVE"
        assert bench.info(refused.value).metadata["attempts_left"] == left
    with pytest.raises(grpc.aio.AioRpcError) as locked:
        await machine.show(session, central.template(), liveness=0.9)
    assert bench.reason(locked.value) == "FACE_LOCKED"


async def test_a_template_of_another_model_is_refused_and_not_counted(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.show(session, central.template(), model_id="0" * 64)
    assert bench.reason(refused.value) == "MODEL_MISMATCH"
    assert (await machine.start()).attempts_left == 3


async def test_a_template_of_the_wrong_length_is_refused(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.show(session, central.template()[:64])
    assert bench.reason(refused.value) == "INVALID_REQUEST"


async def test_an_ended_session_is_gone_and_ending_it_again_is_no_error(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    token = (await machine.show(session, central.template())).session_token
    for _ in range(2):
        await machine.registry.EndSession(pb.EndSessionRequest(session_id=session.session_id))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.documents(token)
    assert bench.reason(refused.value) == "SESSION_EXPIRED"


async def test_a_session_is_no_use_to_another_machine(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    token = (await machine.show(session, central.template())).session_token
    async with central.machine(central.directory / "other-credentials") as other:
        with pytest.raises(grpc.aio.AioRpcError) as shown:
            await other.show(session, central.template())
        with pytest.raises(grpc.aio.AioRpcError) as listed:
            await other.documents(token)
        await other.registry.EndSession(pb.EndSessionRequest(session_id=session.session_id))
    assert {bench.reason(shown.value), bench.reason(listed.value)} == {"SESSION_EXPIRED"}
    assert await machine.documents(token)


async def test_every_broken_rule_is_named_and_no_value(machine: Machine) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.start(("352006170878000X", "04"))
    details = refused.value.details() or ""
    assert bench.reason(refused.value) == "INVALID_REQUEST"
    assert "chip.nik" in details
    assert "chip.uid" in details
    assert "352006170878000X" not in details


async def test_a_certificate_of_another_ca_is_refused(central: Bench) -> None:
    async with central.machine(bench.foreign_credentials(central.directory)) as impostor:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await impostor.start()
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("machine_id", "code"),
    [("kiosk/3520/mpp-77", grpc.StatusCode.PERMISSION_DENIED), ("console/3520/x", grpc.StatusCode.UNAUTHENTICATED)],
    ids=["never enrolled", "not a machine"],
)
async def test_a_stranger_with_a_good_certificate_is_refused(
    central: Bench, machine_id: str, code: grpc.StatusCode
) -> None:
    async with central.machine(bench.stranger_credentials(central.directory, machine_id)) as stranger:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stranger.start()
    assert (refused.value.code(), bench.reason(refused.value)) == (code, "MACHINE_REFUSED")


async def test_a_machine_that_was_refused_since_is_shut_out_at_once(central: Bench, machine: Machine) -> None:
    await machine.start()
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(machines.update().values(refused=True)))
    store.close()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.start()
    assert bench.reason(refused.value) == "MACHINE_REFUSED"


async def test_the_servers_health_is_told(machine: Machine) -> None:
    request = health_pb2.HealthCheckRequest(service="adm.registry.v1.RegistryService")
    stub = health_pb2_grpc.HealthStub(machine.channel)
    answer = await stub.Check(request, timeout=bench.DEADLINE_S)  # type: ignore[attr-defined]
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
