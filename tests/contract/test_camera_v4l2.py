"""The production path: OpenCV's V4L2 code on a device, which a preloaded shim plays inside the process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.faces import ROOT

DEVICE = "/dev/v4l/by-id/usb-ADM_Test_Camera-video-index0"
SUPPORT = ROOT / "tests" / "support"


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("shim") / "v4l2_shim.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library)]
    subprocess.run([*command, str(SUPPORT / "v4l2_shim.c"), "-ldl"], check=True, timeout=60)
    return library


def walk(shim: Path | None, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "ADM_V4L2_DEVICE": DEVICE,
        "ADM_V4L2_FRAMES": str(folder),
        "PYTHONPATH": str(ROOT),
        **more,
    }
    if shim is not None:
        environment["LD_PRELOAD"] = str(shim)
    return subprocess.run(
        [sys.executable, str(SUPPORT / "v4l2_walk.py"), DEVICE, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_v4l2_camera_gives_frames_goes_and_comes_back(shim: Path, tmp_path: Path) -> None:
    for number, level in enumerate((60, 120, 180)):
        picture = np.full((480, 640, 3), level, np.uint8)
        picture[100:300, 200:400] = 255 - level
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), picture)
    done = walk(shim, tmp_path)
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout)
    assert saw["probed"] == "online"
    assert saw["shape"] == [480, 640, 3]
    assert saw["means"]
    assert saw["unplugged"] == "noDevice"
    assert saw["back"] == "online"
    assert saw["after"] is True
    assert saw["probed_unplugged"] == "noDevice"


def test_metadata_node_of_a_camera_is_no_camera(shim: Path, tmp_path: Path) -> None:
    done = walk(shim, tmp_path, ADM_V4L2_METADATA="1")
    assert done.returncode != 0
    assert f"{DEVICE} is noDevice" in done.stderr


def test_without_the_device_the_walk_fails(tmp_path: Path) -> None:
    done = walk(None, tmp_path)
    assert done.returncode != 0
    assert f"{DEVICE} is noDevice" in done.stderr
