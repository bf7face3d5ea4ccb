"""Sample residents and the loaded engine, for every test that looks at faces."""

import functools
import os
from pathlib import Path

import cv2
import numpy as np

from biometrics.engine import FaceEngine, Template
from biometrics.geometry import Image

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
PEOPLE = ("bagus", "hamid", "karto", "mei", "nur", "sumi", "tiara", "yosef")


def models_dir() -> Path:
    """Where the model files are: ADM_MODELS, else where the launcher puts them."""
    return Path(os.environ.get("ADM_MODELS", ROOT / ".adm" / "models"))


@functools.cache
def engine() -> FaceEngine:
    """One engine for the whole test process."""
    return FaceEngine(models_dir())


@functools.cache
def sample(person: str, pose: str = "yaw_+00") -> Image:
    """A sample picture, BGR; not to be written to."""
    picture = cv2.imread(str(SAMPLES / "faces" / person / f"{pose}.jpg"))
    assert picture is not None, f"there is no sample {person}/{pose}"
    picture.flags.writeable = False
    return np.asarray(picture, np.uint8)


@functools.cache
def reference(person: str) -> Template:
    """Template of the enrolment portrait."""
    template = engine().still_template(sample(person, "portrait"))
    assert template is not None
    return template


def beside(*pictures: Image) -> Image:
    """Pictures side by side in one."""
    return np.ascontiguousarray(np.hstack(pictures))


def empty_picture(width: int = 360, height: int = 480) -> Image:
    """A wall without anybody."""
    shade = np.linspace(200, 150, height, dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(shade[:, None, None], (height, width, 3)))
