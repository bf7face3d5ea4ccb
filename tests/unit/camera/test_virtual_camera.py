"""The virtual camera: what it shows, what it refuses, and that it ends what it started."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from random import Random

import cv2
import numpy as np
import pytest

from biometrics.geometry import Image
from simulator.camera import VirtualCamera
from simulator.camera.performance import FRAMES_PER_S, IDLE, Performance, turn, yaw_pose
from simulator.device import ActionRefused
from tests.support.faces import PEOPLE, SAMPLES, engine

WAIT_S = 20.0


@pytest.fixture
async def camera() -> AsyncIterator[VirtualCamera]:
    camera = VirtualCamera(SAMPLES)
    await camera.start()
    yield camera
    await camera.stop()


async def connect(camera: VirtualCamera) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(camera.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /camera.mjpg HTTP/1.1\r\nHost: x\r\n\r\n")
    return reader, writer


async def next_jpeg(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(WAIT_S):
        head = await reader.readuntil(b"Content-Length: ")
        length = int(await reader.readuntil(b"\r\n\r\n"))
        assert head
        return await reader.readexactly(length)


async def read_to_the_end(reader: asyncio.StreamReader) -> None:
    while True:
        await next_jpeg(reader)


async def pictures(camera: VirtualCamera, count: int) -> list[Image]:
    reader, writer = await connect(camera)
    jpegs = [await next_jpeg(reader) for _ in range(count)]
    writer.close()
    return [np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8) for jpeg in jpegs]


async def test_empty_place_shows_nobody(camera: VirtualCamera) -> None:
    for picture in await pictures(camera, 4):
        assert picture.shape == (480, 640, 3)
        assert engine().detect(picture) == ()


async def test_resident_stands_there_until_leaving(camera: VirtualCamera) -> None:
    await camera.actions()["stand"].run(resident="nur")
    assert camera.state()["person"] == "nur"
    (picture, *_) = await pictures(camera, 1)
    assert len(engine().detect(picture)) == 1
    await camera.actions()["leave"].run()
    assert camera.state()["person"] is None
    (picture, *_) = await pictures(camera, 1)
    assert engine().detect(picture) == ()


async def test_photograph_is_held_up_until_somebody_stands_there(camera: VirtualCamera) -> None:
    await camera.actions()["show_photo"].run(resident="mei")
    assert camera.state()["photo"] == "mei"
    assert camera.state()["person"] is None
    (picture, *_) = await pictures(camera, 1)
    assert len(engine().detect(picture)) == 1
    await camera.actions()["stand"].run(resident="mei")
    assert camera.state()["photo"] is None


async def test_eight_residents_can_stand_there(camera: VirtualCamera) -> None:
    assert camera.actions()["stand"].choices["resident"] == PEOPLE


async def test_what_makes_no_sense_is_refused(camera: VirtualCamera) -> None:
    held_up = {"show_photo", "show_code", "show_paper", "show_page", "show_receipt"}
    assert set(camera.actions()) == {"stand", *held_up}
    with pytest.raises(ActionRefused):
        await camera.actions()["stand"].run(resident="nobody")
    with pytest.raises(ActionRefused):
        await camera.actions()["show_code"].run(resident="hamid")
    for nothing_there in ("show_paper", "show_page", "show_receipt"):
        with pytest.raises(ActionRefused):
            await camera.actions()[nothing_there].run()
    with pytest.raises(KeyError):
        await camera.set_fault("on fire")


async def test_frames_are_never_twice_the_same_unless_frozen(camera: VirtualCamera) -> None:
    reader, writer = await connect(camera)
    healthy = [await next_jpeg(reader) for _ in range(6)]
    assert all(one != other for one, other in itertools.pairwise(healthy))
    await camera.set_fault("frozen")
    await next_jpeg(reader)
    await next_jpeg(reader)
    frozen = [await next_jpeg(reader) for _ in range(4)]
    assert len(set(frozen)) == 1
    writer.close()


async def test_unplugged_camera_ends_its_connections_and_takes_none(camera: VirtualCamera) -> None:
    reader, writer = await connect(camera)
    await next_jpeg(reader)
    url = camera.url
    await camera.set_fault("unplugged")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await read_to_the_end(reader)
    writer.close()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await pictures(camera, 1)
    await camera.set_fault(None)
    assert camera.url == url
    assert len(await pictures(camera, 1)) == 1


async def test_corrupted_frames_are_damaged(camera: VirtualCamera) -> None:
    await camera.actions()["stand"].run(resident="mei")
    await camera.set_fault("corrupted")
    reader, writer = await connect(camera)
    jpeg = await next_jpeg(reader)
    writer.close()
    assert not jpeg.endswith(b"\xff\xd9")


async def test_nobody_looking_costs_no_frames(camera: VirtualCamera) -> None:
    reader, writer = await connect(camera)
    await next_jpeg(reader)
    assert camera.state()["watchers"] == 1
    writer.transport.abort()
    async with asyncio.timeout(WAIT_S):
        while camera.state()["watchers"]:  # noqa: ASYNC110 - the device has no event for it
            await asyncio.sleep(0.01)


async def test_stop_ends_connections_and_may_be_called_twice() -> None:
    camera = VirtualCamera(SAMPLES)
    await camera.start()
    reader, writer = await connect(camera)
    await next_jpeg(reader)
    await camera.stop()
    await camera.stop()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await read_to_the_end(reader)
    writer.close()


async def test_garbage_request_is_dropped(camera: VirtualCamera) -> None:
    port = int(camera.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\0" * 100_000)
    async with asyncio.timeout(WAIT_S):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
    writer.close()


def test_standing_still_is_a_small_drift_with_a_blink() -> None:
    performance = Performance(began_s=50.0)
    seen = [performance.pose(50.0 + i / FRAMES_PER_S + 0.001) for i in range(len(IDLE))]
    assert tuple(seen) == IDLE
    assert {pose for pose in seen if pose.startswith("yaw")} == {yaw_pose(yaw) for yaw in (-8, -4, 0, 4, 8)}
    assert "blink_closed" in seen


@pytest.mark.parametrize(("to_own_left", "furthest", "other"), [(True, "yaw_+36", "-"), (False, "yaw_-36", "+")])
def test_turn_goes_to_the_side_and_back(to_own_left: bool, furthest: str, other: str) -> None:
    performance = Performance(began_s=0.0)
    poses = turn(to_own_left, Random(5))
    performance.play(poses, 10.0)
    seen = [performance.pose(10.0 + (i + 0.5) / FRAMES_PER_S) for i in range(len(poses))]
    assert seen[0] == seen[-1] == "yaw_+00"
    assert furthest in seen
    assert not any(pose.startswith(f"yaw_{other}") and pose != "yaw_+00" for pose in seen)
    assert performance.pose(10.0 + (len(seen) + 0.5) / FRAMES_PER_S) in IDLE
