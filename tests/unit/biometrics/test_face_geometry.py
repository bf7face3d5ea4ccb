"""Similarity, pose and quality are what they say."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.chips import CHIP_POINTS
from biometrics.geometry import similarity
from biometrics.pose import nose_offset, roll_deg, yaw_deg
from biometrics.quality import measure
from tests.support.faces import PEOPLE, engine, sample


@given(st.floats(0.05, 20), st.floats(-math.pi, math.pi), st.floats(-500, 500), st.floats(-500, 500))
def test_similarity_finds_scale_turn_and_shift(scale: float, turn: float, x: float, y: float) -> None:
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) * scale
    moved = (CHIP_POINTS @ matrix.T + [x, y]).astype(np.float32)
    found = similarity(moved, CHIP_POINTS)
    back = moved.astype(np.float64) @ found[:, :2].T + found[:, 2]
    assert np.abs(back - CHIP_POINTS).max() < 0.05 / min(scale, 1.0)


@pytest.mark.parametrize("points", [np.ones((5, 2), np.float32), np.full((5, 2), np.nan, np.float32)])
def test_points_without_extent_have_no_similarity(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity(points, CHIP_POINTS)


def test_pose_of_coinciding_eyes_is_refused() -> None:
    with pytest.raises(ValueError, match="eyes"):
        nose_offset(np.zeros((5, 2), np.float32))


def test_roll_follows_the_eye_line() -> None:
    points = CHIP_POINTS.copy()
    points[1] += (0, 60.74)
    assert roll_deg(points) == pytest.approx(45, abs=0.5)


@pytest.mark.parametrize("person", PEOPLE)
def test_turning_head_reads_as_a_turn_to_that_side(person: str) -> None:
    read = {}
    for yaw in (-32, -20, 0, 20, 32):
        (face,) = engine().detect(sample(person, f"yaw_{yaw:+03d}"))
        read[yaw] = yaw_deg(face.points, engine().models.yaw_factor_deg)
    assert abs(read[0]) < 6
    assert read[-32] < read[-20] < read[0] < read[20] < read[32]


def test_blur_and_darkness_show_in_the_measures() -> None:
    picture = sample("karto")
    (face,) = engine().detect(picture)
    good = measure(picture, face, 70.0)
    blurred = measure(np.asarray(cv2.GaussianBlur(picture, (0, 0), 6), np.uint8), face, 70.0)
    dark = measure((picture * 0.2).astype(np.uint8), face, 70.0)
    assert blurred.sharpness < 0.3 * good.sharpness
    assert dark.brightness < 0.3 * good.brightness
    assert good.off_center_x == pytest.approx(0.0, abs=0.05)
