"""Runs the camera driver on a V4L2 device through being there, unplugged and back; prints what it saw as JSON.

Usage, with the shim preloaded: v4l2_walk.py DEVICE FOLDER
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from drivers.camera.opencv import Settings, create
from drivers.camera.port import Camera
from drivers.deadline import Deadline
from drivers.status import DeviceState

WAIT_S = 20.0


def until(camera: Camera, holds: Callable[[DeviceState], bool]) -> str:
    """The first state for which it holds."""
    deadline = Deadline.after(WAIT_S)
    while not holds(state := camera.status().device):
        deadline.check("camera state")
        time.sleep(0.01)
    return state.value


def main(device: str, folder: Path) -> None:
    """Walk through it."""
    camera, saw = create(Settings(source=device, width_px=640, height_px=480)), dict[str, object]()
    saw["probed"] = camera.probe(Deadline.after(WAIT_S)).device.value
    if saw["probed"] != DeviceState.ONLINE:
        raise SystemExit(f"{device} is {saw['probed']}")
    camera.open(Deadline.after(WAIT_S))
    first = camera.newest(0, Deadline.after(WAIT_S))
    later = camera.newest(first.number + 3, Deadline.after(WAIT_S))
    saw["shape"] = first.bgr.shape
    saw["means"] = sorted({round(float(frame.bgr.mean())) for frame in (first, later)})
    (folder / "unplugged").touch()
    saw["unplugged"] = until(camera, lambda state: state is DeviceState.NO_DEVICE)
    (folder / "unplugged").unlink()
    saw["back"] = until(camera, lambda state: state is DeviceState.ONLINE)
    saw["after"] = camera.newest(later.number, Deadline.after(WAIT_S)).number > later.number
    camera.close()
    (folder / "unplugged").touch()
    saw["probed_unplugged"] = camera.probe(Deadline.after(WAIT_S)).device.value
    print(json.dumps(saw))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
