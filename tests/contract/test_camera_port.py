"""What every camera does, whatever is behind its wire: the simulator's stream, a file, a real device."""

import gc
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from drivers.camera.opencv import Settings, create
from drivers.camera.port import Camera, CameraStatus
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded
from drivers.status import DeviceState
from tests.support.camera import Hand, running_camera
from tests.support.faces import sample

WAIT_S = 30.0


@pytest.fixture
def hand() -> Iterator[Hand]:
    with running_camera() as hand:
        yield hand


def film(path: Path) -> str:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (480, 640))
    for yaw in range(-16, 17, 4):
        writer.write(sample("hamid", f"yaw_{yaw:+03d}"))
    writer.release()
    return str(path)


@pytest.fixture(params=["stream", "file", pytest.param("device", marks=pytest.mark.hardware)])
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camera]:
    if request.param == "stream":
        source = request.getfixturevalue("hand").url
    elif request.param == "file":
        source = film(tmp_path / "film.avi")
    else:
        source = os.environ.get("ADM_CAMERA", "")
        if not source:
            pytest.skip("ADM_CAMERA names no device")
    camera = create(Settings(source=source))
    yield camera
    camera.close()


def until(camera: Camera, holds: Callable[[CameraStatus], bool]) -> CameraStatus:
    """The first status for which it holds."""
    deadline = Deadline.after(WAIT_S)
    while not holds(status := camera.status()):
        assert not deadline.expired, f"still {status}"
        time.sleep(0.01)
    return status


def test_frames_come_numbered_and_in_time_order(camera: Camera) -> None:
    camera.open(Deadline.after(WAIT_S))
    first = camera.newest(0, Deadline.after(WAIT_S))
    second = camera.newest(first.number, Deadline.after(WAIT_S))
    assert second.number > first.number >= 1
    assert first.at_s < second.at_s <= time.monotonic()
    assert first.bgr.shape == second.bgr.shape
    assert first.bgr.ndim == 3
    assert camera.status().device is DeviceState.ONLINE


def test_only_the_newest_frame_is_kept(camera: Camera) -> None:
    camera.open(Deadline.after(WAIT_S))
    first = camera.newest(0, Deadline.after(WAIT_S))
    later = camera.newest(first.number + 4, Deadline.after(WAIT_S))
    assert camera.newest(first.number, Deadline.after(WAIT_S)).number >= later.number


def test_frame_that_never_comes_ends_at_the_deadline(camera: Camera) -> None:
    camera.open(Deadline.after(WAIT_S))
    with pytest.raises(DeadlineExceeded):
        camera.newest(10**9, Deadline.after(0.05))


def test_closed_camera_gives_no_frame_and_opens_again(camera: Camera) -> None:
    camera.open(Deadline.after(WAIT_S))
    camera.newest(0, Deadline.after(WAIT_S))
    camera.close()
    camera.close()
    with pytest.raises(DeadlineExceeded):
        camera.newest(0, Deadline.after(WAIT_S))
    camera.open(Deadline.after(WAIT_S))
    camera.open(Deadline.after(WAIT_S))
    assert camera.newest(0, Deadline.after(WAIT_S)).number >= 1


def test_probe_says_that_a_closed_camera_is_there(camera: Camera) -> None:
    assert camera.status().device is DeviceState.STARTING
    assert camera.probe(Deadline.after(WAIT_S)).device is DeviceState.ONLINE
    assert camera.status().device is DeviceState.ONLINE


@pytest.mark.parametrize(
    "source", [99, "/dev/v4l/by-id/not-there", "/dev/null", "not-there.avi", "http://127.0.0.1:9/x", "http://[bad"]
)
def test_camera_that_is_not_there_is_a_status_and_no_error(source: int | str) -> None:
    camera = create(Settings(source=source))
    assert camera.probe(Deadline.after(WAIT_S)).device is DeviceState.NO_DEVICE
    camera.open(Deadline.after(WAIT_S))
    assert camera.status().device is DeviceState.NO_DEVICE
    with pytest.raises(DeadlineExceeded):
        camera.newest(0, Deadline.after(0.05))
    camera.close()


def test_unplugged_camera_comes_back_by_itself(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    before = camera.newest(0, Deadline.after(WAIT_S)).number
    hand.set_fault("unplugged")
    until(camera, lambda status: status.device is DeviceState.NO_DEVICE)
    hand.set_fault(None)
    until(camera, lambda status: status.device is DeviceState.ONLINE)
    assert camera.newest(before, Deadline.after(WAIT_S)).number > before
    camera.close()


def test_unplugged_camera_is_found_out_while_closed(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    hand.set_fault("unplugged")
    assert camera.probe(Deadline.after(WAIT_S)).device is DeviceState.NO_DEVICE
    hand.set_fault(None)
    assert camera.probe(Deadline.after(WAIT_S)).device is DeviceState.ONLINE


@pytest.mark.parametrize("fault", ["covered", "dark"])
def test_useless_picture_is_named_until_it_is_well_again(hand: Hand, fault: str) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    hand.set_fault(fault)
    status = until(camera, lambda status: bool(status.details))
    assert status == CameraStatus(DeviceState.ONLINE, {"picture": fault})
    hand.set_fault(None)
    until(camera, lambda status: not status.details)
    camera.close()


def test_frozen_picture_is_a_hardware_error(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    hand.set_fault("frozen")
    status = until(camera, lambda status: bool(status.details))
    assert status == CameraStatus(DeviceState.HARDWARE_ERROR, {"picture": "frozen"})
    hand.set_fault(None)
    until(camera, lambda status: status == CameraStatus(DeviceState.ONLINE, {}))
    camera.close()


def test_damaged_frames_end_nothing(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    hand.set_fault("corrupted")
    number = camera.newest(0, Deadline.after(WAIT_S)).number
    hand.set_fault(None)
    until(camera, lambda status: status.device is DeviceState.ONLINE)
    assert camera.newest(number, Deadline.after(WAIT_S)).bgr.shape == (480, 640, 3)
    camera.close()


@pytest.mark.parametrize(
    ("rotate_deg", "shape"), [(0, (640, 480)), (90, (480, 640)), (180, (640, 480)), (270, (480, 640))]
)
def test_camera_on_its_side_is_turned_upright(tmp_path: Path, rotate_deg: int, shape: tuple[int, int]) -> None:
    camera = create(Settings.model_validate({"source": film(tmp_path / "film.avi"), "rotate_deg": rotate_deg}))
    camera.open(Deadline.after(WAIT_S))
    assert camera.newest(0, Deadline.after(WAIT_S)).bgr.shape[:2] == shape
    camera.close()


def test_closing_ends_a_waiting_reader(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    outcome: list[str] = []

    def wait() -> None:
        try:
            camera.newest(10**9, Deadline.after(WAIT_S * 2))
        except DeadlineExceeded:
            outcome.append("ended")

    reader = threading.Thread(target=wait)
    reader.start()
    camera.close()
    reader.join(WAIT_S)
    assert outcome == ["ended"]


def test_no_frame_is_kept_after_close(hand: Hand) -> None:
    camera = create(Settings(source=hand.url))
    camera.open(Deadline.after(WAIT_S))
    frame = weakref.ref(camera.newest(0, Deadline.after(WAIT_S)).bgr)
    camera.close()
    gc.collect()
    assert frame() is None
