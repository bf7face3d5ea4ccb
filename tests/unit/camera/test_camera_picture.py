"""Covered, dark, overexposed and frozen pictures are named; ordinary ones are not."""

import numpy as np
import pytest

from biometrics.geometry import Image
from drivers.camera.picture import FROZEN_AFTER_S, PictureFault, PictureWatch
from tests.support.faces import PEOPLE, sample


def noisy(level: float, deviation: float, seed: int = 1) -> Image:
    values = np.random.default_rng(seed).normal(level, deviation, (480, 640, 3))
    return np.clip(values, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("pose", ["yaw_+00", "light_dim", "light_side"])
def test_ordinary_picture_is_well(person: str, pose: str) -> None:
    assert PictureWatch().update(sample(person, pose), 1.0) is None


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (noisy(6, 2), PictureFault.COVERED),
        (np.zeros((480, 640, 3), np.uint8), PictureFault.COVERED),
        (noisy(120, 2), PictureFault.COVERED),
        ((sample("hamid") * 0.12).astype(np.uint8), PictureFault.DARK),
        (np.clip(sample("hamid").astype(int) + 190, 0, 255).astype(np.uint8), PictureFault.OVEREXPOSED),
        (np.full((480, 640, 3), 255, np.uint8), PictureFault.OVEREXPOSED),
    ],
    ids=["hand", "black", "cap", "night", "sun", "white"],
)
def test_useless_picture_is_named(picture: Image, fault: PictureFault) -> None:
    assert PictureWatch().update(picture, 1.0) is fault


def test_same_picture_for_long_is_frozen_and_the_next_one_is_not() -> None:
    watch = PictureWatch()
    seen = {at: watch.update(sample("mei"), at / 10) for at in range(50)}
    first = min(at for at, fault in seen.items() if fault is PictureFault.FROZEN)
    assert first / 10 == pytest.approx(FROZEN_AFTER_S, abs=0.11)
    assert watch.update(sample("mei", "yaw_+04"), 5.1) is None


def test_still_scene_with_sensor_noise_is_not_frozen() -> None:
    watch = PictureWatch()
    for i in range(200):
        still = sample("mei").astype(np.int16)
        still[::8, ::8] += np.random.default_rng(i).integers(-1, 2, still[::8, ::8].shape, np.int16)
        assert watch.update(np.clip(still, 0, 255).astype(np.uint8), i / 15) is None


def test_two_equal_frames_of_a_slow_camera_are_not_frozen() -> None:
    watch = PictureWatch()
    assert watch.update(sample("mei"), 0.0) is None
    assert watch.update(sample("mei"), 5.0) is None
